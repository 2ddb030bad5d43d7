import { verifyDenial } from '@countersign/pure/ep/verify-denial';
import { afterEach, describe, expect, test } from 'vitest';
import { approved, bytesOf, changeStatus, consume, consumeRequest, contextHashOf, denialBy, deny, granted, openHouse, refused, requested, requiring, send, sign, signedBy, } from './house.js';
const houses = [];
afterEach(async () => {
    for (const house of houses.splice(0))
        await house.stop();
});
async function newHouse(options) {
    const house = await openHouse(options);
    houses.push(house);
    return house;
}
const two = requiring({ k: 2, roles: ['treasury'] });
const pair = { approvers: [{ name: 'jchen' }, { name: 'mroe' }, { name: 'zed' }], policies: [two] };
describe('signoffs', () => {
    test('EP-SIG-1: the server stamps signed_at, never before issued_at', async () => {
        const house = await newHouse();
        const view = await requested(house);
        house.time.now -= 5000;
        expect(granted(await sign(house, view, 'jchen')).approvers[0].signed_at).toBe(view.issued_at);
    });
    test('EP-SIG-1: a client cannot state signed_at', async () => {
        const house = await newHouse();
        const view = await requested(house);
        const answer = await sign(house, view, 'jchen', { signed_at: view.issued_at });
        expect(answer).toMatchObject({ refusal: { code: 'member_unknown', kind: 'invalid', at: '/signed_at' } });
    });
    test('EP-POL-3: the first of two leaves it partially approved, the second approves it', async () => {
        const house = await newHouse(pair);
        const view = await requested(house);
        expect(granted(await sign(house, view, 'mroe')).state).toBe('PARTIALLY_APPROVED');
        expect(granted(await sign(house, view, 'jchen')).state).toBe('APPROVED');
    });
    test('EP-SIG-1: signed again with the same octets nothing changes, with others it is refused', async () => {
        const passkeys = { ...pair, approvers: [{ name: 'jchen', keyClass: 'A' }, { name: 'mroe' }] };
        const house = await newHouse(passkeys);
        const view = await requested(house);
        const body = await signedBy(house, view, 'jchen');
        const first = granted(await send(house, view, 'jchen', body));
        house.time.pass(1000);
        expect(granted(await send(house, view, 'jchen', body))).toEqual(first);
        const passkey = house.world.approvers.get('jchen').signer;
        const again = await signedBy(house, view, 'jchen', passkey.with({ signCount: 2 }));
        expect(refused(await send(house, view, 'jchen', again))).toBe('signoff_approver_duplicate');
    });
    test('all approvers at once: none is lost', async () => {
        const names = ['a', 'b', 'c', 'd', 'e', 'f'];
        const policies = [requiring({ k: 6, roles: ['treasury'] })];
        const house = await newHouse({ approvers: names.map((name) => ({ name })), policies });
        const view = await requested(house);
        const answers = await Promise.all(names.map((name) => sign(house, view, name)));
        expect(answers.map((answer) => granted(answer).approvers.length)).toEqual(names.map(() => 6));
        expect(granted(await house.service.get({ id: view.id }, house.moment())).state).toBe('APPROVED');
    });
    test('EP-INV-2: a signature over the context of another attempt or of another approver is refused', async () => {
        const house = await newHouse(pair);
        const [view, other] = [await requested(house), await requested(house)];
        const elsewhere = await signedBy(house, other, 'jchen');
        expect(refused(await send(house, view, 'jchen', elsewhere))).toBe('signoff_context_mismatch');
        const ofMroe = await signedBy(house, view, 'mroe');
        expect(refused(await send(house, view, 'jchen', ofMroe))).toBe('signoff_context_mismatch');
        const relabelled = { ...elsewhere, context_hash: await contextHashOf(house, view, 'jchen') };
        expect(refused(await send(house, view, 'jchen', relabelled))).toBe('signoff_signature_invalid');
    });
    test('EP-KEY-X: key id and class are the entry’s', async () => {
        const house = await newHouse(pair);
        const view = await requested(house);
        expect(refused(await sign(house, view, 'jchen', { key_class: 'A' }))).toBe('signoff_key_class_mismatch');
        const key = { approver_key_id: house.world.approvers.get('mroe').entry['key_id'] };
        expect(refused(await sign(house, view, 'jchen', key))).toBe('approver_key_unknown');
        expect(refused(await send(house, view, 'stranger', await signedBy(house, view, 'jchen')))).toBe('approver_unknown');
    });
    test('EP-INV-4: a second approver id of one human is refused', async () => {
        const approvers = [
            { name: 'jchen' },
            { name: 'jchen-2', entry: { principal_id: 'ep:principal:jchen' } },
            { name: 'mroe' },
        ];
        const house = await newHouse({ ...pair, approvers });
        const view = await approved(house, ['jchen']);
        expect(refused(await sign(house, view, 'jchen-2'))).toBe('approver_principal_duplicate');
        expect(granted(await sign(house, view, 'mroe')).state).toBe('APPROVED');
    });
    test('EP-DIR-5: a key that was taken back signs nothing, and a signature of one who left does not count on', async () => {
        const house = await newHouse(pair);
        const view = await approved(house, ['jchen']);
        await changeStatus(house, house.world.approvers.get('mroe').entry, { valid_to: '2026-11-20T12:00:01Z' });
        expect(refused(await sign(house, view, 'mroe'))).toBe('authority_entry_expired');
        await changeStatus(house, house.world.approvers.get('jchen').entry, { valid_to: '2026-11-20T12:00:02Z' });
        expect(refused(await sign(house, view, 'zed'))).toBe('authority_entry_expired');
    });
    test('EP-DIR-5: an entry that ends later counts until then', async () => {
        const house = await newHouse(pair);
        const view = await requested(house);
        await changeStatus(house, house.world.approvers.get('mroe').entry, { valid_to: '2026-11-20T12:00:10Z' });
        granted(await sign(house, view, 'mroe'));
    });
});
describe('EP-KEY-A: the signature counter of a passkey', () => {
    async function withPasskey() {
        const house = await newHouse({ approvers: [{ name: 'jchen', keyClass: 'A' }] });
        const passkey = house.world.approvers.get('jchen').signer;
        const signWith = async (signCount) => {
            const view = await requested(house);
            return send(house, view, 'jchen', await signedBy(house, view, 'jchen', passkey.with({ signCount })));
        };
        return { house, signWith };
    }
    test('must rise', async () => {
        const { signWith } = await withPasskey();
        granted(await signWith(5));
        expect(refused(await signWith(5))).toBe('signoff_counter_stale');
        expect(refused(await signWith(4))).toBe('signoff_counter_stale');
        expect(refused(await signWith(0))).toBe('signoff_counter_stale');
        granted(await signWith(6));
    });
    test('may stay at 0 for an authenticator that does not count', async () => {
        const { signWith } = await withPasskey();
        for (let n = 0; n < 3; n++)
            granted(await signWith(0));
        granted(await signWith(1));
        expect(refused(await signWith(0))).toBe('signoff_counter_stale');
    });
});
describe('denials', () => {
    test('EP-DEN-1: the record verifies offline, with its reason', async () => {
        const house = await newHouse(pair);
        const view = await requested(house);
        const record = granted(await deny(house, view, 'mroe', 'not our supplier'));
        const verdict = verifyDenial(bytesOf(record), house.trust, { now: house.time.now });
        expect(verdict).toMatchObject({ outcome: 'satisfied' });
        expect(record.denial.reason).toBe('not our supplier');
        expect(granted(await house.service.denial({ denialId: record.denial_id }, house.moment()))).toEqual(record);
    });
    test('EP-SM-1: who approved may deny, also once it is approved, and that ends it', async () => {
        const house = await newHouse(pair);
        const view = await approved(house, ['jchen', 'mroe']);
        const request = await consumeRequest(house, view);
        const record = granted(await deny(house, view, 'jchen'));
        expect(refused(await consume(house, request))).toBe('authorization_denied');
        expect(refused(await house.service.bundle({ id: view.id }, house.moment()))).toBe('authorization_denied');
        expect(granted(await house.service.get({ id: view.id }, house.moment()))).toMatchObject({
            state: 'DENIED',
            denial_id: record.denial_id,
        });
    });
    test('a denial whose answer was lost is sent again and finds its record', async () => {
        const house = await newHouse();
        const view = await requested(house);
        const first = granted(await deny(house, view, 'jchen'));
        house.time.pass(1000);
        expect(granted(await deny(house, view, 'jchen'))).toEqual(first);
        expect(refused(await deny(house, view, 'jchen', 'another'))).toBe('authorization_denied');
    });
    test('EP-SIG-2: an approval is no denial and a denial no approval', async () => {
        const house = await newHouse();
        const view = await requested(house);
        const { decision: _, ...asSignoff } = await denialBy(house, view, 'jchen');
        expect(refused(await send(house, view, 'jchen', asSignoff))).toBe('signoff_signature_invalid');
        const asDenial = bytesOf({ ...(await signedBy(house, view, 'jchen')), decision: 'denied' });
        const command = { id: view.id, approver: 'ep:approver:jchen', body: asDenial };
        expect(refused(await house.service.deny(command, house.moment()))).toBe('signoff_signature_invalid');
    });
    test('EP-DIR-5: a key that was taken back denies nothing; the loss of another one keeps nobody from denying', async () => {
        const house = await newHouse(pair);
        const view = await requested(house);
        await changeStatus(house, house.world.approvers.get('mroe').entry, { valid_to: '2026-11-20T12:00:01Z' });
        expect(refused(await deny(house, view, 'mroe'))).toBe('authority_entry_expired');
        granted(await deny(house, view, 'jchen'));
    });
});
describe('EP-SM-1: expiry', () => {
    test('a clock set back revives nothing, on no server', async () => {
        const house = await newHouse();
        const view = await requested(house);
        const body = await signedBy(house, view, 'jchen');
        const before = house.time.now;
        house.time.now += 900_000;
        expect(granted(await house.service.get({ id: view.id }, house.moment())).state).toBe('EXPIRED');
        house.time.now = before;
        expect(granted(await house.service.get({ id: view.id }, house.moment())).state).toBe('EXPIRED');
        expect(refused(await send(house, view, 'jchen', body))).toBe('authorization_expired');
        const command = { id: view.id, approver: 'ep:approver:jchen', body: bytesOf(body) };
        expect(refused(await house.another().signoff(command, house.moment()))).toBe('authorization_expired');
    });
    test('the high-water clock of other commits counts too', async () => {
        const house = await newHouse();
        const view = await requested(house);
        const body = await signedBy(house, view, 'jchen');
        house.time.now += 900_000;
        await requested(house);
        house.time.now -= 900_000;
        expect(refused(await send(house, view, 'jchen', body))).toBe('authorization_expired');
    });
    test('EP-MN-1: the last millisecond counts, the instant itself does not', async () => {
        const house = await newHouse();
        const view = await approved(house, ['jchen']);
        const late = await consumeRequest(house, view);
        const other = await approved(house, ['jchen']);
        const inTime = await consumeRequest(house, other);
        house.time.now += 899_999;
        granted(await consume(house, inTime));
        house.time.now += 1;
        expect(refused(await consume(house, late))).toBe('authorization_expired');
    });
});
