import { createHash } from 'node:crypto';
/** RFC 6962 and C2SP tiles straight from their definitions, without a line of the code under test. */
export function naiveLeaf(entry) {
    return new Uint8Array(createHash('sha256').update(Uint8Array.of(0)).update(entry).digest());
}
/** MTH of leaf hashes, by the recursion of section 2.1. */
export function naiveRoot(leaves) {
    if (leaves.length === 0)
        return new Uint8Array(createHash('sha256').digest());
    if (leaves.length === 1)
        return leaves[0];
    let k = 1;
    while (k * 2 < leaves.length)
        k *= 2;
    const hash = createHash('sha256').update(Uint8Array.of(1));
    return new Uint8Array(hash
        .update(naiveRoot(leaves.slice(0, k)))
        .update(naiveRoot(leaves.slice(k)))
        .digest());
}
/** Every tile and bundle that must be there for a tree of these entries. */
export function naiveTiles(entries) {
    const files = new Map();
    let hashes = entries.map(naiveLeaf);
    for (let n = 0; n * 256 < entries.length; n++) {
        const part = entries.slice(n * 256, n * 256 + 256);
        const framed = part.flatMap((entry) => [Buffer.from([entry.length >> 8, entry.length & 255]), Buffer.from(entry)]);
        files.set(naivePath('entries', n, part.length), new Uint8Array(Buffer.concat(framed)));
    }
    for (let level = 0; hashes.length > 0; level++) {
        const above = [];
        for (let n = 0; n * 256 < hashes.length; n++) {
            const part = hashes.slice(n * 256, n * 256 + 256);
            files.set(naivePath(String(level), n, part.length), new Uint8Array(Buffer.concat(part)));
            if (part.length === 256)
                above.push(naiveRoot(part));
        }
        hashes = above;
    }
    return files;
}
/** Good for indices below 1000. */
function naivePath(level, n, width) {
    return `tile/${level}/${String(n).padStart(3, '0')}${width === 256 ? '' : `.p/${width}`}`;
}
