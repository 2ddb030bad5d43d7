import { fileAnchor } from '@countersign/engine/log/anchor';
import { parseHash } from '@countersign/pure/core/digest';
import { verifyConsistency, verifyInclusion } from '@countersign/pure/core/merkle';
import { readShape } from '@countersign/pure/core/shape';
import { logProof } from '@countersign/pure/ep/log-proof';
import { describe, expect, test } from 'vitest';
import { naiveLeaf, naiveRoot, naiveTiles } from './naive-tree.js';
import { anchorPath, append, appendReceipts, filesUnder, fsck, hashOf, headEntry, headOf, logKeyId, newLogKey, newWorld, noHash, openLog, organization, receiptEntry, Time, } from './world.js';
/** Lets everything run that waits for nothing but other promises. */
async function settle() {
    await new Promise((resolve) => setTimeout(resolve, 5));
}
/** The store, and how often each of its methods was called. */
function counted(store) {
    const calls = new Map();
    const proxy = new Proxy(store, {
        get(target, name) {
            return (...args) => {
                calls.set(name, (calls.get(name) ?? 0) + 1);
                return target[name](...args);
            };
        },
    });
    return { store: proxy, calls };
}
describe('batches and proofs', () => {
    test('EP-VER-5, EP-REC-3: at sizes from 1 to 600 every proof verifies and every tile is the defined one', async () => {
        const world = newWorld();
        const log = openLog(world);
        const leaves = [];
        let old = { size: 0, root: naiveRoot([]) };
        for (let size = 0; size < 600;) {
            const next = Math.min(600, size < 20 ? size + 1 : size + 1 + ((size * 7) % 23));
            await appendReceipts(world.store, size, next);
            for (; size < next; size++)
                leaves.push(naiveLeaf(receiptEntry(size)));
            expect(await log.sequence()).toMatchObject({ status: 'published' });
            const { rootHash, treeSize } = log.newestAnchored();
            expect([treeSize, rootHash]).toEqual([size, naiveRoot(leaves)]);
            for (const index of new Set([0, size - 1, Math.floor(size / 2), (size * 31) % size])) {
                const proof = await log.proof(index);
                verifyInclusion(leaves[index], index, size, proof.inclusion_path.map((hash) => parseHash(hash)), rootHash);
            }
            const path = (await log.consistency(old.size, size)).map((hash) => parseHash(hash));
            verifyConsistency(old.size, old.root, size, rootHash, path);
            old = { size, root: rootHash };
        }
        const entries = leaves.map((_, n) => receiptEntry(n));
        for (const [path, bytes] of naiveTiles(entries))
            expect(await world.tiles.read(path), path).toEqual(bytes);
        expect(new TextDecoder().decode((await world.tiles.read('checkpoint')))).toBe(log.newestAnchored().note);
    });
    test('EP-REC-4, EP-REC-5: a proof is the member of section 12, with the head under the same checkpoint', async () => {
        const world = newWorld();
        const log = openLog(world);
        await append(world.store, 'head', headEntry(headOf(noHash, '2026-11-20T07:00:00Z')));
        await appendReceipts(world.store, 0, 5);
        await log.sequence();
        const proof = await log.proof(3, 0);
        expect(readShape(logProof, JSON.parse(JSON.stringify(proof)))).toEqual(proof);
        expect([proof.leaf_index, proof.head?.leaf_index, proof.checkpoint.tree_size]).toEqual([3, 0, 6]);
        expect(proof.checkpoint.cosignatures).toEqual([]);
        await expect(log.proof(0, 3)).rejects.toThrow(RangeError);
        await expect(log.proof(6)).rejects.toThrow(RangeError);
        await expect(log.consistency(2, 7)).rejects.toThrow(RangeError);
    });
    test('EP-CTX-4, EP-DIR-2: the newest receipt and head of the anchored tree are known, after a restart too', async () => {
        const world = newWorld();
        const log = openLog(world);
        expect(() => log.derived()).toThrow('not started');
        await log.sequence();
        expect(log.derived()).toEqual({ receipt: null, head: null });
        const head = headOf(noHash, '2026-11-20T07:00:00Z');
        await append(world.store, 'head', headEntry(head));
        await appendReceipts(world.store, 0, 3);
        await append(world.store, 'unknown', new TextEncoder().encode('{"type":"ep.log.tomorrow.v1"}'));
        await log.sequence();
        const derived = log.derived();
        expect(derived.receipt).toEqual({ receipt_hash: hashOf('receipt 2'), index: 3 });
        expect(derived.head).toMatchObject({ index: 0, head });
        expect(JSON.parse((await world.store.state(organization)).derived)).toEqual(derived);
        const again = openLog(world);
        await again.start();
        expect(again.derived()).toEqual(derived);
        await again.stop();
    });
    test('a batch has at most `batch` entries, in the order of the outbox', async () => {
        const world = newWorld();
        const log = openLog(world, { batch: 4 });
        await appendReceipts(world.store, 0, 10);
        expect(await log.sequence()).toEqual({ status: 'published', entries: 4, full: true });
        expect(await log.sequence()).toEqual({ status: 'published', entries: 4, full: true });
        expect(await log.sequence()).toEqual({ status: 'published', entries: 2, full: false });
        expect(await log.sequence()).toEqual({ status: 'idle' });
        expect(await world.store.indexOf(organization, 'receipt-7')).toBe(7);
    });
    test('an entry that no bundle can hold stops the log before anything is signed', async () => {
        const world = newWorld();
        const log = openLog(world);
        await append(world.store, 'huge', new Uint8Array(65_536));
        await expect(log.sequence()).rejects.toMatchObject({ code: 'log_entry_too_large' });
        expect(await world.store.state(organization)).toBeNull();
    });
});
describe('the signer', () => {
    test('EP-REC-4: keys that do not bear the origin, and a signer without one of them, are refused at once', () => {
        const world = newWorld();
        const foreign = newLogKey('log.other.example');
        expect(() => openLog({ ...world, key: foreign })).toThrow('verifier_key_name_mismatch');
        expect(() => openLog(world, { signer: newLogKey().signer })).toThrow('signer_key_unknown');
    });
    test('a signature that the pinned key does not verify stops the log before anything is persisted', async () => {
        const world = newWorld();
        const signer = { ...world.key.signer, sign: newLogKey().signer.sign };
        const log = openLog(world, { signer });
        await appendReceipts(world.store, 0, 1);
        await expect(log.sequence()).rejects.toMatchObject({ code: 'log_signature_invalid' });
        expect(await world.store.state(organization)).toBeNull();
    });
    test('EP-REC-4: after a rotation the old checkpoint is followed, the next one is by the new key', async () => {
        const world = newWorld();
        await appendReceipts(world.store, 0, 1);
        await openLog(world).sequence();
        const next = newLogKey();
        const keys = [
            { logKeyId, vkey: world.key.vkey },
            { logKeyId: 'ep:log:acme#2', vkey: next.vkey },
        ];
        const log = openLog(world, { signer: next.signer, keys });
        await log.start();
        expect((await log.proof(0)).checkpoint.log_key_id).toBe(logKeyId);
        await appendReceipts(world.store, 1, 2);
        await log.sequence();
        expect((await log.proof(0)).checkpoint.log_key_id).toBe('ep:log:acme#2');
        await log.stop();
    });
});
describe('waiting', () => {
    test('EP-SM-3: a waiter is answered when its entry is anchored, and not before', async () => {
        const world = newWorld();
        let release = () => { };
        const gate = new Promise((resolve) => {
            release = resolve;
        });
        const anchor = {
            ...bound(world.anchor),
            append: async (...args) => {
                await gate;
                return world.anchor.append(...args);
            },
        };
        const log = openLog({ ...world, anchor });
        await log.start();
        await appendReceipts(world.store, 0, 3);
        log.kick();
        let answer;
        const waiting = log.anchored('receipt-1', 1000).then((index) => {
            answer = index;
        });
        await settle();
        // Frozen between publishing and anchoring: the database has the index, nobody was told.
        expect(await world.store.indexOf(organization, 'receipt-1')).toBe(1);
        expect(answer).toBeUndefined();
        expect(log.newestAnchored()).toBeNull();
        expect(await world.tiles.read('checkpoint')).toBeNull();
        release();
        await waiting;
        expect(answer).toBe(1);
        await log.stop();
    });
    test('EP-SM-3: a waiter gets null after its time, for an unknown entry, and when the log stops', async () => {
        const world = newWorld();
        const failing = { ...bound(world.anchor), append: () => Promise.reject(new Error('disk full')) };
        const log = openLog({ ...world, anchor: failing });
        await log.start();
        await appendReceipts(world.store, 0, 2);
        const late = log.anchored('receipt-0', 1000);
        const stopped = log.anchored('receipt-1', 5000);
        expect(await log.anchored('nowhere', 1000)).toBeNull();
        world.time.pass(1000);
        expect(await late).toBeNull();
        await log.stop();
        expect(await stopped).toBeNull();
    });
    test('what is anchored already is answered at once', async () => {
        const world = newWorld();
        const log = openLog(world);
        await appendReceipts(world.store, 0, 2);
        await log.sequence();
        expect(await log.anchored('receipt-1', 0)).toBe(1);
    });
    test('a fault is told and retried; the retry finishes what was published', async () => {
        const world = newWorld();
        let broken = true;
        const anchor = {
            ...bound(world.anchor),
            append: (...args) => broken ? Promise.reject(new Error('disk full')) : world.anchor.append(...args),
        };
        const faults = [];
        const log = openLog({ ...world, anchor }, { onFault: (fault) => faults.push(fault) });
        await log.start();
        await appendReceipts(world.store, 0, 2);
        const waiting = log.anchored('receipt-1', 60_000);
        await settle();
        expect(faults).toHaveLength(1);
        broken = false;
        await appendReceipts(world.store, 2, 3);
        world.time.pass(50);
        expect(await waiting).toBe(1);
        await settle();
        expect(log.newestAnchored()?.treeSize).toBe(3);
        expect((await world.anchor.all()).map(({ note }) => note.split('\n')[1])).toEqual(['2', '3']);
        await log.stop();
    });
    test('32 callers in a loop cost at most one log transaction for 8 entries, lease included', async () => {
        const { store, calls } = counted(newWorld().store);
        const world = newWorld({ store });
        const log = openLog(world);
        await log.start();
        calls.clear();
        const caller = async (name) => {
            for (let round = 0; round < 10; round++) {
                await append(world.store, `${name}/${round}`, receiptEntry(name * 100 + round));
                log.kick();
                expect(await log.anchored(`${name}/${round}`, 1000)).not.toBeNull();
            }
        };
        await Promise.all(Array.from({ length: 32 }, (_, name) => caller(name)));
        const transactions = (calls.get('publish') ?? 0) + (calls.get('lease') ?? 0);
        expect(log.newestAnchored()?.treeSize).toBe(320);
        expect(transactions).toBeLessThanOrEqual(320 / 8);
        await log.stop();
    });
});
/** The world as another process on it sees it: nothing in memory is shared. */
function own(world) {
    return { ...world, anchor: fileAnchor(world.anchorFiles, anchorPath) };
}
describe('two sequencers', () => {
    test('EP-SM-3: whoever has no lease publishes nothing, yet answers its own waiters', async () => {
        const world = newWorld();
        const first = openLog(own(world), { holder: 'a' });
        const second = openLog(own(world), { holder: 'b' });
        await first.start();
        await second.start();
        await appendReceipts(world.store, 0, 3);
        const waiting = second.anchored('receipt-2', 60_000);
        await settle();
        expect(await second.sequence()).toEqual({ status: 'standby' });
        expect(await world.store.state(organization)).toBeNull();
        first.kick();
        await settle();
        world.time.pass(50);
        expect(await waiting).toBe(2);
        expect(second.newestAnchored()?.note).toBe(first.newestAnchored()?.note);
        expect(second.derived()).toEqual(first.derived());
        await first.stop();
        // The lease was given up, so the other one needs not wait for its end.
        await appendReceipts(world.store, 3, 4);
        expect(await second.sequence()).toMatchObject({ status: 'published' });
        await second.stop();
    });
    test('EP-SM-3: a leader whose lease went to another while it signed is fenced and writes no tile', async () => {
        const world = newWorld();
        const pause = pauseAt();
        const slowSigner = {
            ...world.key.signer,
            sign: async (message) => {
                await pause.here();
                return world.key.signer.sign(message);
            },
        };
        const stale = openLog(world, { holder: 'a', signer: slowSigner, leaseMilliseconds: 1000 });
        await appendReceipts(world.store, 0, 2);
        const fenced = stale.sequence();
        await pause.reached;
        world.time.pass(1001);
        const fresh = openLog(own(world), { holder: 'b' });
        await appendReceipts(world.store, 2, 5);
        expect(await fresh.sequence()).toMatchObject({ status: 'published', entries: 5 });
        const before = await filesUnder(world.tiles);
        pause.release();
        expect(await fenced).toEqual({ status: 'standby' });
        expect(await filesUnder(world.tiles)).toEqual(before);
        expect(await world.anchor.all()).toHaveLength(1);
        expect((await world.store.state(organization))?.treeSize).toBe(5);
    });
    const anchors = [
        ['on an anchor that both reach', (world) => world, 'standby'],
        // The sleeper cannot know better; what it appends stands there already and counts once.
        ['on an anchor file that each has read', own, 'published'],
    ];
    test.each(anchors)('EP-SM-3: a leader that fell asleep after publishing, %s', async (_, successor, status) => {
        const world = newWorld();
        const pause = pauseAt();
        const sleepy = {
            ...bound(world.anchor),
            append: async (...args) => {
                await pause.here();
                return world.anchor.append(...args);
            },
        };
        const old = openLog({ ...world, anchor: sleepy }, { holder: 'a', leaseMilliseconds: 1000 });
        await appendReceipts(world.store, 0, 2);
        const interrupted = old.sequence();
        await pause.reached;
        world.time.pass(1001);
        const fresh = openLog(successor(world), { holder: 'b' });
        await appendReceipts(world.store, 2, 3);
        await fresh.sequence();
        pause.release();
        expect(await interrupted).toMatchObject({ status });
        expect((await world.anchor.all()).map(({ note }) => note.split('\n')[1])).toEqual(['2', '3']);
        world.time.pass(20_000);
        expect(await old.sequence()).toEqual({ status: 'idle' });
        expect(old.newestAnchored()?.treeSize).toBe(3);
        expect((await fsck(world)).findings).toEqual([]);
    });
    test('an idle log looks for what other processes committed', async () => {
        const world = newWorld({ time: new Time() });
        const log = openLog(world, { pollMilliseconds: 500 });
        await log.start();
        await settle();
        await appendReceipts(world.store, 0, 1);
        await settle();
        expect(log.newestAnchored()).toBeNull();
        world.time.pass(500);
        await settle();
        expect(log.newestAnchored()?.treeSize).toBe(1);
        await log.stop();
    });
});
function bound(port) {
    return new Proxy(port, {
        ownKeys: () => ['newest', 'append', 'all'],
        getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true }),
        get: (target, name) => target[name]?.bind(target),
    });
}
/** A point that one caller reaches and another releases. */
function pauseAt() {
    let reach = () => { };
    let release = () => { };
    const reached = new Promise((resolve) => {
        reach = resolve;
    });
    const released = new Promise((resolve) => {
        release = resolve;
    });
    const here = () => {
        reach();
        return released;
    };
    return { reached, release, here };
}
