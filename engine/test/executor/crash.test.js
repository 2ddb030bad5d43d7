import { createExecutor } from '@countersign/engine/executor/executor';
import { openJournal } from '@countersign/engine/executor/journal';
import { utf8Decode } from '@countersign/pure/core/bytes';
import { crashFiles } from '@countersign/simulator/crash-files';
import { octetsOf } from '@countersign/simulator/signer';
import { makeWorld, octetsOfJson } from '@countersign/simulator/world';
import { expect, test } from 'vitest';
import { HonestAuthority, holder, listening, noon, optionsOf } from './world.js';
const world = makeWorld();
const honest = new HonestAuthority(world);
const { bundle, contexts } = honest.bundle('a');
const nonce = contexts[0]['nonce'];
const receipts = new Map();
const of = (what, events) => events.filter((event) => event.what === what);
function receiptFor(request) {
    const receipt = receipts.get(request) ?? octetsOfJson(honest.receiptFor(nonce, JSON.parse(request)));
    receipts.set(request, receipt);
    return receipt;
}
/**
 * One life of the process on this disk: it opens the journal, recovers, and its caller asks for the authorization (once more). Every
 * life has another clock and other randomness, so octets that should be the same are so only if they were kept.
 */
async function live(files, past, life, rewriteAbove) {
    const events = [...past];
    const note = (what, octets) => events.push({ what, octets, after: files.operations() });
    const authority = {
        ...listening(honest, []),
        consume: async (octets) => {
            const request = utf8Decode(octets);
            const [consumed] = of('consumed', events);
            if (consumed === undefined)
                note('consumed', request);
            else if (consumed.octets !== request)
                return { refused: 'nonce_replayed' };
            return { octets: receiptFor(request) };
        },
        reportOutcome: async (octets) => {
            note('reported', utf8Decode(octets));
            return { octets: new Uint8Array(0) };
        },
    };
    const effect = async () => {
        note('effect', '');
        return 'executed';
    };
    const took = async () => (of('effect', events).length > 0 ? 'executed' : 'failed');
    const journal = await openJournal(files, 'executor', holder(`life ${life}`), rewriteAbove);
    const random = (length) => octetsOf(`life ${life}`, length);
    const executor = createExecutor(optionsOf(world, authority, journal, { now: noon + life * 1000 }, { random }));
    const recovered = await executor.recover({ effect, reconcile: took });
    const asked = await executor.execute('a', { actionHash: bundle['action_hash'] }, effect);
    return { events, journal, recovered, asked };
}
/** What may have happened by the time of a crash: events of that very moment did or did not, in their order. */
function pasts(events, after) {
    const sure = events.filter((event) => event.after < after);
    const maybe = events.filter((event) => event.after === after);
    return Array.from({ length: maybe.length + 1 }, (_, some) => [...sure, ...maybe.slice(0, some)]);
}
/** The same disk for another past. */
async function copyOf(files) {
    const copy = new Map();
    for (const name of await files.list(''))
        copy.set(name.replace('/', ''), 'folder');
    for (const name of await files.list('executor')) {
        const path = `executor/${name}`;
        copy.set(path, (await files.read(path)));
    }
    return crashFiles(copy);
}
function requireEnded({ events, journal }, how) {
    const ran = of('effect', events).length;
    expect(ran, how).toBeLessThanOrEqual(1);
    expect(of('consumed', events), how).toHaveLength(1);
    expect(journal.open(), how).toEqual([]);
    const reports = [...new Set(of('reported', events).map(({ octets }) => octets))];
    expect(reports, how).toHaveLength(1);
    expect(JSON.parse(reports[0]).body.outcome, how).toBe(ran === 1 ? 'executed' : 'failed');
    expect(journal.head, how).toEqual(world.currentHead().published.head);
}
// Once with a file that only grows, once with one that is rewritten all the time.
test.each([
    ['', undefined, 23],
    [', the journal rewritten as it goes', 0, 99],
])('EP-BUN-3, EP-INV-1: after a crash at every point, and one more in recovery, the effect ran at most once and is reported%s', async (_, rewriteAbove, step) => {
    const disk = crashFiles();
    const whole = await live(disk, [], 1, rewriteAbove);
    requireEnded(whole, 'no crash');
    const [effect] = of('effect', whole.events);
    let crashes = 0;
    let reconciled = 0;
    for (const crash of disk.crashes()) {
        for (const past of pasts(whole.events, crash.after)) {
            const how = `${crash.after}: ${crash.how}, ${past.length} events`;
            const survivor = await copyOf(crash.files);
            const second = await live(survivor, past, 2, rewriteAbove);
            requireEnded(second, how);
            if (of('effect', second.events).length === 0) {
                // Only where the record `started` was on its way, or there and the effect not yet begun.
                expect([effect.after - 1, effect.after], how).toContain(crash.after);
                reconciled += 1;
            }
            // Some are crashed again, at every seventh point.
            if (crashes++ % (process.env['SLOW'] ? 1 : step) !== 0)
                continue;
            let again = 0;
            for (const other of survivor.crashes()) {
                if (again++ % (process.env['SLOW'] ? 1 : 7) !== 0)
                    continue;
                const fresh = second.events.slice(past.length);
                for (const more of pasts(fresh, other.after)) {
                    requireEnded(await live(await copyOf(other.files), [...past, ...more], 3, rewriteAbove), `${how}; ${other.after}: ${other.how}`);
                }
            }
        }
    }
    expect(crashes).toBeGreaterThan(100);
    expect(reconciled).toBeGreaterThan(0);
});
test('EP-BUN-2: the request is durable before it is sent, the nonce before the effect, the outcome before its report', async () => {
    const disk = crashFiles();
    const { events } = await live(disk, [], 1);
    const needed = { consumed: 'intended', effect: 'started', reported: 'finished' };
    const seen = new Set();
    for (const crash of disk.crashes()) {
        for (const { what, after, octets } of events) {
            if (crash.after !== after)
                continue;
            const journal = await openJournal(crash.files, 'executor', holder('next'));
            const [found] = journal.open();
            expect(found, `${what}: ${crash.how}`).toMatchObject({ state: needed[what] });
            if (what === 'consumed' && found?.state === 'intended')
                expect(octetsOfJson(found.request)).toEqual(new TextEncoder().encode(octets));
            seen.add(what);
        }
    }
    expect([...seen].sort()).toEqual(['consumed', 'effect', 'reported']);
});
