import { parseHash } from '@countersign/pure/core/digest';
import { nonceHash, parseLogEntry } from '@countersign/pure/ep/log-entry';
import { verifyReceipt } from '@countersign/pure/ep/verify-receipt';
import { seal } from '@countersign/simulator/signer';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bytesOf, consumeBodyFor, deny, granted, openHouse, requested, requiring, signedBy, } from './house.js';
const numRuns = process.env['SLOW'] ? 4000 : 200;
const names = ['a', 'b', 'c', 'twin'];
const terminal = ['COMMITTED', 'DENIED', 'EXPIRED'];
let house;
/** Runs follow one another in time, whatever a run did to the clock. */
let latest = 0;
// Agent `bot` answers to the human behind approver `self`; `twin` is a second approver id of the human behind `a`.
beforeAll(async () => {
    house = await openHouse({
        approvers: [
            { name: 'a' },
            { name: 'b' },
            { name: 'c' },
            { name: 'twin', entry: { principal_id: 'ep:principal:a' } },
            { name: 'self' },
        ],
        entities: [{ name: 'bot', entry: { responsible: 'ep:principal:self' } }],
        policies: [{ ...requiring({ k: 2, roles: ['treasury'] }), separation: 'responsible' }],
    });
});
afterAll(() => house.stop());
const step = fc.oneof({ weight: 6, arbitrary: fc.record({ do: fc.constant('sign'), name: fc.constantFrom(...names) }) }, { weight: 1, arbitrary: fc.record({ do: fc.constant('sign foreign'), name: fc.constantFrom(...names) }) }, { weight: 1, arbitrary: fc.record({ do: fc.constant('deny'), name: fc.constantFrom(...names) }) }, { weight: 4, arbitrary: fc.record({ do: fc.constant('consume'), label: fc.integer({ min: 0, max: 2 }) }) }, { weight: 1, arbitrary: fc.record({ do: fc.constant('sign self') }) }, { weight: 1, arbitrary: fc.record({ do: fc.constant('get') }) }, {
    weight: 1,
    arbitrary: fc.record({
        do: fc.constant('time'),
        milliseconds: fc.constantFrom(-30_000, 1000, 450_000, 900_000),
    }),
});
/** Steps of one group run at the same time. */
const groups = fc.array(fc.array(step, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 8 });
async function run(steps) {
    house.time.now = Math.max(latest, house.time.now);
    const view = await requested(house);
    const other = await requested(house);
    const servers = [house.service, house.another()];
    const seen = { states: new Set(), receipts: [], wrong: [] };
    const note = (state) => {
        if (terminal.includes(state))
            seen.states.add(state);
    };
    const perform = async (one, n) => {
        const service = servers[n % 2];
        const by = (name) => ({ id: view.id, approver: `ep:approver:${name}` });
        switch (one.do) {
            case 'time':
                house.time.now += one.milliseconds;
                latest = Math.max(latest, house.time.now);
                return;
            case 'get':
                note(granted(await service.get({ id: view.id }, house.moment())).state);
                return;
            case 'sign': {
                const body = bytesOf(await signedBy(house, view, one.name));
                const answer = await service.signoff({ ...by(one.name), body }, house.moment());
                if (answer.ok)
                    note(answer.value.state);
                return;
            }
            case 'sign foreign': {
                const body = bytesOf(await signedBy(house, other, one.name));
                if ((await service.signoff({ ...by(one.name), body }, house.moment())).ok)
                    seen.wrong.push('EP-INV-2');
                return;
            }
            case 'sign self':
                if ((await service.signoff(await bySelf(view), house.moment())).ok)
                    seen.wrong.push('EP-INV-4');
                return;
            case 'deny':
                if ((await deny(house, view, one.name)).ok)
                    note('DENIED');
                return;
            case 'consume': {
                const request = await requestFor(view, one.label);
                if (request === undefined)
                    return;
                const answer = await service.consume({ body: bytesOf(request) }, house.moment());
                if (!answer.ok)
                    return;
                note('COMMITTED');
                seen.receipts.push(answer.value);
            }
        }
    };
    let n = 0;
    for (const group of steps)
        await Promise.all(group.map((one) => perform(one, n++)));
    note(granted(await house.service.get({ id: view.id }, house.moment())).state);
    return { view, seen };
}
/** A good signature of the human who answers for the initiator, over a context that names it. */
async function bySelf(view) {
    const { contexts } = granted(await house.service.contextsOf({ id: view.id }, house.moment()));
    const { signer, entry } = house.world.approvers.get('self');
    const body = {
        context_hash: contexts[0].context_hash,
        ...signer.sign(parseHash(contexts[0].context_hash)),
        key_class: entry['key_class'],
        approver_key_id: entry['key_id'],
    };
    return { id: view.id, approver: 'ep:approver:self', body: bytesOf(body) };
}
const requests = new Map();
/** The same label seals the same octets, so that a repetition is among the races; undefined while there is no bundle. */
async function requestFor(view, label) {
    const key = `${view.id} ${label}`;
    if (!requests.has(key)) {
        const bundle = await house.service.bundle({ id: view.id }, house.moment());
        if (!bundle.ok)
            return undefined;
        const [executor] = [...house.world.executors.values()];
        requests.set(key, seal(consumeBodyFor(house, view, bundle.value, key), executor.signer));
    }
    return requests.get(key);
}
/** The terminal states that the log gives an attempt, from the entry `from` on. */
async function logged(view, from) {
    const size = house.log.newestAnchored().treeSize;
    const entries = (await house.store.entries(house.world.organization, from, size)).map(parseLogEntry);
    const own = nonceHash(view.nonce);
    return entries.flatMap((entry) => ('nonce_hash' in entry && entry.nonce_hash === own ? [entry.state] : []));
}
test('EP-INV-1 to EP-INV-5 over random interleavings of two servers', { timeout: numRuns * 150 }, async () => {
    const ends = {};
    await fc.assert(fc.asyncProperty(groups, async (steps) => {
        const { treeSize } = house.log.newestAnchored();
        const { view, seen } = await run(steps);
        const after = granted(await house.another().get({ id: view.id }, house.moment())).state;
        // EP-INV-1, EP-INV-3: one terminal state is ever told, it stays, and the log knows it once.
        expect(seen.states.size).toBeLessThanOrEqual(1);
        for (const state of seen.states)
            expect(after).toBe(state);
        expect(await logged(view, treeSize)).toEqual(after === 'COMMITTED' || after === 'DENIED' ? [after] : []);
        expect(new Set(seen.receipts.map(({ receipt_id }) => receipt_id)).size).toBeLessThanOrEqual(1);
        // EP-INV-2, EP-INV-4: no signature counted that signs something else or is the initiator's.
        expect(seen.wrong).toEqual([]);
        // EP-INV-5, and the others again: what was released verifies for anyone.
        for (const receipt of seen.receipts)
            expect(verifyReceipt(bytesOf(receipt), house.trust)).toMatchObject({ outcome: 'satisfied' });
        ends[after] = (ends[after] ?? 0) + 1;
    }), { numRuns });
    // The interleavings are worth something only if they end in every way.
    for (const state of terminal)
        expect(ends[state]).toBeGreaterThan(numRuns / 50);
});
test('EP-INV-4: whoever answers for the initiator gets no context', async () => {
    house.time.now = latest;
    const view = await requested(house);
    expect(view.approvers.map(({ approver }) => approver)).not.toContain('ep:approver:self');
});
