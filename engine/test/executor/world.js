import { createExecutor } from '@countersign/engine/executor/executor';
import { openJournal } from '@countersign/engine/executor/journal';
import { utf8Decode } from '@countersign/pure/core/bytes';
import { hashJson, parseBinary } from '@countersign/pure/core/digest';
import { parseInstant } from '@countersign/pure/core/instant';
import { makeBundle, makeReceipt } from '@countersign/simulator/attempt';
import { crashFiles } from '@countersign/simulator/crash-files';
import { octetsOf } from '@countersign/simulator/signer';
import { makeWorld, octetsOfJson, pinned, usualInstants } from '@countersign/simulator/world';
export const at = (instant) => parseInstant(instant);
/** When everything in these tests happens, by the executor's clock: the attempt may run until 12:15:00. */
export const noon = at(usualInstants.consumeAt);
export const expiry = at(usualInstants.expiresAt);
export function portSigner(key) {
    return {
        algorithm: 'Ed25519',
        publicKey: parseBinary(key.publicKey),
        sign: async (message) => key.signOctets(message),
    };
}
/** An authorization server that does what it should, over the log of a world. Attempts are named by their label. */
export class HonestAuthority {
    world;
    attempts = {};
    reports = [];
    #bundles = new Map();
    /** By nonce: the one request that consumed it, and what it got. */
    #consumed = new Map();
    constructor(world) {
        this.world = world;
    }
    async fetchBundle(authorizationId) {
        return { octets: octetsOfJson(this.bundle(authorizationId).bundle) };
    }
    async consume(request) {
        const sealed = JSON.parse(utf8Decode(request));
        const { nonce, enforcement_class } = sealed.body;
        const consumed = this.#consumed.get(nonce);
        if (consumed !== undefined)
            return consumed.request === utf8Decode(request) ? { octets: consumed.receipt } : { refused: 'nonce_replayed' };
        const receipt = octetsOfJson(this.receiptFor(nonce, sealed, { enforcementClass: enforcement_class }));
        this.#consumed.set(nonce, { request: utf8Decode(request), receipt });
        return { octets: receipt };
    }
    async reportOutcome(report) {
        const text = utf8Decode(report);
        if (!this.reports.some((one) => JSON.stringify(one) === JSON.stringify(JSON.parse(text))))
            this.reports.push(JSON.parse(text));
        return { octets: new Uint8Array(0) };
    }
    async fetchHeads(after) {
        const { heads } = this.world.directory;
        const known = heads.findIndex(({ headHash }) => headHash === after);
        return known < 0 ? [] : heads.slice(known + 1).map(({ head }) => octetsOfJson(head));
    }
    async fetchPolicy() {
        return { octets: octetsOfJson(openedPolicyOf(this.world)) };
    }
    bundle(label) {
        const known = this.#bundles.get(label);
        if (known !== undefined)
            return known;
        const after = this.world.lastReceiptHash;
        const made = { ...makeBundle(this.world, { label, ...this.attempts[label] }), label, after };
        this.#bundles.set(label, made);
        return made;
    }
    /** The receipt of the attempt with this nonce in which `consume` stands, whatever that is. */
    receiptFor(nonce, consume, options = {}) {
        const { label, after } = [...this.#bundles.values()].find(({ contexts }) => contexts[0]['nonce'] === nonce);
        // Contexts were made when this was the newest receipt.
        this.world.lastReceiptHash = after;
        const { alter, ...others } = options;
        const { receipt } = makeReceipt(this.world, {
            label,
            ...this.attempts[label],
            ...others,
            alter: { ...this.attempts[label]?.alter, consumeSeal: () => consume, ...alter },
        });
        return receipt;
    }
}
/** What `fetchPolicy` answers: the first policy, opened under the newest head. */
export function openedPolicyOf(world) {
    const { policy, entry } = world.policies[0];
    const { published } = world.currentHead();
    return { head: published.head, policy, opening: published.opening(hashJson(entry)) };
}
export const holder = (name = 'executor 1', gone = () => true) => ({ name, gone });
/** An executor of a world, everything about it as it should be. */
export async function bench(changes = {}) {
    const world = changes.world ?? makeWorld();
    const authority = new HonestAuthority(world);
    const files = changes.files ?? crashFiles();
    const journal = await openJournal(files, 'executor', holder());
    const time = { now: noon };
    const options = optionsOf(world, changes.authority?.(authority) ?? authority, journal, time, changes.options);
    return { world, authority, journal, files, time, options, executor: createExecutor(options) };
}
let draws = 0;
export function optionsOf(world, authority, journal, time, changes = {}) {
    const payments = world.executors.values().next().value;
    return {
        organization: world.organization,
        executorId: payments.id,
        keyId: payments.signer.keyId,
        signer: portSigner(payments.signer),
        systems: ['treasury.example'],
        enforcementClass: 'STRONG',
        trust: pinned(world.trustFile()),
        authority,
        journal,
        clock: () => time.now,
        random: (octets) => octetsOf(`draw ${draws++}`, octets),
        ...changes,
    };
}
/** An effect that remembers what it was asked to do. */
export function recorded(outcome = 'executed') {
    const ran = [];
    const effect = async (approved) => {
        ran.push(approved);
        return outcome;
    };
    return Object.assign(effect, { ran });
}
export const neverReconciled = async () => {
    throw new Error('nothing was to be reconciled');
};
/** The same server, every consume request noted. */
export function listening(honest, sent) {
    return {
        fetchBundle: (id) => honest.fetchBundle(id),
        fetchHeads: (after) => honest.fetchHeads(after),
        fetchPolicy: () => honest.fetchPolicy(),
        reportOutcome: (report) => honest.reportOutcome(report),
        consume: (request) => {
            sent.push(JSON.parse(utf8Decode(request)));
            return honest.consume(request);
        },
    };
}
