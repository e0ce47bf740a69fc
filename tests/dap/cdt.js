// SPDX-License-Identifier: MIT
// Eclipse's cdt-gdb-adapter, driven over the Debug Adapter Protocol by VS Code's own test client, against the
// openocd on the PATH. Used by tests/e2e/vscode.bats:
//   NODE_PATH=.../node_modules node cdt.js launch|attach BOARD ELF ASSETS PORT
'use strict';
const assert = require('assert');
const fs = require('fs');
const { spawn } = require('child_process');
const { DebugClient } = require('@vscode/debugadapter-testsupport');

const WINDOW = 0x90000000;
const VERDICT_OK = 0x600df00d;
const DEADLINE_MS = 55000;

const [mode, board, elf, assets, port] = process.argv.slice(2);

const SERVER = ['-c', `gdb_port ${port}; tcl_port disabled; telnet_port disabled`, '-f', board];
const READY = new RegExp(`Listening on port (${port}) for gdb connection`);

// Launch: the adapter starts openocd and loads the ELF. Attach: openocd is there already.
function setup() {
    const target = { type: 'extended-remote', host: 'localhost', port };
    const common = { gdb: 'gdb-multiarch', program: elf, cwd: process.cwd() };
    if (mode === 'attach') return { ...common, target };
    return {
        ...common,
        target: {
            ...target,
            server: 'openocd',
            serverParameters: SERVER,
            serverPortRegExp: READY.source,
            automaticallyKillServer: true,
        },
        imageAndSymbols: { imageFileName: elf },
        initCommands: ['monitor reset halt'],
        preRunCommands: ['monitor reset halt'],
    };
}

function startServer() {
    const server = spawn('openocd', SERVER, { stdio: ['ignore', 'ignore', 'pipe'] });
    return new Promise((resolve, reject) => {
        server.on('error', reject);
        let text = '';
        server.stderr.on('data', (data) => {
            text += data;
            if (READY.test(text)) resolve(server);
        });
    });
}

// The first bytes of the window, as the Memory view of an editor asks for them.
async function checkWindow(client) {
    const wanted = fs.readFileSync(assets).subarray(0, 64);
    const answer = await client.customRequest('readMemory', { memoryReference: '0x90000000', count: wanted.length });
    assert.deepStrictEqual(Buffer.from(answer.body.data, 'base64'), wanted);
    console.log(`memory view at 0x${WINDOW.toString(16)} shows the assets`);
}

async function stackTop(client, threadId) {
    return (await client.stackTraceRequest({ threadId, startFrame: 0, levels: 1 })).body.stackFrames[0];
}

async function verdict(client, frame) {
    const answer = await client.evaluateRequest({ expression: 'lvgl_assets_verdict', frameId: frame.id, context: 'watch' });
    return Number.parseInt(answer.body.result, 10) >>> 0;
}

async function begin(client) {
    client.on('output', (event) => process.stdout.write(`| ${event.body.output}`));
    await client.initializeRequest();
    await client.customRequest(mode, setup());
}

// Run on to the next stop. Returns the thread and the innermost frame.
async function stopAfter(client, action) {
    const stopped = client.waitForEvent('stopped', DEADLINE_MS);
    await action();
    const { threadId } = (await stopped).body;
    return { threadId, frame: await stackTop(client, threadId) };
}

async function testLaunch(client) {
    await begin(client);
    await client.setFunctionBreakpointsRequest({ breakpoints: [{ name: 'main' }, { name: 'blink' }] });
    let { threadId, frame } = await stopAfter(client, () => client.configurationDoneRequest());
    assert.strictEqual(frame.name, 'main');
    console.log('stopped in main');

    // The firmware has judged its assets when it begins to blink.
    ({ frame } = await stopAfter(client, () => client.continueRequest({ threadId })));
    assert.strictEqual(frame.name, 'blink');
    assert.strictEqual(await verdict(client, frame), VERDICT_OK);
    console.log('the firmware finds its assets');
    await checkWindow(client);
}

async function testAttach(client) {
    await begin(client);
    await client.configurationDoneRequest();
    // It runs on by itself until its verdict is there.
    const { threads } = (await client.threadsRequest()).body;
    for (let now = 0; now !== VERDICT_OK; ) {
        const { threadId, frame } = await stopAfter(client, () => client.pauseRequest({ threadId: threads[0].id }));
        now = await verdict(client, frame);
        console.log(`verdict 0x${now.toString(16)}`);
        if (now === VERDICT_OK) await checkWindow(client);
        await client.continueRequest({ threadId });
        await new Promise((resolve) => setTimeout(resolve, 300));
    }
    console.log('the firmware finds its assets');
}

async function main() {
    const client = new DebugClient('node', require.resolve('cdt-gdb-adapter/dist/debugTargetAdapter.js'), 'gdbtarget');
    client.defaultTimeout = DEADLINE_MS;
    const server = mode === 'attach' ? await startServer() : undefined;
    await client.start();
    await (mode === 'attach' ? testAttach : testLaunch)(client);
    await client.disconnectRequest({});
    if (server) server.kill();
    console.log('DONE');
    process.exit(0);
}
setTimeout(() => {
    console.log('FAILED: it takes too long');
    process.exit(1);
}, DEADLINE_MS);
main().catch((error) => {
    console.log(`FAILED: ${error.stack || error}`);
    process.exit(1);
});
