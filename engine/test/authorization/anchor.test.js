import { seal } from '@countersign/simulator/signer';
import { afterEach, describe, expect, test } from 'vitest';
import { approved, bytesOf, consume, consumeBodyOf, consumeRequest, denialBy, deny, granted, leafIndexOf, nextHead, openHouse, publish, refused, requested, requiring, sign, signedBy, waitMilliseconds, } from './house.js';
const houses = [];
afterEach(async () => {
    for (const house of houses.splice(0))
        await house.stop();
});
async function newHouse() {
    const approvers = [{ name: 'jchen' }, { name: 'mroe' }, { name: 'zed' }];
    const house = await openHouse({ approvers, policies: [requiring({ k: 2, roles: ['treasury'] })] });
    houses.push(house);
    return house;
}
/** Whether a promise is still open after everything that could go on without an anchor has gone on. */
async function isOpen(promise) {
    let settled = false;
    promise.then(() => {
        settled = true;
    }, () => {
        settled = true;
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    return !settled;
}
describe('EP-SM-3: while the log is held back, nothing that rests on a terminal state is answered', () => {
    const asks = {
        get: (house, { id }) => house.service.get({ id }, house.moment()),
        'get on another server': (house, { id }) => house.another().get({ id }, house.moment()),
        'the list of all': (house) => house.service.list({ limit: 10 }, house.moment()),
        'the list of its initiator': (house, { initiator }) => house.service.list({ limit: 10, initiator }, house.moment()),
        contexts: (house, { id }) => house.service.contextsOf({ id }, house.moment()),
        bundle: (house, { id }) => house.service.bundle({ id }, house.moment()),
    };
    const committedOnly = {
        'another consume request': (house, view) => {
            const [executor] = [...house.world.executors.values()];
            const body = {
                type: 'ep.consume.v1',
                organization: house.world.organization,
                executor_id: executor.id,
                nonce: view.nonce,
                action_hash: view.action_hash,
                policy_hash: view.policy_hash,
                bundle_hash: view.action_hash,
                consume_id: 'b64u:AAAAAAAAAAAAAAAAAAAAAA',
                enforcement_class: 'STRONG',
                at: view.issued_at,
            };
            return consume(house, seal(body, executor.signer));
        },
    };
    const deniedOnly = {
        'the list of what waits for an approver': (house) => house.service.pendingFor({ limit: 10, approver: 'ep:approver:zed' }, house.moment()),
    };
    test.each(Object.keys({ ...asks, ...committedOnly }))('COMMITTED: %s', async (name) => {
        const house = await newHouse();
        const view = await approved(house, ['jchen', 'mroe']);
        const request = await consumeRequest(house, view);
        const release = house.hold();
        const consuming = consume(house, request);
        expect(await isOpen(consuming)).toBe(true);
        const asking = { ...asks, ...committedOnly }[name](house, view);
        expect(await isOpen(asking)).toBe(true);
        release();
        granted(await consuming);
        await asking;
    });
    test.each(Object.keys({ ...asks, ...deniedOnly }))('DENIED: %s', async (name) => {
        const house = await newHouse();
        const view = await approved(house, ['jchen']);
        const body = bytesOf(await denialBy(house, view, 'mroe'));
        const release = house.hold();
        const denying = house.service.deny({ id: view.id, approver: 'ep:approver:mroe', body }, house.moment());
        expect(await isOpen(denying)).toBe(true);
        const asking = { ...asks, ...deniedOnly }[name](house, view);
        expect(await isOpen(asking)).toBe(true);
        release();
        granted(await denying);
        await asking;
    });
    test('signoffs and denials that a terminal state refuses', async () => {
        const house = await newHouse();
        const view = await approved(house, ['jchen']);
        const [late, other] = [await signedBy(house, view, 'zed'), await denialBy(house, view, 'zed')];
        const body = bytesOf(await denialBy(house, view, 'mroe'));
        const release = house.hold();
        const denying = house.service.deny({ id: view.id, approver: 'ep:approver:mroe', body }, house.moment());
        expect(await isOpen(denying)).toBe(true);
        const by = { id: view.id, approver: 'ep:approver:zed' };
        const signing = house.service.signoff({ ...by, body: bytesOf(late) }, house.moment());
        const denyingToo = house.service.deny({ ...by, body: bytesOf(other) }, house.moment());
        expect(await isOpen(Promise.race([signing, denyingToo]))).toBe(true);
        release();
        granted(await denying);
        expect([refused(await signing), refused(await denyingToo)]).toEqual([
            'authorization_denied',
            'authorization_denied',
        ]);
    });
    test('the report of an outcome', async () => {
        const house = await newHouse();
        const view = await approved(house, ['jchen', 'mroe']);
        const request = await consumeRequest(house, view);
        const release = house.hold();
        const consuming = consume(house, request);
        expect(await isOpen(consuming)).toBe(true);
        const { rows } = await house.store.find(house.world.organization, 'receipt', { limit: 1 });
        const [executor] = [...house.world.executors.values()];
        const report = {
            type: 'ep.outcome.v1',
            receipt_hash: JSON.parse(rows[0].body).hash,
            executor_id: executor.id,
            outcome: 'executed',
            reported_at: view.issued_at,
        };
        // An unknown report of one who is not the executor: were it not for the wait it would be refused at once.
        const stranger = house.world.approvers.get('zed').signer;
        const reporting = house.service.outcome({ body: bytesOf(seal(report, stranger)) }, house.moment());
        expect(await isOpen(reporting)).toBe(true);
        release();
        granted(await consuming);
        expect(refused(await reporting)).toBe('executor_unknown');
    });
    test('after the time it is unavailable, and the same request gets the one receipt later', async () => {
        const house = await newHouse();
        const view = await approved(house, ['jchen', 'mroe']);
        const request = await consumeRequest(house, view);
        const release = house.hold();
        const consuming = consume(house, request);
        expect(await isOpen(consuming)).toBe(true);
        house.time.pass(waitMilliseconds);
        expect(await consuming).toMatchObject({ refusal: { code: 'log_anchor_unavailable', kind: 'unavailable' } });
        release();
        const receipt = granted(await consume(house, request));
        expect(receipt.consumption.committed_at).toBe('2026-11-20T12:00:00Z');
    });
    test('open attempts are served meanwhile', async () => {
        const house = await newHouse();
        const [view, open] = [await approved(house, ['jchen', 'mroe']), await requested(house)];
        const request = await consumeRequest(house, view);
        const release = house.hold();
        const consuming = consume(house, request);
        expect(await isOpen(consuming)).toBe(true);
        expect(granted(await sign(house, open, 'jchen')).state).toBe('PARTIALLY_APPROVED');
        const { items } = granted(await house.service.pendingFor({ limit: 10, approver: 'ep:approver:mroe' }, house.moment()));
        expect(items.map(({ id }) => id)).toEqual([open.id]);
        release();
        granted(await consuming);
    });
});
test('EP-SM-3: a denied attempt leaves the list of those who had not signed once its denial is anchored', async () => {
    const house = await newHouse();
    const view = await requested(house);
    granted(await deny(house, view, 'mroe'));
    const pending = () => house.service.pendingFor({ limit: 10, approver: 'ep:approver:zed' }, house.moment());
    for (let n = 0; n < 2; n++)
        expect(granted(await pending()).items).toEqual([]);
    const { rows } = await house.store.find(house.world.organization, 'authorization', {
        term: 'pending:ep:approver:zed',
        limit: 10,
    });
    expect(rows).toEqual([]);
});
describe('EP-DIR-2: a head takes effect when its log entry is anchored', () => {
    test('until then nothing is decided, neither under it nor under the one before', async () => {
        const house = await newHouse();
        const view = await approved(house, ['jchen', 'mroe']);
        const body = await consumeBodyOf(house, view, 'one');
        const [executor] = [...house.world.executors.values()];
        house.time.pass(1000);
        const leaf = leafIndexOf(house, house.world.approvers.get('jchen').entry);
        house.world.directory.setStatus(leaf, { valid_to: '2026-11-20T12:00:01Z' });
        nextHead(house);
        const release = house.hold();
        const publishing = publish(house);
        expect(await isOpen(publishing)).toBe(true);
        const consuming = consume(house, seal(body, executor.signer));
        expect(await isOpen(consuming)).toBe(true);
        house.time.pass(waitMilliseconds);
        expect(refused(await consuming)).toBe('directory_head_unavailable');
        expect(refused(await publishing)).toBe('directory_head_unavailable');
        release();
        expect(refused(await consume(house, seal(body, executor.signer)))).toBe('authority_entry_expired');
        expect(granted(await publish(house)).head_hash).toBe(house.world.directory.headHash);
    });
    test('an attempt in progress keeps the head that it was made under', async () => {
        const house = await newHouse();
        const view = await approved(house, ['jchen', 'mroe']);
        house.time.pass(1000);
        const leaf = leafIndexOf(house, house.world.approvers.get('zed').entry);
        house.world.directory.setStatus(leaf, { valid_to: '2026-11-20T12:00:01Z' });
        nextHead(house);
        granted(await publish(house));
        const receipt = granted(await consume(house, await consumeRequest(house, view)));
        expect(receipt.authority.head).toEqual(house.world.directory.heads[0].head);
        const next = await requested(house);
        expect(next.approvers.map(({ approver }) => approver)).toEqual(['ep:approver:jchen', 'ep:approver:mroe']);
    });
});
