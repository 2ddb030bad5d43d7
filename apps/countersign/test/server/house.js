import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpClient } from '@countersign/adapters/http/client';
import { encodeBinary, hashJson, sha256 } from '@countersign/pure/core/digest';
import { formatInstant } from '@countersign/pure/core/instant';
import { canonicalBytes } from '@countersign/pure/core/jcs';
import { hashedBundle } from '@countersign/pure/ep/bundle';
import { denialEnvelope } from '@countersign/pure/ep/signoff';
import { hashedReceipt } from '@countersign/pure/ep/trust-receipt';
import { octetsOf, seal } from '@countersign/simulator/signer';
import { makeWorld } from '@countersign/simulator/world';
import { pino } from 'pino';
import { formatPins } from '../../src/organization/pins.js';
import { createApiKey } from '../../src/server/api-keys.js';
import { openDatabase } from '../../src/server/data-folder.js';
import { organizationFileType } from '../../src/server/organization-file.js';
import { startServer } from '../../src/server/running-server.js';
export const treasurers = ['anna', 'bela', 'carl'];
/**
 * Wires from 100000 on need two of three treasurers; smaller ones pass by.
 *
 * @param payments - the key of the executor, where it is not the usual one
 */
export function makeTreasury(payments) {
    const now = Date.now();
    return makeWorld({
        approvers: treasurers.map((name) => ({ name })),
        entities: [{ name: 'agent-7' }, { name: 'agent-8' }],
        executors: [
            { name: 'payments', ...(payments === undefined ? {} : { signer: payments }) },
            { name: 'deploys', systems: ['cluster.example'] },
        ],
        policies: [
            {
                rules: [
                    {
                        when: { dec_ge: ['/parameters/amount', '100000'] },
                        // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
                        then: 'require',
                        quorum: { k: 2, roles: ['treasury'] },
                    },
                    // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
                    { when: { dec_ge: ['/parameters/amount', '0'] }, then: 'ungated' },
                ],
            },
        ],
        directoryAt: formatInstant(now - 60_000),
        directoryUntil: formatInstant(now + 60 * 86_400_000),
    });
}
export async function openHouse(options = {}) {
    const world = makeTreasury();
    const folder = mkdtempSync(join(tmpdir(), 'countersign-server-'));
    const lines = [];
    const logger = pino({ level: 'info' }, { write: (line) => void lines.push(line) });
    const start = () => startServer({
        data: folder,
        organizationFile: organizationFileOf(world),
        host: '127.0.0.1',
        port: 0,
        logKeyPassphrase: null,
        publicLog: false,
        version: '0.1.0',
        ...options.server,
    }, logger);
    let server = await start();
    // As the command line makes them: on the database itself, beside the running server.
    let beside = await openDatabase(folder);
    const keys = new Map();
    const newKey = async (role, subject) => (await createApiKey(beside, world.organization, role, subject, Date.now())).key;
    const house = {
        world,
        folder,
        get server() {
            return server;
        },
        lines,
        key: newKey,
        async client(role, subject) {
            const known = `${role} ${subject}`;
            keys.set(known, keys.get(known) ?? newKey(role, subject));
            return httpClient({ url: server.url, key: await keys.get(known), deadlineMilliseconds: 20_000 });
        },
        async restart() {
            await server.stop();
            server = await start();
            return server;
        },
        async pause(run) {
            await server.stop();
            await beside.close();
            const result = run();
            server = await start();
            beside = await openDatabase(folder);
            return result;
        },
        async close() {
            await beside.close();
            await server.stop();
            rmSync(folder, { recursive: true, force: true });
        },
    };
    if (options.empty !== true)
        await publish(house);
    return house;
}
/** What `org public` writes: the group of a trust file before the log has a key. */
export function organizationFileOf(world) {
    const [group] = world.trustFile()['organizations'];
    const { keys: _keys, ...log } = group['log'];
    return formatPins({ type: organizationFileType, ...group, log });
}
export function publicationOf(world) {
    const { head, leaves } = world.directory.heads.at(-1);
    return {
        head: head,
        leaves: leaves.map((leaf, leaf_index) => ({ leaf_index, leaf: leaf })),
        policies: world.policies.map(({ policy }) => policy),
    };
}
export async function publish(house) {
    const administrator = await house.client('administrator');
    return administrator.call('publishHead', { body: publicationOf(house.world) });
}
export function actionOf(world, changes = {}) {
    return {
        ep_version: '1.0',
        action_type: 'wire.release',
        target: { system: 'treasury.example', resource: 'wire/8841' },
        parameters: { amount: '2400000.00', currency: 'USD' },
        initiator: 'ep:entity:agent-7',
        policy_id: String(world.policies[0].policy['policy_id']),
        requested_at: formatInstant(Date.now()),
        ...changes,
    };
}
/** The body of a request, sealed by its initiator (EP-ACT-5). */
export function requestOf(world, action = actionOf(world)) {
    const { entities, directoryId } = world;
    const signer = entities.get(action.initiator.split(':').at(-1)).signer;
    const request = {
        type: 'ep.request.v1',
        directory_id: directoryId,
        action_hash: hashJson(action),
        requested_at: action.requested_at,
    };
    return { action, initiation: seal(request, signer) };
}
export async function request(house, body = requestOf(house.world)) {
    const client = await house.client('initiator', body.action.initiator);
    const headers = { 'idempotency-key': randomUUID() };
    const { value } = await client.call('requestAuthorization', { headers, body });
    if (value.decision !== 'require')
        throw new Error('ungated');
    return value.authorization;
}
/** What an approver hands in: its signature over its own context, or over the denial of it. */
export async function signatureOf(house, id, name, denied) {
    const approver = `ep:approver:${name}`;
    const client = await house.client('approver', approver);
    const { value } = await client.call('getContexts', { params: { id } });
    const { context, context_hash } = value.contexts.find(({ context }) => context.approver === approver);
    const { signer, entry } = house.world.approvers.get(name);
    const signed = denied === undefined ? context : denialEnvelope(context_hash, denied.reason);
    const signature = signer.sign(sha256(canonicalBytes(signed)));
    const members = { context_hash, ...signature, key_class: String(entry['key_class']), approver_key_id: signer.keyId };
    return { client, members };
}
export async function signOff(house, id, name) {
    const { client, members } = await signatureOf(house, id, name);
    return (await client.call('signOff', { params: { id }, body: members })).value;
}
export async function deny(house, id, name, reason = 'wrong account') {
    const { client, members } = await signatureOf(house, id, name, { reason });
    const body = { ...members, decision: 'denied', reason };
    return (await client.call('deny', { params: { id }, body })).value;
}
/** An attempt that two treasurers signed, and its bundle. */
export async function approve(house, action) {
    const authorization = await request(house, requestOf(house.world, action));
    for (const name of treasurers.slice(0, 2))
        await signOff(house, authorization.id, name);
    const executor = await house.client('executor', 'ep:executor:payments');
    const { value: bundle } = await executor.call('getBundle', { params: { id: authorization.id } });
    return { authorization, bundle, executor };
}
/** What an executor seals (EP-BUN-2). */
export function consumeRequestOf(world, bundle, { nonce }, consumeId = randomUUID(), changes = {}) {
    const body = {
        type: 'ep.consume.v1',
        organization: world.organization,
        executor_id: 'ep:executor:payments',
        nonce,
        action_hash: bundle.action_hash,
        policy_hash: hashJson(bundle.policy),
        bundle_hash: hashJson(hashedBundle(bundle)),
        consume_id: encodeBinary(octetsOf(consumeId, 16)),
        enforcement_class: 'STRONG',
        at: formatInstant(Date.now()),
        ...changes,
    };
    return seal(body, world.executors.get('payments').signer);
}
/** From the request to the trust receipt. */
export async function consumed(house) {
    const { authorization, bundle, executor } = await approve(house);
    const body = consumeRequestOf(house.world, bundle, authorization);
    const { value: receipt, bytes } = await executor.call('consume', { params: { id: authorization.id }, body });
    return { authorization, bundle, executor, body, receipt, bytes };
}
export function outcomeOf(world, receipt, outcome, changes = {}) {
    const body = {
        type: 'ep.outcome.v1',
        receipt_hash: hashJson(hashedReceipt(receipt)),
        executor_id: 'ep:executor:payments',
        outcome,
        reported_at: formatInstant(Date.now()),
        ...changes,
    };
    return seal(body, world.executors.get('payments').signer);
}
