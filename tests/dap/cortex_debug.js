// SPDX-License-Identifier: MIT
// Does what the Cortex-Debug extension does with a launch configuration, without the extension: the same OpenOCD
// command line in the same order, the same readiness line, the same GDB/MI commands one by one, a second GDB for
// live watch. Used by tests/e2e/vscode.bats:
//   node cortex_debug.js launch.json NAME FOLDER PORT [STEP...]
// STEPs come after the start: restart (the Reset button), livewatch (a second GDB), until=EXPRESSION==NUMBER
// (run until it is so), detach, or an MI or console command. Prints every line of the dialogue; a command that
// fails ends it with status 1.
'use strict';
const { spawn } = require('child_process');
const readline = require('readline');
const { readJsonc, find } = require('./vscode.js');

const DEADLINE_MS = 50000;
const READY = /Info\s:[^\n]*Listening on port \d+ for gdb connection/i;

const [file, name, folder, portText, ...steps] = process.argv.slice(2);
const port = Number(portText);
const config = find(readJsonc(file, folder).configurations, 'name', name);
const children = [];
let watch; // the second GDB, which stays to the end

function die(message) {
    console.log(`FAILED: ${message}`);
    children.forEach((child) => child.kill());
    process.exit(1);
}
setTimeout(() => die('it takes too long'), DEADLINE_MS).unref();

// Stands for CDLiveWatchSetup of the extension's own Tcl file: one more GDB connection a target.
const LIVE_WATCH =
    'foreach t [target names] { set n [$t cget -gdb-max-connections]; if {$n != -1} { $t configure -gdb-max-connections [expr {$n + 1}] } }';

function serverArguments() {
    const dirs = config.searchDir && config.searchDir.length ? config.searchDir : [config.cwd];
    return [
        ...['gdb', 'tcl', 'telnet'].flatMap((kind, i) => ['-c', `${kind}_port ${port + i}`]),
        ...dirs.flatMap((dir) => ['-s', dir]),
        ...(config.openOCDPreConfigLaunchCommands || []).flatMap((line) => ['-c', line]),
        ...config.configFiles.flatMap((cfg) => ['-f', cfg]),
        ...(config.openOCDLaunchCommands || []).flatMap((line) => ['-c', line]),
        ...(config.liveWatch && config.liveWatch.enabled ? ['-c', LIVE_WATCH] : []),
    ];
}

function startServer() {
    const server = spawn('openocd', serverArguments(), { cwd: config.cwd });
    children.push(server);
    return new Promise((resolve) => {
        for (const stream of [server.stdout, server.stderr]) {
            readline.createInterface({ input: stream }).on('line', (line) => {
                console.log(`openocd| ${line}`);
                if (READY.test(line)) resolve(server);
            });
        }
        server.on('exit', (code) => die(`openocd ended with ${code}`));
        server.on('error', (error) => die(error.message));
    });
}

// One GDB: send() resolves with the result record, stopped() with the next stop.
class Gdb {
    constructor(label) {
        this.label = label;
        this.token = 0;
        this.waiting = new Map();
        this.stops = [];
        this.process = spawn(config.gdbPath, ['-q', '--interpreter=mi2', '-nx'], { cwd: config.cwd });
        children.push(this.process);
        for (const stream of [this.process.stdout, this.process.stderr])
            readline.createInterface({ input: stream }).on('line', (line) => this.line(line));
    }
    line(line) {
        console.log(`${this.label}< ${line}`);
        const result = /^(\d+)\^(.*)/.exec(line);
        if (result && this.waiting.has(result[1])) {
            this.waiting.get(result[1])(result[2]);
            this.waiting.delete(result[1]);
        }
        if (line.startsWith('*stopped')) (this.stops.shift() || (() => {}))(line);
    }
    async send(command) {
        const token = String(++this.token);
        console.log(`${this.label}> ${command}`);
        const answer = await new Promise((resolve) => {
            this.waiting.set(token, resolve);
            this.process.stdin.write(`${token}-${command}\n`);
        });
        if (answer.startsWith('error')) die(`${command}: ${answer}`);
        return answer;
    }
    // As the COMMAND_MAP of the extension: a leading - is MI, anything else goes to the console.
    user(command) {
        return this.send(
            command.startsWith('-') ? command.slice(1) : `interpreter-exec console ${JSON.stringify(command)}`);
    }
    stopped() {
        return new Promise((resolve) => this.stops.push(resolve));
    }
}

async function connect(gdb) {
    await gdb.send('gdb-set mi-async on');
    await gdb.send(`file-exec-and-symbols "${config.executable}"`);
    await gdb.send(`target-select extended-remote localhost:${port}`);
}

async function all(gdb, lines) {
    for (const line of lines || []) await gdb.user(line);
}

async function runToEntryPoint(gdb) {
    if (!config.runToEntryPoint) return;
    await gdb.send(`break-insert -t --function ${config.runToEntryPoint}`);
    const stop = gdb.stopped();
    await gdb.send('exec-continue');
    await stop;
}

async function start(gdb) {
    await connect(gdb);
    if (config.request === 'attach') {
        await all(gdb, config.preAttachCommands);
        await all(gdb, config.overrideAttachCommands || ['monitor halt']);
        await all(gdb, config.postAttachCommands);
        return;
    }
    await all(gdb, config.preLaunchCommands);
    await all(gdb, config.overrideLaunchCommands || ['monitor reset halt', '-target-download', 'monitor reset halt']);
    await all(gdb, config.postLaunchCommands);
    await runToEntryPoint(gdb);
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function pause(gdb) {
    const stop = gdb.stopped();
    await gdb.send('exec-interrupt');
    await stop;
}

async function step(gdb, word) {
    if (word === 'restart') {
        await all(gdb, config.preResetCommands);
        await all(gdb, config.overrideResetCommands || ['monitor reset halt']);
        await all(gdb, config.postResetCommands);
        await runToEntryPoint(gdb);
    } else if (word === 'livewatch') {
        watch = new Gdb('watch');
        await connect(watch);
        await watch.user('x/4xw 0x20000000');
    } else if (word.startsWith('until=')) {
        const [expression, value] = word.slice('until='.length).split('==');
        for (let now = ''; now !== value; now = /value="(.*)"/.exec(now)[1]) {
            await gdb.send('exec-continue');
            await sleep(300);
            await pause(gdb);
            now = await gdb.send(`data-evaluate-expression ${expression}`);
        }
    } else if (word === 'detach') {
        await gdb.send('target-detach');
    } else {
        await gdb.user(word);
    }
}

async function main() {
    const server = await startServer();
    const gdb = new Gdb('gdb');
    await start(gdb);
    for (const word of steps) await step(gdb, word);
    server.removeAllListeners('exit');
    if (watch) await watch.send('gdb-exit');
    await gdb.send('gdb-exit');
    server.kill('SIGTERM');
    await new Promise((resolve) => server.on('exit', resolve));
    console.log('DONE');
    process.exit(0);
}
main().catch((error) => die(error.stack));
