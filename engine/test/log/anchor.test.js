import { fileAnchor } from '@countersign/engine/log/anchor';
import { CheckpointKeys } from '@countersign/engine/log/signed-checkpoint';
import { leafHash, MerkleTree } from '@countersign/pure/core/merkle';
import { crashFiles } from '@countersign/simulator/crash-files';
import { describe, expect, test } from 'vitest';
import { anchorPath, logKeyId, newLogKey, origin } from './world.js';
const key = newLogKey();
const at = Date.UTC(2026, 10, 20, 8);
function treeOf(size, kind = 'entry') {
    return MerkleTree.of(Array.from({ length: size }, (_, n) => leafHash(new TextEncoder().encode(`${kind} ${n}`))));
}
async function noteOf(tree, name = origin, pair = key) {
    const keys = new CheckpointKeys(name, [{ logKeyId, vkey: pair.vkey }]);
    return (await keys.sign(pair.signer, tree.size, tree.root())).note;
}
async function anchorOf(...sizes) {
    const files = crashFiles();
    const anchor = fileAnchor(files, anchorPath);
    for (const [i, size] of sizes.entries())
        await add(anchor, treeOf(size), sizes[i - 1] ?? 0, at + i * 1000);
    const lines = async () => new TextDecoder()
        .decode((await files.read(anchorPath)))
        .split('\n')
        .slice(0, -1);
    const rewrite = (text) => files.write(anchorPath, new TextEncoder().encode(text));
    return { files, anchor, lines, rewrite };
}
async function add(anchor, tree, from, when = at) {
    return anchor.append({ note: await noteOf(tree), at: when }, from === 0 ? [] : tree.consistencyPath(from));
}
const sizesOf = async (anchor) => (await anchor.all()).map(({ note }) => Number(note.split('\n')[1]));
describe('append', () => {
    test('EP-DIR-6: every checkpoint is kept, with the time at which it was anchored', async () => {
        const { files, anchor } = await anchorOf(1, 3, 7);
        const all = await fileAnchor(files, anchorPath).all();
        expect(all.map((one) => one.at)).toEqual([at, at + 1000, at + 2000]);
        expect(await sizesOf(anchor)).toEqual([1, 3, 7]);
        expect((await fileAnchor(files, anchorPath).newest(true))?.note).toBe(all[2]?.note);
    });
    test('EP-SM-3: a smaller tree is not appended, the same one changes nothing', async () => {
        const { anchor, lines } = await anchorOf(3, 7);
        expect(await add(anchor, treeOf(3), 0)).toBe(false);
        expect(await add(anchor, treeOf(7), 7)).toBe(true);
        expect(await lines()).toHaveLength(2);
    });
    const inconsistent = [
        ['another tree of the same size', (anchor) => add(anchor, treeOf(7, 'fork'), 7)],
        ['a larger tree with another beginning', (anchor) => add(anchor, treeOf(9, 'fork'), 7)],
        ['a larger tree without its path', (anchor) => add(anchor, treeOf(9), 0)],
        [
            'a checkpoint of another log',
            async (anchor) => {
                const other = newLogKey('log.other.example');
                const note = await noteOf(treeOf(9), 'log.other.example', other);
                return anchor.append({ note, at }, treeOf(9).consistencyPath(7));
            },
        ],
    ];
    test.each(inconsistent)('EP-SM-4: %s is refused', async (_, attempt) => {
        const { anchor, lines } = await anchorOf(3, 7);
        await expect(attempt(anchor)).rejects.toMatchObject({ code: 'log_anchor_inconsistent' });
        expect(await lines()).toHaveLength(2);
    });
    test('EP-VER-6: a clock that was set back does not turn the times around', async () => {
        const { anchor } = await anchorOf(3, 7);
        await add(anchor, treeOf(9), 7, at - 60_000);
        expect((await anchor.all()).map((one) => one.at - at)).toEqual([0, 1000, 1000]);
    });
    test('two appenders of one publication leave one record', async () => {
        const { files, anchor } = await anchorOf(3);
        const other = fileAnchor(files, anchorPath);
        expect(await other.newest(false)).not.toBeNull();
        await add(anchor, treeOf(7), 3);
        await add(other, treeOf(7), 3);
        await anchor.newest(true);
        await add(anchor, treeOf(9), 7);
        expect(await sizesOf(anchor)).toEqual([3, 7, 9]);
    });
});
describe('reading', () => {
    test('EP-SM-3: a torn tail is skipped, and what follows it stands alone', async () => {
        for (const cut of [1, 2, 20, 150]) {
            const { files, rewrite, lines } = await anchorOf(3, 7);
            const whole = `${(await lines()).join('\n')}\n`;
            await rewrite(whole.slice(0, -cut));
            const anchor = fileAnchor(files, anchorPath);
            const left = cut === 1 ? [3, 7] : [3];
            expect(await sizesOf(anchor)).toEqual(left);
            await add(anchor, treeOf(9), left.at(-1));
            expect(await sizesOf(fileAnchor(files, anchorPath))).toEqual([...left, 9]);
        }
    });
    const broken = [
        ['log_anchor_record_missing', 'a line is gone', (lines) => [lines[0], lines[2]]],
        [
            'log_anchor_record_missing',
            'a line was changed',
            (lines) => [lines[0], lines[1].replace('"at":"2026', '"at":"2025'), lines[2]],
        ],
        ['log_anchor_record_missing', 'the first line is gone', (lines) => lines.slice(1)],
    ];
    test.each(broken)('EP-DIR-6: %s: %s', async (code, _, change) => {
        const { files, lines, rewrite } = await anchorOf(1, 3, 7);
        await rewrite(`${change(await lines()).join('\n')}\n`);
        await expect(fileAnchor(files, anchorPath).newest(true)).rejects.toMatchObject({ code });
    });
    test('EP-DIR-6: records that contradict each other', async () => {
        const first = await anchorOf(1, 3);
        const second = await anchorOf(1, 7);
        await first.rewrite(`${[...(await first.lines()), (await second.lines())[1]].join('\n')}\n`);
        await expect(fileAnchor(first.files, anchorPath).all()).rejects.toMatchObject({
            code: 'log_anchor_record_mismatch',
        });
        const large = await anchorOf(9);
        const small = await anchorOf(1, 3);
        await large.rewrite(`${[...(await large.lines()), (await small.lines())[1]].join('\n')}\n`);
        await expect(fileAnchor(large.files, anchorPath).all()).rejects.toMatchObject({ code: 'log_anchor_order_invalid' });
    });
});
