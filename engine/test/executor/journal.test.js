import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderFiles } from '@countersign/adapters/storage/files';
import { openJournal } from '@countersign/engine/executor/journal';
import { encodeRecord, readRecords } from '@countersign/engine/executor/journal-record';
import { concatBytes, utf8Decode } from '@countersign/pure/core/bytes';
import { hashJson } from '@countersign/pure/core/digest';
import { makeReceipt } from '@countersign/simulator/attempt';
import { crashFiles } from '@countersign/simulator/crash-files';
import { seal } from '@countersign/simulator/signer';
import { makeWorld, usualInstants } from '@countersign/simulator/world';
import { afterAll, describe, expect, test } from 'vitest';
import { holder, noon } from './world.js';
const world = makeWorld();
const { head } = world.currentHead().published;
const made = [makeReceipt(world, { label: 'a' }), makeReceipt(world, { label: 'b' })];
const instant = usualInstants.consumeAt;
const path = 'executor/journal.jsonl';
function nonceOf({ contexts }) {
    return contexts[0]['nonce'];
}
const nonce = nonceOf(made[0]);
/** The whole way of one execution, as it should be. */
function way(one, outcome = 'executed') {
    const body = {
        type: 'ep.outcome.v1',
        receipt_hash: one.receiptHash,
        executor_id: 'ep:executor:payments',
        outcome,
        reported_at: instant,
    };
    const nonce = nonceOf(one);
    const request = one.receipt['consumption']['consume'];
    return [
        { kind: 'intended', nonce, authorization_id: 'a', expires_at: usualInstants.expiresAt, request },
        { kind: 'committed', nonce, receipt_hash: one.receiptHash, receipt: one.receipt },
        { kind: 'started', nonce },
        { kind: 'finished', nonce, report: seal(body, world.executors.get('payments').signer) },
        { kind: 'reported', nonce },
    ];
}
const fileOf = (records) => concatBytes(...records.map((record, index) => encodeRecord(record, index, instant)));
async function filesWith(contents) {
    const files = crashFiles();
    await files.makeFolder('executor');
    await files.write(path, contents);
    return files;
}
const open = (files, name, gone) => openJournal(files, 'executor', holder(name, gone));
describe('records', () => {
    test('what was written is read, in order', () => {
        const records = [{ kind: 'head', head }, ...way(made[0]), ...way(made[1])];
        const file = fileOf(records);
        expect(readRecords(file)).toEqual({ records, whole: file.length });
        expect(utf8Decode(file).split('\n')).toHaveLength(records.length + 1);
    });
    test('every torn tail of the last record is cut, and nothing before it', () => {
        const before = fileOf(way(made[0]).slice(0, 2));
        const last = encodeRecord({ kind: 'started', nonce }, 2, instant);
        for (let kept = 0; kept < last.length; kept++) {
            const torn = readRecords(concatBytes(before, last.subarray(0, kept)));
            expect(torn.records).toHaveLength(2);
            expect(torn.whole).toBe(before.length);
            const zeros = readRecords(concatBytes(before, last.subarray(0, kept), new Uint8Array(last.length - kept)));
            expect(zeros.whole).toBe(before.length);
        }
        expect(readRecords(concatBytes(before, last)).records).toHaveLength(3);
    });
    test('a flipped octet anywhere in the last record, and the record is cut; in one before it, and the file is refused', () => {
        const file = fileOf(way(made[0]).slice(0, 3));
        const starts = [0, 1, 2].map((index) => fileOf(way(made[0]).slice(0, index)).length);
        const length = file.length - starts[2];
        for (let index = 0; index < length; index++) {
            const damaged = file.slice();
            damaged[starts[2] + index] ^= 1;
            expect(readRecords(damaged).whole, `octet ${index}`).toBe(starts[2]);
        }
        for (const at of [starts[0] + 5, starts[1] - 1, starts[1] + 5, starts[2] - 2]) {
            const damaged = file.slice();
            damaged[at] ^= 1;
            expect(() => readRecords(damaged)).toThrow('journal_record_damaged');
        }
    });
    test('a record that is missing or stands twice is refused', () => {
        const lines = way(made[0]).map((record, index) => encodeRecord(record, index, instant));
        expect(() => readRecords(concatBytes(lines[0], lines[2]))).toThrow('journal_record_order_invalid');
        expect(() => readRecords(concatBytes(lines[0], lines[0]))).toThrow('journal_record_order_invalid');
    });
    test('a record with a right checksum that is not canonical or not of a known kind is none', () => {
        const said = { kind: 'started', nonce: 'short' };
        const body = { n: 0, at: instant, said };
        const line = JSON.stringify({ ...body, sum: hashJson(body) });
        expect(readRecords(new TextEncoder().encode(`${line}\n`)).records).toEqual([]);
        const spaced = utf8Decode(encodeRecord({ kind: 'started', nonce }, 0, instant)).replace('{', '{ ');
        expect(readRecords(new TextEncoder().encode(spaced)).records).toEqual([]);
    });
});
describe('EP-BUN-3: the states', () => {
    test('are what is left to do, over a restart', async () => {
        const files = crashFiles();
        const states = ['intended', 'committed', 'started', 'finished', undefined];
        for (const [index, said] of way(made[0]).entries()) {
            const journal = await open(files);
            expect((await journal.append(said, noon)).state).toBe(states[index] ?? 'closed');
            const again = await open(files);
            expect(again.open().map(({ state }) => state)).toEqual(states.slice(index, index + 1).filter((one) => one));
        }
        const journal = await open(files);
        expect(journal.execution(nonce)).toEqual({ nonce, state: 'closed' });
        await journal.acceptHead(head, noon);
        expect((await open(files)).head).toEqual(head);
    });
    // Which transitions may follow which: the rest is refused by a running journal, and by one that reads it.
    const kinds = ['intended', 'committed', 'started', 'finished', 'reported', 'lapsed'];
    const legal = {
        '': ['intended'],
        intended: ['committed', 'lapsed'],
        committed: ['started', 'finished'],
        started: ['finished'],
        finished: ['reported'],
        reported: [],
    };
    const all = way(made[0]);
    const said = (kind) => all.find((one) => one.kind === kind) ?? { kind: 'lapsed', nonce };
    test.each(Object.keys(legal))('EP-INV-1: after "%s"', async (after) => {
        const before = all.slice(0, all.findIndex(({ kind }) => kind === after) + 1);
        for (const kind of kinds) {
            const allowed = legal[after].includes(kind);
            const journal = await open(await filesWith(fileOf(before)));
            const moved = journal.append(said(kind), noon);
            const read = filesWith(fileOf([...before, said(kind)])).then((files) => open(files));
            if (allowed) {
                await expect(moved, kind).resolves.toBeDefined();
                await expect(read, kind).resolves.toBeDefined();
            }
            else {
                const code = kind === 'started' ? 'executor_nonce_replayed' : 'journal_record_order_invalid';
                await expect(moved, kind).rejects.toMatchObject({ code });
                await expect(read, kind).rejects.toMatchObject({ code: 'journal_record_order_invalid' });
            }
        }
    });
    test('an indeterminate outcome stays open for a second report; a definite one is closed', async () => {
        const [, , , finished, reported] = way(made[0]);
        const unsure = way(made[0], 'indeterminate');
        const journal = await open(await filesWith(fileOf(unsure)));
        expect(journal.open()).toMatchObject([{ state: 'unsettled' }]);
        await journal.append(finished, noon);
        expect(await journal.append(reported, noon)).toEqual({ nonce, state: 'closed' });
        await expect(journal.append(finished, noon)).rejects.toThrow('journal_record_order_invalid');
    });
    test('two insertions of one nonce at once: one is durable, the other refused', async () => {
        const journal = await open(await filesWith(fileOf(way(made[0]).slice(0, 2))));
        const both = await Promise.allSettled([1, 2].map(() => journal.append({ kind: 'started', nonce }, noon)));
        expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
        expect(both[1]).toMatchObject({ reason: { name: 'Refusal', code: 'executor_nonce_replayed' } });
    });
});
describe('faults', () => {
    test.each(['append', 'sync'])('after a failed %s nothing more is written, and a restart decides', async (broken) => {
        const disk = crashFiles();
        let failing = false;
        const files = new Proxy(disk, {
            get(target, name) {
                if (name === broken && failing)
                    return () => Promise.reject(new Error('EIO'));
                return target[name].bind(target);
            },
        });
        const journal = await open(files);
        const [intended, committed] = way(made[0]);
        failing = true;
        await expect(journal.append(intended, noon)).rejects.toMatchObject({ code: 'journal_write_failed' });
        failing = false;
        expect(journal.execution(nonce)).toBeUndefined();
        await expect(journal.append(intended, noon)).rejects.toMatchObject({ code: 'journal_write_failed' });
        await expect(journal.acceptHead(head, noon)).rejects.toMatchObject({ code: 'journal_write_failed' });
        const again = await open(disk);
        if (broken === 'append')
            await again.append(intended, noon);
        expect(await again.append(committed, noon)).toMatchObject({ state: 'committed' });
    });
    test('what an earlier process appended and did not sync is made durable before it counts', async () => {
        const disk = crashFiles();
        await disk.makeFolder('executor');
        await disk.syncFolder('');
        await disk.write(path, new Uint8Array(0));
        await disk.sync(path);
        await disk.syncFolder('executor');
        await disk.append(path, fileOf(way(made[0]).slice(0, 3)));
        const journal = await open(disk);
        expect(journal.open()).toMatchObject([{ state: 'started' }]);
        const opened = disk.operations();
        for (const crash of disk.crashes()) {
            if (crash.after < opened)
                continue;
            expect((await open(crash.files)).open(), crash.how).toMatchObject([{ state: 'started' }]);
        }
    });
});
describe('rewriting', () => {
    // Every state that an execution can be in: after so many steps, with an outcome.
    const states = [
        [1, 'executed', 'intended'],
        [2, 'executed', 'committed'],
        [3, 'executed', 'started'],
        [4, 'executed', 'finished'],
        [5, 'indeterminate', 'unsettled'],
        [5, 'executed', 'closed'],
    ];
    test.each(states)('after %i steps to %s', async (steps, outcome, state) => {
        const files = await filesWith(fileOf([{ kind: 'head', head }, ...way(made[0], outcome).slice(0, steps)]));
        const journal = await openJournal(files, 'executor', holder(), 0);
        const before = journal.execution(nonce);
        expect(before?.state).toBe(state);
        // The next record makes the file new, and stands in it.
        await journal.append(way(made[1])[0], noon);
        const again = await open(files);
        expect(again.execution(nonce)).toEqual(before);
        expect(again.execution(nonceOf(made[1]))?.state).toBe('intended');
        expect(again.head).toEqual(head);
    });
    test('what is closed takes room for its nonce only, and is not rewritten at every append', async () => {
        const disk = await filesWith(fileOf(way(made[0])));
        const journal = await openJournal(disk, 'executor', holder(), 4000);
        await journal.append(way(made[1])[0], noon);
        const { records } = readRecords((await disk.read(path)));
        expect(records.map(({ kind }) => kind)).toEqual(['closed', 'intended']);
        const done = disk.operations();
        await journal.append(way(made[1])[1], noon);
        expect(disk.operations() - done).toBe(2);
        expect((await open(disk)).execution(nonceOf(made[1]))).toMatchObject({ state: 'committed' });
        await expect(journal.append(way(made[0])[0], noon)).rejects.toThrow('journal_record_order_invalid');
    });
    test('a file that is full of what is open is rewritten only when it has doubled', async () => {
        const disk = await filesWith(fileOf(way(made[0]).slice(0, 2)));
        const journal = await openJournal(disk, 'executor', holder(), 0);
        await journal.append(way(made[1])[0], noon);
        const done = disk.operations();
        await journal.append({ kind: 'started', nonce }, noon);
        expect(disk.operations() - done).toBe(2);
    });
    test('EP-INV-1: a crash at every point of it forgets nothing', async () => {
        const disk = crashFiles();
        const small = await openJournal(disk, 'executor', holder(), 0);
        await small.acceptHead(head, noon);
        for (const said of way(made[0]))
            await small.append(said, noon);
        const closed = disk.operations();
        for (const said of way(made[1]).slice(0, 3))
            await small.append(said, noon);
        let crashes = 0;
        for (const crash of disk.crashes()) {
            if (crash.after < closed)
                continue;
            const journal = await open(crash.files);
            expect(journal.execution(nonce), crash.how).toEqual({ nonce, state: 'closed' });
            expect(journal.head, crash.how).toEqual(head);
            crashes += 1;
        }
        expect(crashes).toBeGreaterThan(50);
    });
});
const folder = mkdtempSync(join(tmpdir(), 'countersign-journal-'));
afterAll(() => rmSync(folder, { recursive: true }));
let folders = 0;
describe.each([
    ['crashFiles', () => crashFiles()],
    ['folderFiles', () => folderFiles(join(folder, `${folders++}`))],
])('EP-DIR-1: one process at a time, over %s', (_, fresh) => {
    test('a second process is refused while the first may live', async () => {
        const files = fresh();
        const asked = [];
        const first = await open(files, 'first');
        const second = open(files, 'second', (name) => {
            asked.push(name);
            return false;
        });
        await expect(second).rejects.toMatchObject({ code: 'journal_holder_duplicate' });
        expect(asked).toEqual(['first']);
        expect((await first.append(way(made[0])[0], noon)).state).toBe('intended');
    });
    test('it is let in when the first has closed; the first then writes no more', async () => {
        const files = fresh();
        const first = await open(files, 'first');
        await first.close();
        const second = await open(files, 'second', () => false);
        await expect(first.append(way(made[0])[0], noon)).rejects.toMatchObject({ code: 'journal_lost' });
        expect((await second.append(way(made[0])[0], noon)).state).toBe('intended');
        expect(await files.list('executor')).toEqual(['journal.jsonl', 'lock.2']);
    });
    test('a process that was wrongly taken for gone writes no more', async () => {
        const files = fresh();
        const first = await open(files, 'first');
        const second = await open(files, 'second', () => true);
        await expect(first.append(way(made[0])[0], noon)).rejects.toMatchObject({ code: 'journal_lost' });
        expect((await second.append(way(made[0])[0], noon)).state).toBe('intended');
    });
    test('of many that find the same dead holder, one gets in', async () => {
        const files = fresh();
        await open(files, 'dead');
        const alive = (name) => name === 'dead';
        const all = await Promise.allSettled(Array.from({ length: 8 }, (_, index) => open(files, `p${index}`, alive)));
        expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });
    test('a journal that cannot be read is not kept locked', async () => {
        const files = fresh();
        await files.makeFolder('executor');
        const [first, second] = way(made[0]);
        await files.write(path, concatBytes(encodeRecord(first, 7, instant)));
        await expect(open(files, 'first', () => false)).rejects.toMatchObject({ code: 'journal_record_order_invalid' });
        await files.write(path, fileOf([first, second]));
        expect((await open(files, 'second', () => false)).open()).toMatchObject([{ state: 'committed' }]);
    });
});
test('a lock that lost its contents to a power failure keeps nobody out', async () => {
    const disk = crashFiles();
    await open(disk, 'dead');
    await disk.write('executor/lock.1', new Uint8Array(0));
    expect((await open(disk, 'next', () => false)).open()).toEqual([]);
});
test('a process that read the folder long ago does not get in with a number that is used up', async () => {
    const disk = crashFiles();
    await open(disk, 'dead');
    let meanwhile = async () => { };
    const slow = new Proxy(disk, {
        get(target, name) {
            if (name !== 'create')
                return target[name].bind(target);
            return async (to, bytes) => {
                await meanwhile();
                return target.create(to, bytes);
            };
        },
    });
    meanwhile = async () => {
        for (const name of ['p', 'q']) {
            const journal = await open(disk, name, (one) => one === 'dead');
            if (name === 'p')
                await journal.close();
        }
    };
    await expect(open(slow, 'late', (one) => one === 'dead')).rejects.toMatchObject({ code: 'journal_holder_duplicate' });
    expect((await disk.list('executor')).filter((name) => name.startsWith('lock.'))).toEqual(['lock.3']);
});
