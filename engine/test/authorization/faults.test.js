import { memoryStore } from '@countersign/adapters/storage/memory';
import { StoreFault } from '@countersign/engine/ports/store';
import { afterEach, describe, expect, test } from 'vitest';
import { approved, ask, changeStatus, consume, consumeRequest, deny, granted, openHouse, refused, requested, sign, } from './house.js';
const houses = [];
afterEach(async () => {
    for (const house of houses.splice(0))
        await house.stop();
});
/** A house whose store lets a test step between a decision and its commit; once set, `interfere` acts on one unit. */
async function interruptible() {
    const inner = memoryStore();
    let interfere;
    const commit = (unit) => inner.commit(unit);
    const store = new Proxy(inner, {
        get(target, name) {
            if (name !== 'commit')
                return Reflect.get(target, name).bind(target);
            return (unit) => {
                const now = interfere;
                if (now === undefined || !now.when(unit))
                    return commit(unit);
                interfere = undefined;
                return now.act(unit, commit);
            };
        },
    });
    const house = await openHouse({ store });
    houses.push(house);
    return {
        house,
        before: (when, act) => {
            interfere = { when, act };
        },
    };
}
const isConsumption = (unit) => unit.claims?.some(({ kind }) => kind === 'consume_id') === true;
const isSignoff = (unit) => unit.put?.length === 1 && unit.put[0].kind === 'authorization';
const isDenial = (unit) => unit.put?.some(({ kind }) => kind === 'denial') === true;
const isRequest = (unit) => unit.claims?.some(({ kind }) => kind === 'nonce') === true;
describe('EP-DIR-5: a head that is published between decision and commit', () => {
    test('a consumption is decided again under it', async () => {
        const { house, before } = await interruptible();
        const view = await approved(house, ['jchen']);
        const request = await consumeRequest(house, view);
        const { entry } = house.world.approvers.get('jchen');
        before(isConsumption, async (unit, commit) => {
            await changeStatus(house, entry, { valid_to: '2026-11-20T12:00:01Z' });
            return commit(unit);
        });
        expect(refused(await consume(house, request))).toBe('authority_entry_expired');
        expect(granted(await house.service.get({ id: view.id }, house.moment())).state).toBe('APPROVED');
    });
    test('a signoff', async () => {
        const { house, before } = await interruptible();
        const view = await requested(house);
        const { entry } = house.world.approvers.get('jchen');
        before(isSignoff, async (unit, commit) => {
            await changeStatus(house, entry, { valid_to: '2026-11-20T12:00:01Z' });
            return commit(unit);
        });
        expect(refused(await sign(house, view, 'jchen'))).toBe('authority_entry_expired');
    });
    test('a denial', async () => {
        const { house, before } = await interruptible();
        const view = await requested(house);
        const { entry } = house.world.approvers.get('jchen');
        before(isDenial, async (unit, commit) => {
            await changeStatus(house, entry, { valid_to: '2026-11-20T12:00:01Z' });
            return commit(unit);
        });
        expect(refused(await deny(house, view, 'jchen'))).toBe('authority_entry_expired');
    });
    test('a request', async () => {
        const { house, before } = await interruptible();
        const { entry } = [...house.world.entities.values()][0];
        before(isRequest, async (unit, commit) => {
            await changeStatus(house, entry, { valid_to: '2026-11-20T12:00:01Z' });
            return commit(unit);
        });
        expect(refused(await ask(house))).toBe('initiator_entity_unknown');
    });
});
describe('EP-SM-1: an attempt that expires between decision and commit', () => {
    test('whoever was told EXPIRED stays right', async () => {
        const { house, before } = await interruptible();
        const view = await approved(house, ['jchen']);
        const request = await consumeRequest(house, view);
        before(isConsumption, async (unit, commit) => {
            const late = { ...house.moment(), now: house.time.now + 900_000 };
            expect(granted(await house.service.get({ id: view.id }, late)).state).toBe('EXPIRED');
            return commit(unit);
        });
        expect(refused(await consume(house, request))).toBe('authorization_expired');
    });
});
describe('faults', () => {
    test('EP-BUN-2: a commit whose answer was lost: the receipt is the one that was committed', async () => {
        const { house, before } = await interruptible();
        const view = await approved(house, ['jchen']);
        const request = await consumeRequest(house, view);
        before(isConsumption, async (unit, commit) => {
            await commit(unit);
            throw new StoreFault('the connection broke', 'in_doubt');
        });
        const receipt = granted(await consume(house, request));
        expect(granted(await consume(house, request))).toEqual(receipt);
    });
    test('a commit that was never made is made', async () => {
        const { house, before } = await interruptible();
        const view = await requested(house);
        before(isSignoff, async () => {
            throw new StoreFault('the connection broke', 'in_doubt');
        });
        expect(granted(await sign(house, view, 'jchen')).state).toBe('APPROVED');
    });
    test('a commit that lands only after it was given up for lost is not made twice', async () => {
        const { house, before } = await interruptible();
        let late;
        before(isRequest, async (unit) => {
            late = unit;
            throw new StoreFault('the connection broke', 'in_doubt');
        });
        const view = await requested(house);
        expect(await house.store.commit(late)).toMatchObject({ status: 'committed', repeated: true });
        expect(granted(await house.service.list({ limit: 10 }, house.moment())).items.map(({ id }) => id)).toEqual([
            view.id,
        ]);
    });
    test('EP-BUN-2: nor is the second decision answered where the first one lands late', async () => {
        const { house, before } = await interruptible();
        const view = await approved(house, ['jchen']);
        const request = await consumeRequest(house, view);
        before(isConsumption, async (late) => {
            house.time.now += 5000;
            // Raises the high-water clock: the second decision is made at a later time than the first.
            await requested(house);
            before(isConsumption, async (unit, commit) => {
                expect(unit.append).not.toEqual(late.append);
                await commit(late);
                return commit(unit);
            });
            throw new StoreFault('the connection broke', 'in_doubt');
        });
        const receipt = granted(await consume(house, request));
        expect(receipt.consumption.committed_at).toBe('2026-11-20T12:00:00Z');
        expect(granted(await house.service.receipt({ receiptId: receipt.receipt_id }, house.moment()))).toEqual(receipt);
    });
    test('a fault is thrown, not answered, and a safe one is not repeated here', async () => {
        const { house, before } = await interruptible();
        const view = await requested(house);
        let calls = 0;
        before(isSignoff, async () => {
            calls++;
            throw new StoreFault('the disk is full', 'safe');
        });
        await expect(sign(house, view, 'jchen')).rejects.toThrow(StoreFault);
        expect(calls).toBe(1);
        expect(granted(await house.service.get({ id: view.id }, house.moment())).state).toBe('REQUESTED');
    });
});
