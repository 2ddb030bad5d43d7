import { TreeEdge } from '@countersign/engine/log/tree-edge';
import { tilesFor } from '@countersign/pure/core/tile';
import { expect, test } from 'vitest';
import { naiveLeaf, naiveRoot, naiveTiles } from './naive-tree.js';
const entryOf = (n) => new TextEncoder().encode(`entry ${n}`);
test('EP-REC-3: at every size from 1 to 600 root and tiles are those of the definitions', () => {
    const edge = new TreeEdge();
    const entries = [];
    const files = new Map();
    for (let size = 1; size <= 600; size++) {
        entries.push(entryOf(size));
        const written = [...edge.append(entries.at(-1)), ...edge.partials(size - 1)];
        for (const { path, bytes } of written)
            files.set(path, bytes);
        expect(edge.size).toBe(size);
        if (size % 7 === 0 || size % 256 < 2) {
            expect(edge.root()).toEqual(naiveRoot(entries.map(naiveLeaf)));
            for (const [path, bytes] of naiveTiles(entries))
                expect(Buffer.compare(files.get(path), bytes), path).toBe(0);
        }
    }
});
test('EP-REC-3: a batch writes exactly the tiles that C2SP names for the growth, and their bundles', () => {
    for (const [from, to] of [
        [0, 1],
        [3, 200],
        [200, 256],
        [255, 257],
        [100, 700],
        [256, 256],
        [511, 512],
    ]) {
        const edge = new TreeEdge();
        for (let n = 0; n < from; n++)
            edge.append(entryOf(n));
        const grown = edge.clone();
        const written = [];
        for (let n = from; n < to; n++)
            written.push(...grown.append(entryOf(n)));
        written.push(...grown.partials(from));
        const expected = tilesFor(from, to).map(({ level, index, width }) => `${level} ${index} ${width}`);
        const named = written.map(({ path }) => /^tile\/(\w+)\/(\d+)(?:\.p\/(\d+))?$/.exec(path));
        const tiles = named.map(([, level, index, width]) => `${level} ${Number(index)} ${width ?? 256}`);
        expect(tiles.filter((tile) => !tile.startsWith('entries')).sort()).toEqual(expected.sort());
        const bundles = expected.filter((tile) => tile.startsWith('0 ')).map((tile) => tile.replace(/^0/, 'entries'));
        expect(tiles.filter((tile) => tile.startsWith('entries')).sort()).toEqual(bundles.sort());
        expect(edge.size).toBe(from);
    }
});
test('EP-REC-3: the example of C2SP: 70,000 entries are 273 full tiles, partial ones of 112, 17 and 1', () => {
    const edge = new TreeEdge();
    const full = [];
    for (let n = 0; n < 70_000; n++)
        for (const { path } of edge.append(entryOf(n)))
            full.push(path);
    expect(full.filter((path) => path.startsWith('tile/0/'))).toHaveLength(273);
    expect(full.filter((path) => path.startsWith('tile/1/'))).toHaveLength(1);
    expect(edge.partials(0).map(({ path }) => path)).toEqual([
        'tile/entries/273.p/112',
        'tile/0/273.p/112',
        'tile/1/001.p/17',
        'tile/2/000.p/1',
    ]);
});
