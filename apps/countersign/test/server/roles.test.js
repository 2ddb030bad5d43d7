import { contract } from '@countersign/adapters/http/contract';
import { roles } from '@countersign/adapters/http/route';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actionOf, approve, consumed, consumeRequestOf, deny, openHouse, outcomeOf, request, requestOf, signatureOf, } from './house.js';
let house;
beforeAll(async () => {
    house = await openHouse();
});
afterAll(() => house.close());
const subjects = {
    initiator: 'ep:entity:agent-7',
    approver: 'ep:approver:anna',
    executor: 'ep:executor:payments',
};
/** Who may call what at all: written down once more, so that a slip in the contract shows. */
const matrix = {
    requestAuthorization: ['initiator'],
    listAuthorizations: ['initiator', 'administrator', 'auditor'],
    listApprovals: ['approver'],
    getAuthorization: roles,
    getContexts: roles,
    signOff: ['approver'],
    deny: ['approver'],
    getBundle: ['initiator', 'executor', 'administrator', 'auditor'],
    consume: ['executor'],
    getReceipt: roles,
    getDenial: roles,
    reportOutcome: ['executor'],
    getOutcome: roles,
    publishHead: ['administrator'],
    getHead: roles,
    listHeads: roles,
    listEntries: ['executor', 'administrator', 'auditor'],
    getProof: roles,
    getPolicyInForce: roles,
    getPolicy: roles,
    getCheckpoint: roles,
    getTile: roles,
    getInclusion: roles,
    getConsistency: roles,
    getHealth: 'public',
    getReady: 'public',
    getMetrics: ['administrator', 'auditor'],
    getOpenApi: 'public',
};
/** A path of the route with values that fit nothing. */
function somePath({ path }) {
    return path
        .replace('{id}', path.includes('receipts') ? 'ep:receipt:01J00000000000000000000000' : '01J00000000000000000000000')
        .replace('{entry_hash}', `sha256:${'0'.repeat(64)}`)
        .replace('{policy_id}', 'ep:policy:none@v1')
        .replace('{*}', '0/000')
        .replace('denials/01J', 'denials/ep:denial:01J');
}
describe('roles', () => {
    test.each(Object.entries(matrix))('%s is for its roles only', async (name, allowed) => {
        const route = contract[name];
        const ask = async (key) => {
            const response = await fetch(`${house.server.url}${somePath(route)}`, {
                method: route.method,
                headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
            });
            const json = response.headers.get('content-type')?.includes('json') === true;
            return { status: response.status, code: json ? (await response.json()).code : undefined };
        };
        const without = await ask();
        if (allowed === 'public')
            return expect(without.status).toBe(200);
        expect(without).toEqual({ status: 401, code: 'api_key_missing' });
        for (const role of roles) {
            const { status, code } = await ask(await house.key(role, subjects[role]));
            const forbidden = status === 403 && code === 'api_key_role_insufficient';
            expect([role, forbidden]).toEqual([role, !allowed.includes(role)]);
        }
    });
    test('without --public-log a key is asked for at /log; with it none is, there only', async () => {
        const own = await openHouse({ server: { publicLog: true } });
        try {
            expect((await fetch(`${own.server.url}/log/checkpoint`)).status).toBe(200);
            expect((await fetch(`${own.server.url}/v1/log/inclusion?index=0`)).status).toBe(401);
            expect((await fetch(`${own.server.url}/v1/directory/head`)).status).toBe(401);
        }
        finally {
            await own.close();
        }
    });
});
describe('objects', () => {
    const cannotSee = { status: 404, code: 'authorization_unknown' };
    test('an initiator sees its own attempts only', async () => {
        const { id } = await request(house);
        const other = await house.client('initiator', 'ep:entity:agent-8');
        await expect(other.call('getAuthorization', { params: { id } })).rejects.toMatchObject(cannotSee);
        await expect(other.call('getContexts', { params: { id } })).rejects.toMatchObject(cannotSee);
        await expect(other.call('getBundle', { params: { id } })).rejects.toMatchObject(cannotSee);
        const { items } = (await other.call('listAuthorizations')).value;
        expect(items.map((item) => item.initiator)).not.toContain('ep:entity:agent-7');
        const own = await house.client('initiator', 'ep:entity:agent-7');
        expect((await own.call('getAuthorization', { params: { id } })).value.id).toBe(id);
    });
    test('EP-ACT-5: an initiator cannot ask in the name of another', async () => {
        const client = await house.client('initiator', 'ep:entity:agent-8');
        const headers = { 'idempotency-key': 'in-the-name-of' };
        const refused = client.call('requestAuthorization', { headers, body: requestOf(house.world) });
        await expect(refused).rejects.toMatchObject({ status: 403 });
    });
    test('EP-ACT-5: the Idempotency-Key of one initiator opens nothing for another', async () => {
        const headers = { 'idempotency-key': 'shared-by-accident' };
        const one = await house.client('initiator', 'ep:entity:agent-7');
        const first = (await one.call('requestAuthorization', { headers, body: requestOf(house.world) })).value;
        const two = await house.client('initiator', 'ep:entity:agent-8');
        const body = requestOf(house.world, actionOf(house.world, { initiator: 'ep:entity:agent-8' }));
        const second = (await two.call('requestAuthorization', { headers, body })).value;
        if (first.decision !== 'require' || second.decision !== 'require')
            throw new Error('ungated');
        expect(second.authorization.id).not.toBe(first.authorization.id);
        expect(second.authorization.initiator).toBe('ep:entity:agent-8');
    });
    test('an approver who was not asked sees nothing and cannot sign', async () => {
        const { id } = await request(house);
        const stranger = await house.client('approver', 'ep:approver:nobody');
        await expect(stranger.call('getContexts', { params: { id } })).rejects.toMatchObject(cannotSee);
        const { members } = await signatureOf(house, id, 'anna');
        await expect(stranger.call('signOff', { params: { id }, body: members })).rejects.toMatchObject(cannotSee);
        expect((await stranger.call('listApprovals')).value.items).toEqual([]);
    });
    test("an approver cannot hand in another's signature with its own key", async () => {
        const { id } = await request(house);
        const { members } = await signatureOf(house, id, 'anna');
        const bela = await house.client('approver', 'ep:approver:bela');
        await expect(bela.call('signOff', { params: { id }, body: members })).rejects.toMatchObject({
            status: 403,
            code: 'signoff_context_mismatch',
        });
    });
    test('an executor sees attempts on its systems only, and consumes with its own key only', async () => {
        const { authorization, bundle } = await approve(house);
        const params = { id: authorization.id };
        const other = await house.client('executor', 'ep:executor:deploys');
        await expect(other.call('getBundle', { params })).rejects.toMatchObject(cannotSee);
        const body = consumeRequestOf(house.world, bundle, authorization);
        await expect(other.call('consume', { params, body })).rejects.toMatchObject(cannotSee);
        const own = await house.client('executor', 'ep:executor:payments');
        const changed = consumeRequestOf(house.world, bundle, authorization, 'x', { executor_id: 'ep:executor:deploys' });
        const refused = own.call('consume', { params, body: changed });
        await expect(refused).rejects.toMatchObject({
            status: 403,
            code: 'api_key_subject_mismatch',
            at: '/body/executor_id',
        });
    });
    test('receipts, denials and outcomes are for their parties', async () => {
        const { receipt } = await consumed(house);
        const params = { id: receipt.receipt_id };
        const unknown = { status: 404, code: 'receipt_unknown' };
        for (const [role, subject] of [
            ['initiator', 'ep:entity:agent-8'],
            ['approver', 'ep:approver:carl'],
            ['executor', 'ep:executor:deploys'],
        ]) {
            const stranger = await house.client(role, subject);
            await expect(stranger.call('getReceipt', { params })).rejects.toMatchObject(unknown);
            await expect(stranger.call('getOutcome', { params })).rejects.toMatchObject(unknown);
        }
        for (const role of roles) {
            const party = await house.client(role, subjects[role]);
            expect((await party.call('getReceipt', { params })).value.receipt_id).toBe(receipt.receipt_id);
        }
        const deploys = await house.client('executor', 'ep:executor:deploys');
        const report = deploys.call('reportOutcome', { body: outcomeOf(house.world, receipt, 'executed') });
        await expect(report).rejects.toMatchObject({ status: 403, code: 'api_key_subject_mismatch' });
        const { id } = await request(house);
        const { denial_id } = await deny(house, id, 'bela');
        const carl = await house.client('approver', 'ep:approver:carl');
        const denialParams = { id: denial_id };
        await expect(carl.call('getDenial', { params: denialParams })).rejects.toMatchObject({ code: 'denial_unknown' });
        const bela = await house.client('approver', 'ep:approver:bela');
        expect((await bela.call('getDenial', { params: denialParams })).value.denial_id).toBe(denial_id);
    });
});
