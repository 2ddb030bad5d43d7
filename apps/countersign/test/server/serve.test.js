import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { formatInstant } from '@countersign/pure/core/instant';
import { makeWorld } from '@countersign/simulator/world';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createApiKey } from '../../src/server/api-keys.js';
import { openDatabase } from '../../src/server/data-folder.js';
import { organizationFileOf, publicationOf } from './house.js';
const program = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
const runSources = new URL('../../../../scripts/run-sources.mjs', import.meta.url).href;
let root;
let world;
const children = [];
beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'countersign-serve-'));
    const now = Date.now();
    world = makeWorld({
        directoryAt: formatInstant(now - 60_000),
        directoryUntil: formatInstant(now + 20 * 86_400_000),
    });
    writeFileSync(join(root, 'organization.json'), organizationFileOf(world));
});
afterEach(() => {
    for (const child of children.splice(0))
        child.kill('SIGKILL');
    rmSync(root, { recursive: true, force: true });
});
/** The real program in a process of its own; resolves when it listens, or when it ended without. */
async function serve(...words) {
    const usual = ['--data', join(root, 'data'), '--organization', join(root, 'organization.json'), '--port', '0'];
    const child = spawn(process.execPath, ['--import', runSources, program, 'serve', ...usual, ...words]);
    children.push(child);
    let out = '';
    let err = '';
    child.stderr.on('data', (chunk) => {
        err += chunk;
    });
    const ended = once(child, 'exit').then(([code]) => ({ code: code, stderr: err }));
    const listening = new Promise((resolve) => {
        child.stdout.on('data', (chunk) => {
            out += chunk;
            const url = /^listening on (http:\S+)\n/.exec(out)?.[1];
            if (url !== undefined)
                resolve({ child, url, stderr: () => err });
        });
    });
    return Promise.race([listening, ended]);
}
async function served(...words) {
    const found = await serve(...words);
    if ('code' in found)
        throw new Error(`it ended with ${found.code}: ${found.stderr}`);
    return found;
}
async function stop({ child }, signal) {
    const exit = once(child, 'exit');
    child.kill(signal);
    return (await exit)[0];
}
async function administratorKey() {
    const store = await openDatabase(join(root, 'data'));
    const { key } = await createApiKey(store, world.organization, 'administrator', undefined, Date.now());
    await store.close();
    return key;
}
function ask(url, key, path, body) {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    return fetch(`${url}${path}`, body === undefined ? { headers } : { method: 'POST', headers, body: JSON.stringify(body) });
}
describe('countersign serve', () => {
    test('makes its folder at the first start, says what an operator should know, and ends in order', async () => {
        const server = await served();
        const data = join(root, 'data');
        expect(statSync(data).mode & 0o777).toBe(0o700);
        for (const name of ['countersign.db', 'log.key'])
            expect(statSync(join(data, name)).mode & 0o777).toBe(0o600);
        expect(readFileSync(join(data, 'log.vkey'), 'utf8')).toMatch(/^log\.acme\.example\/1\+[0-9a-f]{8}\+\S+\n$/);
        const key = await administratorKey();
        expect((await ask(server.url, key, '/v1/directory/head')).status).toBe(404);
        expect((await ask(server.url, key, '/v1/directory/heads', publicationOf(world))).status).toBe(201);
        const health = (await (await fetch(`${server.url}/health`)).json());
        expect(health).toMatchObject({
            status: 'ok',
            anchor: 'same_device',
            organization: world.organization,
            log: { tree_size: 1, halted: null },
            head: { expires_in_days: 19, warning: 'head_expires_soon' },
        });
        const metrics = await (await ask(server.url, key, '/metrics')).text();
        expect(metrics).toContain('countersign_http_requests_total{route="publishHead",status="201"} 1');
        expect(metrics).toContain('countersign_log_tree_size 1');
        expect(await stop(server, 'SIGTERM')).toBe(0);
        const lines = server
            .stderr()
            .trim()
            .split('\n')
            .map((line) => JSON.parse(line));
        const said = lines.map(({ msg }) => msg);
        expect(said).toContainEqual(expect.stringContaining('the anchor is on the same device as the database'));
        expect(said).toContainEqual(expect.stringContaining('the log key has no passphrase'));
        expect(said.at(-1)).toBe('stopped');
        expect(server.stderr()).not.toContain(key);
        expect(readdirSync(data)).not.toContain('countersign.db-wal');
    });
    test('EP-SM-3: what was answered before a kill -9 is there after it', async () => {
        const first = await served();
        const key = await administratorKey();
        const { head_hash } = (await (await ask(first.url, key, '/v1/directory/heads', publicationOf(world))).json());
        await stop(first, 'SIGKILL');
        const second = await served();
        const answer = await ask(second.url, key, '/v1/directory/head');
        expect(await answer.json()).toMatchObject({ head_hash });
        expect(await stop(second, 'SIGINT')).toBe(0);
    });
    test('keeps the log key under a passphrase, and does not start with another', async () => {
        const passphrase = join(root, 'passphrase');
        writeFileSync(passphrase, 'correct horse\n');
        const server = await served('--log-key-passphrase-file', passphrase);
        expect(await stop(server, 'SIGTERM')).toBe(0);
        expect(readFileSync(join(root, 'data', 'log.key'), 'utf8')).not.toContain('unprotected');
        writeFileSync(passphrase, 'wrong horse\n');
        expect(await serve('--log-key-passphrase-file', passphrase)).toMatchObject({
            code: 1,
            stderr: expect.stringContaining('key_file_passphrase_mismatch'),
        });
    });
    test.each([
        ['the directory key', ['--directory-key', 'key.json'], 2, 'has no business on its server'],
        ['a port that is none', ['--port', '70000'], 2, 'a port is a number'],
        ['a level that is none', ['--log-level', 'loud'], 2, 'a level is one of'],
        ['pins that are not there', ['--organization', '/nowhere/organization.json'], 2, 'cannot be read'],
    ])('refuses %s in one line', async (_, words, code, text) => {
        const ended = await serve(...words);
        expect(ended).toMatchObject({ code, stderr: expect.stringContaining(text) });
        expect(ended.stderr).not.toMatch(/\n\s+at /);
    });
});
