import { expect, test } from 'vitest';
import { append, newWorld, openLog } from './world.js';
test('EP-REC-3: a proof reads O(log n) tiles: with a cold cache at most two a level, however large the log', async () => {
    const world = newWorld();
    const reads = [];
    const tiles = {
        ...plain(world.tiles),
        read: (path) => {
            if (path.startsWith('tile/'))
                reads.push(path);
            return world.tiles.read(path);
        },
    };
    let size = 0;
    const worst = [];
    for (const target of [200, 2_000, 20_000]) {
        for (; size < target; size++)
            await append(world.store, `entry-${size}`, Uint8Array.of(size >> 8, size & 255));
        const writer = openLog(world, { batch: 20_000 });
        await writer.start();
        await writer.sequence();
        await writer.stop();
        // One tile in the cache: nothing that a proof before has read is there.
        const log = openLog({ ...world, tiles }, { cachedTiles: 1 });
        await log.start();
        const costs = [];
        for (let index = 0; index < size; index += Math.floor(size / 13)) {
            reads.length = 0;
            await log.proof(index);
            costs.push(reads.length);
        }
        worst.push(Math.max(...costs));
        await log.stop();
    }
    // A level has the tile of the path and the partial one at the right edge: 200 entries have one level of one tile,
    // 2,000 and 20,000 two levels.
    expect(worst).toEqual([1, 3, 3]);
});
test('with the cache a proof near the end reads nothing that the batch has just written', async () => {
    const world = newWorld();
    let reads = 0;
    const tiles = {
        ...plain(world.tiles),
        read: (path) => {
            reads++;
            return world.tiles.read(path);
        },
    };
    const log = openLog({ ...world, tiles });
    await log.start();
    for (let n = 0; n < 300; n++)
        await append(world.store, `entry-${n}`, Uint8Array.of(n >> 8, n & 255));
    await log.sequence();
    reads = 0;
    for (const index of [0, 150, 255, 256, 299])
        await log.proof(index);
    expect(reads).toBe(0);
    await log.stop();
});
function plain(files) {
    const names = [
        'read',
        'write',
        'append',
        'truncate',
        'sync',
        'rename',
        'remove',
        'syncFolder',
        'makeFolder',
        'list',
    ];
    return Object.fromEntries(names.map((name) => [name, files[name].bind(files)]));
}
