import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { memoryStore } from '@countersign/adapters/storage/memory';
import { openSqliteStore } from '@countersign/adapters/storage/sqlite/store';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { driversHere } from './drivers.js';
const folder = mkdtempSync(join(tmpdir(), 'countersign-same-'));
afterAll(() => rmSync(folder, { recursive: true }));
// Few names, so that units meet: ids in several planes of Unicode, with the characters that SQL and JSON escape.
const ids = ['a', 'A', "b'", '"\\', '%_', '\uff5e', '\u{1f600}'];
const terms = ['open', 'shut', ''];
const id = fc.constantFrom(...ids);
const version = fc.integer({ min: 0, max: 3 });
const few = (item, key) => fc.uniqueArray(item, { maxLength: 2, selector: key });
const rowKey = fc.record({ kind: fc.constantFrom('k', 'l'), id });
const nameOf = (key) => `${key.kind}/${key.id}`;
const unit = fc.record({
    unitId: fc.constantFrom('1', '2', '3', '4', '5', '6', '7', '8', '9', '10', '11', '12'),
    expect: few(rowKey.chain((key) => version.map((at) => ({ ...key, version: at }))), nameOf),
    put: few(fc.record({
        kind: fc.constantFrom('k', 'l'),
        id,
        expected: version,
        body: fc.string({ unit: 'grapheme' }).filter(isText),
        terms: fc.subarray(terms.filter((term) => term !== '')),
    }, { requiredKeys: ['kind', 'id', 'expected', 'body'] }), nameOf),
    claims: few(fc.record({ kind: fc.constantFrom('k', 'l'), value: id }), ({ kind, value }) => `${kind}/${value}`),
    raise: few(fc.record({ counter: id, to: fc.integer({ min: 0, max: 4 }) }), ({ counter }) => counter),
    clock: fc.nat(),
    append: few(fc.record({ entryId: id, entry: fc.uint8Array({ maxLength: 9 }) }), ({ entryId }) => entryId),
    answer: fc.string({ unit: 'grapheme' }).filter(isText),
}, { requiredKeys: ['unitId'] });
const commit = unit.map((given) => (store, organization) => store.commit({ organization, ...given }));
const lease = fc.tuple(fc.constantFrom('x', 'y'), fc.nat(20), fc.nat(10)).map(([holder, now, ttl]) => (store, organization) => store.lease(organization, holder, now, ttl));
// Publishes what is asked for whether or not it waits: both stores must also agree on what they throw.
const publish = fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.nat(4), fc.uniqueArray(id, { maxLength: 2 }))
    .map(([epoch, fromSize, entryIds]) => async (store, organization) => {
    const state = { treeSize: fromSize + entryIds.length, checkpoint: 'note', derived: `${epoch}` };
    return store.publish({ organization, epoch, fromSize, entryIds, state }).catch((error) => error.message);
});
// Publishes what waits, as a sequencer would; the epoch is the one that stands unless a lease was never taken.
const sequence = fc.constant(async (store, organization) => {
    const entryIds = (await store.outbox(organization, 3)).map(({ entryId }) => entryId);
    const fromSize = (await store.state(organization))?.treeSize ?? 0;
    const { epoch } = (await store.lease(organization, 'x', 100, 1)) ?? { epoch: 0 };
    const state = { treeSize: fromSize + entryIds.length, checkpoint: 'sequenced', derived: '' };
    return store.publish({ organization, epoch, fromSize, entryIds, state });
});
/** Writes of one batch are issued at once, so that SQLite groups them; `sequence` reads first and so stands alone. */
const batch = fc.oneof({
    weight: 8,
    arbitrary: fc.array(fc.oneof({ weight: 6, arbitrary: commit }, lease, publish), { minLength: 1, maxLength: 6 }),
}, { weight: 1, arbitrary: sequence.map((write) => [write]) });
function isText(text) {
    return !text.includes('\0');
}
/** Everything that the port lets one see of an organization. */
async function view(store, organization) {
    const kinds = ['k', 'l'];
    return Promise.all([
        store.read(organization, kinds.flatMap((kind) => ids.map((id) => ({ kind, id })))),
        ...kinds.map((kind) => store.find(organization, kind, { limit: 2 })),
        ...kinds.map((kind) => store.find(organization, kind, { limit: 2, after: 'b' })),
        ...terms.map((term) => store.find(organization, 'k', { term, limit: 3 })),
        ...kinds.flatMap((kind) => ids.map((value) => store.claimed(organization, { kind, value }))),
        store.clock(organization),
        store.outbox(organization, 4),
        store.state(organization),
        store.entries(organization, 1, 5),
        ...ids.map((entryId) => store.indexOf(organization, entryId)),
    ]);
}
for (const driver of await driversHere()) {
    test(`SQLite through ${driver} answers every unit and shows every state as the memory store does`, async () => {
        const memory = memoryStore();
        const sqlite = await openSqliteStore({ path: join(folder, `${driver.replace(':', '-')}.db`), driver });
        let run = 0;
        await fc.assert(fc.asyncProperty(fc.array(batch, { maxLength: 8 }), async (batches) => {
            const organization = `run ${run++}`;
            for (const writes of batches) {
                const expected = await Promise.all(writes.map((write) => write(memory, organization)));
                expect(await Promise.all(writes.map((write) => write(sqlite, organization)))).toEqual(expected);
            }
            expect(await view(sqlite, organization)).toEqual(await view(memory, organization));
        }), { numRuns: process.env['SLOW'] ? 6000 : 300 });
        await sqlite.close();
    }, 600_000);
}
