import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { asFault, isBusy, leavesConnectionSound } from '@countersign/adapters/storage/sqlite/faults';
import { GroupCommit } from '@countersign/adapters/storage/sqlite/group-commit';
import { openConnection } from '@countersign/adapters/storage/sqlite/open-connection';
import { reads } from '@countersign/adapters/storage/sqlite/reads';
import { openSqliteStore } from '@countersign/adapters/storage/sqlite/store';
import { WorkerCalls } from '@countersign/adapters/storage/sqlite/worker-calls';
import { afterAll, expect, test } from 'vitest';
import { driversHere } from './drivers.js';
const folder = mkdtempSync(join(tmpdir(), 'countersign-faults-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const freshPath = () => join(folder, `${files++}.db`);
const organization = 'org:example';
function commit(unitId, part = {}) {
    const claims = [{ kind: 'k', value: unitId }];
    return { method: 'commit', args: [{ organization, unitId, claims, ...part }] };
}
const claimed = (db, value) => reads.claimed(db, organization, { kind: 'k', value });
/** The connection with `fail` asked before each statement: what it returns is thrown instead. */
function failing(db, fail) {
    const run = (sql, ...values) => {
        const error = fail(sql);
        if (error !== undefined)
            throw error;
        db.run(sql, ...values);
    };
    return Object.assign(Object.create(db), { run });
}
// Both drivers' shapes of one error.
const sqliteError = (name, errcode) => Object.assign(new Error(`made up: ${name}`), { code: name, errcode });
for (const driver of await driversHere()) {
    test(`a lock that another process does not give up is a fault with a safe retry (${driver})`, async () => {
        const path = freshPath();
        const store = await openSqliteStore({ path, driver, busyTimeoutMs: 30 });
        const other = await openConnection({ path, driver });
        other.exec('BEGIN IMMEDIATE');
        const unit = { organization, unitId: 'u', clock: 5 };
        await expect(store.commit(unit)).rejects.toMatchObject({ name: 'StoreFault', retry: 'safe' });
        expect(await store.clock(organization)).toBe(0);
        other.exec('ROLLBACK');
        expect(await store.commit(unit)).toMatchObject({ status: 'committed', repeated: false });
        other.close();
        await store.close();
    });
    test(`a full disk fails the unit that met it, safely, and none of its group (${driver})`, async () => {
        const db = await openConnection({ path: freshPath(), driver });
        const { page_count } = db.get('PRAGMA page_count');
        db.exec(`PRAGMA max_page_count = ${page_count + 2}`);
        const group = new GroupCommit(db);
        const large = commit('large', { put: [{ kind: 'k', id: 'i', expected: 0, body: 'x'.repeat(100_000) }] });
        const [first, second, third] = group.run([commit('before'), large, commit('after')]);
        expect(first).toMatchObject({ ok: true, value: { status: 'committed' } });
        expect(second).toMatchObject({ ok: false, error: { name: 'StoreFault', retry: 'safe' } });
        expect(third).toMatchObject({ ok: true, value: { status: 'committed' } });
        expect(['before', 'large', 'after'].map((value) => claimed(db, value))).toEqual([true, false, true]);
        expect(group.stats()).toEqual({ commits: 2, units: 2 });
        db.close();
    });
    test(`a COMMIT that fails leaves its group in doubt; after an I/O error nothing more is served (${driver})`, async () => {
        const db = await openConnection({ path: freshPath(), driver });
        const broken = failing(db, (sql) => (sql === 'COMMIT' ? sqliteError('SQLITE_IOERR_FSYNC', 1034) : undefined));
        const group = new GroupCommit(broken);
        const inDoubt = { ok: false, error: { name: 'StoreFault', retry: 'in_doubt' } };
        expect(group.run([commit('a'), commit('b')])).toMatchObject([inDoubt, inDoubt]);
        expect(group.stopped()).toMatchObject({ name: 'StoreFault', retry: 'safe' });
        const refused = {
            ok: false,
            error: { name: 'StoreFault', retry: 'safe', message: expect.stringContaining('open it again') },
        };
        expect(group.run([commit('c')])).toMatchObject([refused]);
        expect(group.stats()).toEqual({ commits: 0, units: 0 });
        db.close();
    });
    test(`a COMMIT that met a full disk is in doubt, and the store goes on when there is room (${driver})`, async () => {
        const db = await openConnection({ path: freshPath(), driver });
        let full = true;
        const group = new GroupCommit(failing(db, (sql) => (sql === 'COMMIT' && full ? sqliteError('SQLITE_FULL', 13) : undefined)));
        expect(group.run([commit('a')])).toMatchObject([{ ok: false, error: { retry: 'in_doubt' } }]);
        expect(claimed(db, 'a')).toBe(false);
        full = false;
        expect(group.run([commit('a')])).toMatchObject([{ ok: true, value: { status: 'committed', repeated: false } }]);
        expect(claimed(db, 'a')).toBe(true);
        db.close();
    });
    test(`an I/O error halfway through a unit undoes the unit, and its retry is safe (${driver})`, async () => {
        const db = await openConnection({ path: freshPath(), driver });
        const group = new GroupCommit(failing(db, (sql) => (sql.includes('INSERT INTO claims') ? sqliteError('SQLITE_IOERR', 10) : undefined)));
        expect(group.run([commit('a')])).toMatchObject([{ ok: false, error: { name: 'StoreFault', retry: 'safe' } }]);
        expect(db.all('SELECT * FROM units')).toEqual([]);
        expect(group.stopped()).toBeUndefined();
        db.close();
    });
    test(`commits that wait together share transactions; losers and repetitions are not counted (${driver})`, async () => {
        const store = await openSqliteStore({ path: freshPath(), driver });
        const units = Array.from({ length: 200 }, (_, n) => ({
            organization,
            unitId: `${n}`,
            claims: [{ kind: 'k', value: `${n}` }],
        }));
        await Promise.all(units.map((unit) => store.commit(unit)));
        const { commits } = store.stats();
        expect(store.stats().units).toBe(200);
        expect(commits).toBeGreaterThan(0);
        expect(commits).toBeLessThan(100);
        await store.commit(units[0]);
        await store.commit({ ...units[0], unitId: 'loser' });
        expect(store.stats()).toEqual({ commits, units: 200 });
        await store.close();
    });
}
// node:sqlite gives extended codes as numbers, better-sqlite3 as names; their low octet, or first two words, is the code.
test.each([
    [{ errcode: 5 }, true, true],
    [{ errcode: 261 }, true, true],
    [{ code: 'SQLITE_BUSY_RECOVERY' }, true, true],
    [{ code: 'SQLITE_LOCKED' }, true, true],
    [{ errcode: 13 }, false, true],
    [{ code: 'SQLITE_FULL' }, false, true],
    [{ errcode: 1034 }, false, false],
    [{ code: 'SQLITE_IOERR_FSYNC' }, false, false],
])('%j: busy %s, leaves the connection sound %s', (error, busy, sound) => {
    expect(isBusy(error)).toBe(busy);
    expect(leavesConnectionSound(error)).toBe(sound);
});
test('an error that is not of SQLite is a bug and no fault', () => {
    const bug = new TypeError('a bug');
    expect(asFault(bug, 'safe')).toBe(bug);
    expect(asFault({ errcode: 10, message: 'disk' }, 'in_doubt')).toMatchObject({ name: 'StoreFault', retry: 'in_doubt' });
});
test('a worker that dies leaves its commits in doubt, its reads safe, and later calls safe', async () => {
    const worker = new Worker("require('node:worker_threads').parentPort.once('message', () => process.exit(1))", {
        eval: true,
    });
    const calls = new WorkerCalls(worker);
    const write = calls.call('commit', [], 'in_doubt');
    const read = calls.call('clock', [], 'safe');
    await expect(write).rejects.toMatchObject({ name: 'StoreFault', retry: 'in_doubt' });
    await expect(read).rejects.toMatchObject({ name: 'StoreFault', retry: 'safe' });
    await expect(calls.call('commit', [], 'in_doubt')).rejects.toMatchObject({ name: 'StoreFault', retry: 'safe' });
    await calls.close();
});
test('a worker that throws says why', async () => {
    const worker = new Worker("require('node:worker_threads').parentPort.once('message', () => { throw new Error('out of luck') })", { eval: true });
    const calls = new WorkerCalls(worker);
    await expect(calls.call('commit', [], 'in_doubt')).rejects.toMatchObject({
        retry: 'in_doubt',
        message: expect.stringContaining('out of luck'),
    });
    await calls.close();
});
