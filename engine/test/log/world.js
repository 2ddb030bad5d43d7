import { generateKeyPairSync, sign } from 'node:crypto';
import { memoryStore } from '@countersign/adapters/storage/memory';
import { fileAnchor } from '@countersign/engine/log/anchor';
import { fsckLog } from '@countersign/engine/log/fsck';
import { createLog } from '@countersign/engine/log/log';
import { hashString, sha256 } from '@countersign/pure/core/digest';
import { formatVerifierKey } from '@countersign/pure/core/note';
import { encodeLogEntry } from '@countersign/pure/ep/log-entry';
import { crashFiles } from '@countersign/simulator/crash-files';
export const organization = 'ep:org:acme';
export const origin = 'log.acme.example/1';
export const logKeyId = 'ep:log:acme#1';
export const anchorPath = 'anchor.jsonl';
export const noHash = `sha256:${'0'.repeat(64)}`;
export function newLogKey(name = origin) {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    return {
        signer: fileSigner(publicKey, privateKey),
        vkey: formatVerifierKey(name, spki(publicKey).subarray(12), 0x01),
    };
}
function fileSigner(publicKey, privateKey) {
    return {
        algorithm: 'Ed25519',
        publicKey: spki(publicKey),
        sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
    };
}
function spki(key) {
    return new Uint8Array(key.export({ type: 'spki', format: 'der' }));
}
/** A clock and a schedule that move only when told. */
export class Time {
    now = Date.UTC(2026, 10, 20, 8);
    #timers = [];
    clock = () => this.now;
    schedule = (milliseconds, run) => {
        const timer = { at: this.now + milliseconds, run };
        this.#timers.push(timer);
        return () => {
            this.#timers = this.#timers.filter((other) => other !== timer);
        };
    };
    pass(milliseconds) {
        this.now += milliseconds;
        const due = this.#timers.filter(({ at }) => at <= this.now);
        this.#timers = this.#timers.filter(({ at }) => at > this.now);
        for (const { run } of due)
            run();
    }
}
export function newWorld(parts = {}) {
    const anchorFiles = parts.anchorFiles ?? crashFiles();
    return {
        key: newLogKey(),
        store: memoryStore(),
        tiles: crashFiles(),
        anchor: fileAnchor(anchorFiles, anchorPath),
        time: new Time(),
        ...parts,
        anchorFiles,
    };
}
export function openLog(world, options = {}) {
    const { store, tiles, anchor, key, time } = world;
    return createLog({
        organization,
        origin,
        keys: [{ logKeyId, vkey: key.vkey }],
        signer: key.signer,
        store,
        tiles,
        anchor,
        holder: 'server-1',
        clock: time.clock,
        schedule: time.schedule,
        ...options,
    });
}
export function fsck(world, options = {}) {
    return fsckLog(world.tiles, {
        origin,
        keys: [{ logKeyId, vkey: world.key.vkey }],
        organization,
        anchor: { files: world.anchorFiles, path: anchorPath },
        ...options,
    });
}
export async function append(store, entryId, entry) {
    const committed = await store.commit({ organization, unitId: `unit-${entryId}`, append: [{ entryId, entry }] });
    if (committed.status !== 'committed')
        throw new Error(committed.status);
}
/** Appends receipts `from` to `to` (exclusive), each with the one before as predecessor. */
export async function appendReceipts(store, from, to) {
    for (let n = from; n < to; n++)
        await append(store, `receipt-${n}`, receiptEntry(n));
}
export function hashOf(text) {
    return hashString(sha256(new TextEncoder().encode(text)));
}
export function receiptEntry(n, members = {}) {
    return encodeLogEntry({
        type: 'ep.log.receipt.v1',
        organization,
        receipt_hash: hashOf(`receipt ${n}`),
        nonce_hash: hashOf(`nonce ${n}`),
        state: 'COMMITTED',
        committed_at: '2026-11-20T08:00:00Z',
        prev_receipt_hash: n === 0 ? noHash : hashOf(`receipt ${n - 1}`),
        ...members,
    });
}
export function headOf(prev, issuedAt, members = {}) {
    return {
        body: {
            type: 'ep.directory_head.v1',
            directory_id: 'ep:directory:acme',
            tree_size: 4,
            root_hash: hashOf('root'),
            issued_at: issuedAt,
            valid_until: '2027-01-01T00:00:00Z',
            prev_head_hash: prev,
            ...members,
        },
        signatures: [{ key_id: 'ep:key:acme#1', signature: `b64u:${'A'.repeat(86)}` }],
    };
}
export function headEntry(head) {
    return encodeLogEntry({ type: 'ep.log.directory_head.v1', organization, head });
}
export function denialEntry(n, nonce) {
    return encodeLogEntry({
        type: 'ep.log.denial.v1',
        organization,
        denial_hash: hashOf(`denial ${n}`),
        nonce_hash: hashOf(nonce),
        state: 'DENIED',
        denied_at: '2026-11-20T08:00:00Z',
        prev_receipt_hash: noHash,
    });
}
export function outcomeEntry(receipt, outcome, n = 0) {
    return encodeLogEntry({
        type: 'ep.log.outcome.v1',
        organization,
        outcome_hash: hashOf(`outcome ${receipt} ${outcome} ${n}`),
        receipt_hash: hashOf(`receipt ${receipt}`),
        outcome,
    });
}
/** Every file under a folder with its octets. */
export async function filesUnder(files, folder = '') {
    const found = new Map();
    for (const name of await files.list(folder)) {
        const path = folder === '' ? name : `${folder}/${name}`;
        if (!name.endsWith('/'))
            found.set(path, (await files.read(path)));
        else
            for (const [inner, bytes] of await filesUnder(files, path.slice(0, -1)))
                found.set(inner, bytes);
    }
    return found;
}
/** The same contents on another disk. */
export async function copyFiles(from) {
    return crashFiles(await snapshotOf(from, ''));
}
/** Exchanges one octet of a file. */
export async function flip(files, path, at = 0) {
    const bytes = (await files.read(path));
    bytes[at] ^= 1;
    await files.write(path, bytes);
}
async function snapshotOf(files, folder) {
    const snapshot = new Map();
    for (const name of await files.list(folder)) {
        const path = `${folder === '' ? '' : `${folder}/`}${name.replace(/\/$/, '')}`;
        snapshot.set(path, name.endsWith('/') ? 'folder' : (await files.read(path)));
        if (name.endsWith('/'))
            for (const [inner, bytes] of await snapshotOf(files, path))
                snapshot.set(inner, bytes);
    }
    return snapshot;
}
