import { memoryStore } from '@countersign/adapters/storage/memory';
import { fileAnchor } from '@countersign/engine/log/anchor';
import { RollbackDetected } from '@countersign/engine/log/halt';
import { describe, expect, test } from 'vitest';
import { anchorPath, append, appendReceipts, copyFiles, filesUnder, flip, fsck, hashOf, newLogKey, newWorld, openLog, organization, receiptEntry, } from './world.js';
/** A world whose log has anchored the first `sizes.at(-1)` receipts, with a checkpoint at each size. */
async function worldAt(...sizes) {
    const world = newWorld();
    const log = openLog(world);
    let n = 0;
    for (const size of sizes) {
        await appendReceipts(world.store, n, size);
        await log.sequence();
        n = size;
    }
    await log.stop();
    return world;
}
/** The store of a log that never got further than `size`: what a restored backup is. */
async function backupAt(world, size) {
    const other = newWorld({ key: world.key, time: world.time });
    const log = openLog(other);
    await appendReceipts(other.store, 0, size);
    await log.sequence();
    await log.stop();
    return other.store;
}
function changed(store, methods) {
    return new Proxy(store, {
        get: (target, name) => methods[name] ??
            target[name].bind(target),
    });
}
function countingSigner(world) {
    let signed = 0;
    const sign = (message) => {
        signed++;
        return world.key.signer.sign(message);
    };
    return { signer: { ...world.key.signer, sign }, signed: () => signed };
}
describe('rollback guard', () => {
    test('EP-SM-4: an older copy of the database does not start, does not sign and does not answer', async () => {
        const world = await worldAt(3, 7);
        for (const size of [0, 3, 5]) {
            const restored = { ...world, store: size === 0 ? memoryStore() : await backupAt(world, size) };
            await append(restored.store, 'new', receiptEntry(99));
            const { signer, signed } = countingSigner(world);
            const before = await filesUnder(world.tiles);
            const log = openLog(restored, { signer });
            const waiting = log.anchored('receipt-0', 60_000).catch((error) => error);
            await expect(log.start()).rejects.toBeInstanceOf(RollbackDetected);
            if (size > 0)
                expect(await waiting).toBeInstanceOf(RollbackDetected);
            await expect(log.sequence()).rejects.toMatchObject({ code: 'log_rollback_detected' });
            await expect(log.anchored('new', 10)).rejects.toMatchObject({ code: 'log_rollback_detected' });
            await expect(log.proof(0)).rejects.toMatchObject({ code: 'log_rollback_detected' });
            expect(() => log.newestAnchored()).toThrow(RollbackDetected);
            expect(() => log.derived()).toThrow(RollbackDetected);
            expect(log.halted()?.code).toBe('log_rollback_detected');
            expect(signed()).toBe(0);
            expect(await filesUnder(world.tiles)).toEqual(before);
            await log.stop();
        }
    });
    test('EP-SM-4: a database that went another way at the same or a larger size is no extension', async () => {
        const world = await worldAt(3, 5);
        for (const size of [5, 8]) {
            const other = newWorld({ key: world.key });
            const fork = openLog(other);
            for (let n = 0; n < size; n++)
                await append(other.store, `fork-${n}`, receiptEntry(n, { nonce_hash: hashOf(`fork ${n}`) }));
            await fork.sequence();
            await fork.stop();
            const log = openLog({ ...world, store: other.store });
            await expect(log.start()).rejects.toMatchObject({ code: 'log_rollback_detected' });
        }
    });
    test('EP-SM-4: a database restored under a running log stops it at the next pass', async () => {
        const world = await worldAt(3, 7);
        const old = await backupAt(world, 3);
        let restored = false;
        const store = new Proxy(world.store, {
            get: (target, name) => {
                const current = (restored ? old : target);
                return current[name].bind(current);
            },
        });
        const { signer, signed } = countingSigner(world);
        const log = openLog({ ...world, store }, { signer });
        await log.start();
        restored = true;
        await append(old, 'new', receiptEntry(99));
        await expect(log.sequence()).rejects.toMatchObject({ code: 'log_rollback_detected' });
        expect(signed()).toBe(0);
    });
    test('EP-SM-4: the check on a timer reads every entry again', async () => {
        const world = await worldAt(3, 7);
        let tampered = false;
        const store = changed(world.store, {
            entries: async (...args) => {
                const entries = [...(await world.store.entries(...args))];
                if (tampered)
                    entries[1] = receiptEntry(42);
                return entries;
            },
        });
        const log = openLog({ ...world, store });
        await log.start();
        await log.check();
        tampered = true;
        expect(await log.sequence()).toEqual({ status: 'idle' });
        await expect(log.check()).rejects.toMatchObject({ code: 'log_entries_root_mismatch' });
        await expect(log.sequence()).rejects.toMatchObject({ code: 'log_entries_root_mismatch' });
    });
});
describe('what the database says of itself', () => {
    const cases = [
        ['log_entries_missing', () => ({ entries: async () => [] })],
        [
            'log_entries_root_mismatch',
            () => ({ entries: async (_, from, to) => Array.from({ length: to - from }, () => receiptEntry(0)) }),
        ],
        ['log_state_checkpoint_invalid', (state) => ({ state: async () => ({ ...state, treeSize: 8 }) })],
        [
            'log_state_checkpoint_invalid',
            (state) => ({ state: async () => ({ ...state, checkpoint: state.checkpoint.replace('\n7\n', '\n8\n') }) }),
        ],
    ];
    test.each(cases)('EP-SM-4: %s', async (code, methods) => {
        const world = await worldAt(3, 7);
        const state = (await world.store.state(organization));
        const log = openLog({ ...world, store: changed(world.store, methods(state, world)) });
        await expect(log.start()).rejects.toMatchObject({ code });
    });
    test('EP-SM-4: an anchor that another key signed is not ours to follow', async () => {
        const world = await worldAt(3);
        const log = openLog({ ...world, key: newLogKey() });
        await expect(log.start()).rejects.toMatchObject({ code: 'log_anchor_checkpoint_invalid' });
    });
});
describe('anchor behind', () => {
    test('EP-SM-4: an anchor that lost its end is noticed against the served checkpoint', async () => {
        const world = await worldAt(3, 7);
        const lines = new TextDecoder().decode((await world.anchorFiles.read(anchorPath))).split('\n');
        await world.anchorFiles.write(anchorPath, new TextEncoder().encode(`${lines[0]}\n`));
        const log = openLog({ ...world, anchor: fileAnchor(world.anchorFiles, anchorPath) });
        await expect(log.start()).rejects.toMatchObject({ code: 'log_anchor_truncated' });
    });
    test('EP-SM-3: a checkpoint that was persisted and not anchored is anchored and served by the next start', async () => {
        const world = await worldAt(3);
        const broken = {
            newest: (fresh) => world.anchor.newest(fresh),
            all: () => world.anchor.all(),
            append: () => Promise.reject(new Error('power')),
        };
        const dying = openLog({ ...world, anchor: broken });
        await appendReceipts(world.store, 3, 6);
        await expect(dying.sequence()).rejects.toThrow('power');
        expect(dying.newestAnchored()?.treeSize).toBe(3);
        const log = openLog(world);
        await log.start();
        expect(log.newestAnchored()?.treeSize).toBe(6);
        expect(await log.anchored('receipt-5', 0)).toBe(5);
        expect((await fsck(world)).findings).toEqual([]);
        await log.stop();
    });
});
describe('tiles', () => {
    test('EP-SM-4: tiles that are lost or differ are derived again from the entries at start', async () => {
        const world = await worldAt(200, 300);
        const before = await filesUnder(world.tiles);
        await flip(world.tiles, 'tile/0/000', 40);
        await flip(world.tiles, 'tile/entries/001.p/44', 9);
        await world.tiles.remove('tile/1/000.p/1');
        await world.tiles.remove('checkpoint');
        const log = openLog(world);
        await log.start();
        expect(await filesUnder(world.tiles)).toEqual(before);
        await log.stop();
    });
    test('a proof made from a damaged tile is not handed out', async () => {
        const world = await worldAt(300);
        const tiles = await copyFiles(world.tiles);
        const log = openLog({ ...world, tiles }, { cachedTiles: 1 });
        await log.start();
        await flip(tiles, 'tile/0/000', 40);
        await expect(log.proof(0)).rejects.toMatchObject({ code: 'log_tile_damaged' });
        await log.proof(299);
        await log.check();
        expect((await log.proof(0)).leaf_index).toBe(0);
        await log.stop();
    });
    test('a database that fails the guard overwrites no tile', async () => {
        const world = await worldAt(7);
        await flip(world.tiles, 'tile/0/000.p/7');
        const before = await filesUnder(world.tiles);
        const log = openLog({
            ...world,
            store: changed(world.store, {
                entries: async (_, from, to) => Array.from({ length: to - from }, () => receiptEntry(0)),
            }),
        });
        await expect(log.start()).rejects.toMatchObject({ code: 'log_entries_root_mismatch' });
        expect(await filesUnder(world.tiles)).toEqual(before);
    });
});
