// SPDX-License-Identifier: MIT
// Reads VS Code's launch.json and tasks.json as VS Code does (comments, trailing commas, ${workspaceFolder})
// for tests/e2e/vscode.bats:
//   node vscode.js task FILE LABEL FOLDER          command line of a task, one word a line
//   node vscode.js chain FILE LABEL                labels in the order in which they run
//   node vscode.js field FILE NAME KEY FOLDER      one field of a launch configuration
'use strict';
const fs = require('fs');

// Comments outside of strings, and commas before a closing bracket.
function stripJsonc(text) {
    const bare = text.replace(/("(?:\\.|[^"\\])*")|\/\/[^\n]*|\/\*[\s\S]*?\*\//g, (all, string) => string || '');
    return bare.replace(/("(?:\\.|[^"\\])*")|,(?=\s*[\]}])/g, (all, string) => string || '');
}

function substitute(value, folder) {
    if (typeof value === 'string') return value.split('${workspaceFolder}').join(folder);
    if (Array.isArray(value)) return value.map((item) => substitute(item, folder));
    if (value && typeof value === 'object')
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, substitute(item, folder)]));
    return value;
}

function readJsonc(file, folder) {
    return substitute(JSON.parse(stripJsonc(fs.readFileSync(file, 'utf8'))), folder);
}

function find(list, key, value) {
    const found = list.find((item) => item[key] === value);
    if (!found) throw new Error(`no ${key} "${value}"`);
    return found;
}

function chain(tasks, label) {
    const task = find(tasks, 'label', label);
    return [].concat(task.dependsOn || []).flatMap((before) => chain(tasks, before)).concat(label);
}

module.exports = { readJsonc, find };

if (require.main === module) {
    const [what, file, name, ...rest] = process.argv.slice(2);
    if (what === 'task') {
        const task = find(readJsonc(file, rest[0]).tasks, 'label', name);
        if (task.type !== 'process') throw new Error('only process tasks are words as they stand');
        console.log([task.command, ...task.args].join('\n'));
    } else if (what === 'chain') {
        console.log(chain(readJsonc(file, '').tasks, name).join('\n'));
    } else if (what === 'field') {
        const value = find(readJsonc(file, rest[1]).configurations, 'name', name)[rest[0]];
        console.log(value === undefined ? '' : [].concat(value).join('\n'));
    } else {
        throw new Error(`what is ${what}?`);
    }
}
