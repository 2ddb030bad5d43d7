import { memoryStore } from '@countersign/adapters/storage/memory';
import { createAuthorizations } from '@countersign/engine/authorization/create-authorizations';
import { fileAnchor } from '@countersign/engine/log/anchor';
import { createLog } from '@countersign/engine/log/log';
import { encodeBinary, hashJson, parseBinary, parseHash, sha256 } from '@countersign/pure/core/digest';
import { formatInstant, parseInstant } from '@countersign/pure/core/instant';
import { canonicalBytes } from '@countersign/pure/core/jcs';
import { hashedBundle } from '@countersign/pure/ep/bundle';
import { Hashes } from '@countersign/pure/ep/hashes';
import { denialEnvelope } from '@countersign/pure/ep/signoff';
import { crashFiles } from '@countersign/simulator/crash-files';
import { octetsOf, seal } from '@countersign/simulator/signer';
import { makeWorld, pinned } from '@countersign/simulator/world';
import { Time } from '../log/world.js';
export const startedAt = parseInstant('2026-11-20T12:00:00Z');
export const waitMilliseconds = 20_000;
export async function openHouse(options = {}) {
    const world = makeWorld(options);
    const store = options.store ?? memoryStore();
    const time = new Time();
    time.now = startedAt;
    const gate = new Gate();
    const { origin, logKeyId, vkey, key } = world.log;
    const log = createLog({
        organization: world.organization,
        origin,
        keys: [{ logKeyId, vkey }],
        signer: {
            algorithm: 'Ed25519',
            publicKey: parseBinary(key.publicKey),
            sign: async (message) => key.signOctets(message),
        },
        store,
        tiles: crashFiles(),
        anchor: gate.around(fileAnchor(crashFiles(), 'anchor.jsonl')),
        holder: 'server-1',
        clock: time.clock,
        schedule: time.schedule,
    });
    await log.start();
    const trust = pinned(world.trustFile(...(options.trust ?? [])));
    const another = () => createAuthorizations({
        organization: world.organization,
        store,
        log,
        trust: trust.groups.get(world.organization),
        display: { surface: 'client' },
        anchorStands: 'separate',
        waitMilliseconds,
        ...options.service,
    });
    let drawn = 0;
    const house = {
        world,
        store,
        log,
        time,
        trust,
        service: another(),
        another,
        moment: () => ({ now: time.now, random: octetsOf(`${world.seed}/moment/${drawn++}`, 64) }),
        hold: () => gate.hold(),
        stop: () => log.stop(),
    };
    if (options.unpublished !== true)
        granted(await publish(house));
    return house;
}
class Gate {
    #open = Promise.resolve();
    hold() {
        let release = () => { };
        this.#open = new Promise((resolve) => {
            release = resolve;
        });
        return release;
    }
    around(anchor) {
        return {
            newest: (fresh) => anchor.newest(fresh),
            all: () => anchor.all(),
            append: async (record, path) => {
                await this.#open;
                return anchor.append(record, path);
            },
        };
    }
}
export function bytesOf(value) {
    return canonicalBytes(value);
}
/** The value of a decision, or an error that says why not. */
export function granted(decision) {
    if (!decision.ok)
        throw new Error(`refused: ${decision.refusal.code} at ${decision.refusal.at}`);
    return decision.value;
}
/** The code of a refusal; what was granted is an error. */
export function refused(decision) {
    if (decision.ok)
        throw new Error(`granted: ${JSON.stringify(decision.value).slice(0, 200)}`);
    return decision.refusal.code;
}
/** Members of a policy that demands a quorum whatever the action says. */
export function requiring(quorum) {
    // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
    return { rules: [{ then: 'require', quorum }] };
}
// ---- the organization -----------------------------------------------------------------------------------------------
/** The newest head of the world as a publication: what changed since the one before. */
export function publicationOf(house, head = house.world.directory.heads.at(-1)) {
    const { directory, policies } = house.world;
    const before = directory.heads[directory.heads.indexOf(head) - 1]?.leaves ?? [];
    const changed = head.leaves
        .map((leaf, leaf_index) => ({ leaf_index, leaf }))
        .filter(({ leaf_index, leaf }) => hashJson(leaf) !== hashJson(before[leaf_index] ?? null));
    const named = new Set(changed.map(({ leaf }) => leaf['entry']['policy_hash']));
    const documents = policies.map(({ policy }) => policy).filter((policy) => named.has(hashJson(policy)));
    return { head: head.head, leaves: changed, policies: documents };
}
export function publish(house, publication = publicationOf(house)) {
    return house.service.publish({ body: bytesOf(publication) }, house.moment());
}
/** Signs the next head over the world's leaves as they stand, at the present time. */
export function nextHead(house, signers, body) {
    const instants = { issuedAt: formatInstant(house.time.now), validUntil: formatInstant(house.time.now + 86_400_000) };
    return house.world.directory.publish(instants, signers, body);
}
/** The index of the leaf with this entry. */
export function leafIndexOf(house, entry) {
    return house.world.directory.leaves.findIndex((leaf) => hashJson(leaf['entry']) === hashJson(entry));
}
/** Ends or compromises an entry in a next head, and publishes it. */
export async function changeStatus(house, entry, status) {
    house.time.pass(1000);
    house.world.directory.setStatus(leafIndexOf(house, entry), status);
    nextHead(house);
    granted(await publish(house));
}
// ---- initiator, approvers, executor ---------------------------------------------------------------------------------
export function actionOf(house, members = {}) {
    return {
        ep_version: '1.0',
        action_type: 'wire.release',
        target: { system: 'treasury.example', resource: 'wire/8841' },
        parameters: { amount: '2400000.00', currency: 'USD' },
        initiator: [...house.world.entities.values()][0].id,
        policy_id: house.world.policies[0].policy['policy_id'],
        requested_at: formatInstant(house.time.now),
        ...members,
    };
}
/** The body of a request, with the initiator's seal if it has a key. */
export function requestBody(house, action, members = {}) {
    const initiator = [...house.world.entities.values()].find(({ id }) => id === action['initiator']);
    const body = {
        type: 'ep.request.v1',
        directory_id: house.world.directoryId,
        action_hash: hashJson(action),
        requested_at: action['requested_at'],
    };
    const initiation = initiator?.signer === undefined ? {} : { initiation: seal(body, initiator.signer) };
    return { action, ...initiation, ...members };
}
export function ask(house, action = actionOf(house), members, key) {
    const command = { caller: String(action['initiator']), body: bytesOf(requestBody(house, action, members)) };
    return house.service.request(key === undefined ? command : { ...command, idempotencyKey: key }, house.moment());
}
export async function requested(house, action) {
    const answer = granted(await ask(house, action));
    if (answer.decision !== 'require')
        throw new Error(answer.decision);
    return answer.authorization;
}
export async function contextHashOf(house, view, approver) {
    const { contexts } = granted(await house.service.contextsOf({ id: view.id }, house.moment()));
    return contexts.find(({ context }) => context.approver === `ep:approver:${approver}`).context_hash;
}
/** An approver's signature over its context, as its client sends it. */
export async function signedBy(house, view, name, signer) {
    const approver = house.world.approvers.get(name);
    const contextHash = await contextHashOf(house, view, name);
    return {
        context_hash: contextHash,
        ...(signer ?? approver.signer).sign(parseHash(contextHash)),
        key_class: approver.entry['key_class'],
        approver_key_id: approver.entry['key_id'],
    };
}
export async function sign(house, view, name, members = {}) {
    return send(house, view, name, { ...(await signedBy(house, view, name)), ...members });
}
export function send(house, view, name, body) {
    const command = { id: view.id, approver: `ep:approver:${name}`, body: bytesOf(body) };
    return house.service.signoff(command, house.moment());
}
export async function denialBy(house, view, name, reason) {
    const approver = house.world.approvers.get(name);
    const contextHash = await contextHashOf(house, view, name);
    return {
        context_hash: contextHash,
        decision: 'denied',
        ...(reason === undefined ? {} : { reason }),
        ...approver.signer.sign(sha256(bytesOf(denialEnvelope(contextHash, reason)))),
        key_class: approver.entry['key_class'],
        approver_key_id: approver.entry['key_id'],
    };
}
export async function deny(house, view, name, reason) {
    const body = bytesOf(await denialBy(house, view, name, reason));
    return house.service.deny({ id: view.id, approver: `ep:approver:${name}`, body }, house.moment());
}
/** An attempt that all these approvers signed. */
export async function approved(house, names, action) {
    let view = await requested(house, action);
    for (const name of names)
        view = granted(await sign(house, view, name));
    return view;
}
/** What an executor seals: exactly what the server's bundle says. */
export async function consumeBodyOf(house, view, label) {
    const bundle = granted(await house.service.bundle({ id: view.id }, house.moment()));
    return consumeBodyFor(house, view, bundle, label);
}
export function consumeBodyFor(house, view, bundle, label) {
    return {
        type: 'ep.consume.v1',
        organization: house.world.organization,
        executor_id: [...house.world.executors.values()][0].id,
        nonce: view.nonce,
        action_hash: view.action_hash,
        policy_hash: view.policy_hash,
        bundle_hash: new Hashes().hash(hashedBundle(bundle)),
        consume_id: encodeBinary(octetsOf(`consume/${label}`, 16)),
        enforcement_class: 'STRONG',
        at: formatInstant(house.time.now),
    };
}
export async function consumeRequest(house, view, label = view.id) {
    return seal(await consumeBodyOf(house, view, label), [...house.world.executors.values()][0].signer);
}
export function consume(house, request, service = house.service) {
    return service.consume({ body: bytesOf(request) }, house.moment());
}
