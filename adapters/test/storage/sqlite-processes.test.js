import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openSqliteStore } from '@countersign/adapters/storage/sqlite/store';
import { afterAll, expect, test } from 'vitest';
import { driversHere } from './drivers.js';
const folder = mkdtempSync(join(tmpdir(), 'countersign-processes-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const organization = 'org:example';
const runSources = new URL('../../../scripts/run-sources.mjs', import.meta.url).href;
function start(program, ...args) {
    const path = fileURLToPath(new URL(program, import.meta.url));
    return spawn(process.execPath, ['--import', runSources, path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}
async function* outputOf(child) {
    child.stdout.setEncoding('utf8');
    for await (const text of child.stdout)
        yield text;
}
for (const driver of await driversHere()) {
    test(`EP-INV-1: 8 processes create one file and race for the same claims: each is won once (${driver})`, async () => {
        const path = join(folder, `race-${files++}.db`);
        const racers = Array.from({ length: 8 }, (_, n) => start('racer.ts', path, driver, `racer-${n}`));
        const outputs = racers.map(outputOf);
        await Promise.all(outputs.map(async (output) => expect((await output.next()).value).toBe('ready\n')));
        for (const racer of racers)
            racer.stdin.end('go\n');
        const wins = await Promise.all(outputs.map(async (output) => JSON.parse(await restOf(output))));
        expect(wins.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 25 }, (_, round) => round));
        const store = await openSqliteStore({ path, driver });
        for (const [racer, rounds] of wins.entries()) {
            const rows = await store.read(organization, rounds.map((round) => ({ kind: 'attempt', id: `${round}` })));
            for (const row of rows)
                expect(row).toMatchObject({ version: 1, body: `racer-${racer}` });
        }
        await store.close();
    }, 60_000);
    test(`EP-SM-3: after kill -9 in the middle of commits every acknowledged unit stands, and every unit whole (${driver})`, async () => {
        const path = join(folder, `kill-${files++}.db`);
        const acknowledged = [];
        for (const life of ['1', '2', '3']) {
            const child = start('committer.ts', path, driver, life);
            const exit = once(child, 'exit');
            let text = '';
            for await (const part of outputOf(child)) {
                text += part;
                if (text.length > 2000)
                    child.kill('SIGKILL');
            }
            expect((await exit)[1]).toBe('SIGKILL');
            acknowledged.push(...text.split('\n').slice(0, -1));
        }
        const store = await openSqliteStore({ path, driver });
        const keys = acknowledged.map((id) => ({ kind: 'attempt', id }));
        expect((await store.read(organization, keys)).filter((row) => row === null)).toEqual([]);
        const { rows } = await store.find(organization, 'attempt', { limit: 1_000_000 });
        const entries = await store.outbox(organization, 1_000_000);
        expect(entries.map(({ entryId }) => entryId).sort()).toEqual(rows.map(({ id }) => id).sort());
        for (const { id } of rows)
            expect(await store.claimed(organization, { kind: 'nonce', value: id })).toBe(true);
        const again = await store.commit({ organization, unitId: acknowledged[0] });
        expect(again).toMatchObject({ repeated: true });
        await store.close();
    }, 60_000);
}
async function restOf(output) {
    let text = '';
    for await (const part of output)
        text += part;
    return text;
}
