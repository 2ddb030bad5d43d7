import { createExecutor } from '@countersign/engine/executor/executor';
import { utf8Decode } from '@countersign/pure/core/bytes';
import { canonicalString } from '@countersign/pure/core/jcs';
import { parseJson } from '@countersign/pure/core/json';
import { applyPatch, copyJson } from '@countersign/pure/core/json-patch';
import { makeBundle, makeReceipt } from '@countersign/simulator/attempt';
import { seal, softwareKey } from '@countersign/simulator/signer';
import { joinTrust, makeWorld, octetsOfJson, pinned } from '@countersign/simulator/world';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { runs } from '../../../pure/test/core/runs.js';
import { bench, expiry, listening, neverReconciled, noon, recorded } from './world.js';
function lying(honest, lie) {
    const octets = (value) => (value instanceof Uint8Array ? value : octetsOfJson(value));
    return {
        ...listening(honest, []),
        fetchBundle: async (id) => (lie.bundle ? { octets: octets(lie.bundle(honest)) } : honest.fetchBundle(id)),
        consume: async (request) => {
            if (lie.receipt === undefined)
                return honest.consume(request);
            const sealed = JSON.parse(utf8Decode(request));
            return { octets: octets(lie.receipt(honest, sealed, sealed.body.nonce)) };
        },
    };
}
async function attack(lie, setting = {}) {
    const world = makeWorld(setting.world);
    const options = { ...(setting.trust && { trust: pinned(setting.trust(world)) }), ...setting.options };
    const one = await bench({ world, authority: (honest) => lying(honest, lie), options });
    one.authority.attempts['a'] = setting.attempt ?? {};
    one.time.now = setting.now ?? noon;
    const actionHash = one.authority.bundle('a').bundle['action_hash'];
    const effect = recorded();
    const result = await one.executor.execute('a', { actionHash }, effect);
    expect(effect.ran).toEqual([]);
    // Nor does recovery run it, while the operator goes on lying.
    await one.executor.recover({ effect, reconcile: neverReconciled });
    expect(effect.ran).toEqual([]);
    expect(one.authority.reports).toEqual([]);
    return result;
}
const patched = (at, value) => (honest) => applyPatch(honest.bundle('a').bundle, [{ op: 'replace', path: at, value }]);
const foreign = makeWorld({ organization: 'globex' });
const bundles = [
    ['nothing', 'json_syntax_invalid', { bundle: () => new Uint8Array(0) }],
    ['an amount that was changed', 'action_hash_mismatch', { bundle: patched('/action/parameters/amount', '1.00') }],
    [
        'another approved authorization',
        'executor_action_mismatch',
        { bundle: ({ world }) => makeBundle(world, { label: 'b', action: { parameters: { amount: '999999' } } }).bundle },
    ],
    [
        'another action under the signoff of this one',
        'context_action_hash_mismatch',
        {
            bundle: (honest) => {
                const other = makeBundle(honest.world, { label: 'b', action: { parameters: { amount: '999999' } } }).bundle;
                return { ...honest.bundle('a').bundle, action: other['action'], action_hash: other['action_hash'] };
            },
        },
    ],
    [
        'signed by a key of the operator’s own',
        'signoff_signature_invalid',
        {
            bundle: ({ world }) => makeBundle(world, { label: 'a', approverSigner: (own) => softwareKey(own.keyId, 'the operator') }).bundle,
        },
    ],
    [
        'a head signed by the operator',
        'head_signature_invalid',
        {
            bundle: ({ world }) => makeBundle(world, {
                label: 'a',
                alter: {
                    authority: (draft) => {
                        const authority = draft;
                        const [own] = world.directoryKeys;
                        return { ...authority, head: seal(authority.head.body, softwareKey(own.keyId, 'the operator')) };
                    },
                },
            }).bundle,
        },
    ],
    ['an organization that nobody pinned', 'organization_unknown', { bundle: () => makeBundle(foreign).bundle }],
    [
        'a pinned organization that is not this executor’s',
        'executor_organization_mismatch',
        { bundle: () => makeBundle(foreign).bundle },
        { trust: (world) => joinTrust(world.trustFile(), foreign.trustFile()) },
    ],
    [
        'a system that this executor does not serve',
        'executor_target_mismatch',
        {},
        { attempt: { action: { target: { system: 'payroll.example', resource: 'wire/1' } } } },
    ],
    [
        'a policy that had ended',
        'entry_valid_to_expired',
        {
            bundle: ({ world }) => {
                world.directory.setStatus(0, { valid_to: '2026-11-20T11:00:00Z' });
                world.publishHead({ issuedAt: '2026-11-20T11:00:00Z', validUntil: '2027-01-30T00:00:00Z' });
                return makeBundle(world, { label: 'a' }).bundle;
            },
        },
    ],
    ['an authorization whose time is over', 'window_authorization_expired', {}, { now: expiry }],
    ['a head past its end', 'executor_head_expired', {}, { world: { directoryUntil: '2026-11-20T12:09:59Z' } }],
    [
        'a head older than the trust file allows',
        'head_age_too_large',
        {},
        {
            trust: (world) => world.trustFile({ op: 'add', path: '/organizations/0/max_head_age_seconds', value: 86_400 }),
        },
    ],
    [
        'while the trust file pins other executors',
        'executor_key_unknown',
        {},
        {
            trust: (world) => {
                const value = [{ public_key: softwareKey('ep:key:x#1', 'x').publicKey, enforcement_class: 'STRONG' }];
                return world.trustFile({ op: 'add', path: '/organizations/0/executors', value });
            },
        },
    ],
    [
        'while the trust file pins this executor at a lower class',
        'executor_class_insufficient',
        {},
        {
            world: { policies: [{ enforcement_minimum: 'STANDARD' }] },
            trust: (world) => {
                const { publicKey } = world.executors.get('payments').signer;
                const value = [{ public_key: publicKey, enforcement_class: 'STANDARD' }];
                return world.trustFile({ op: 'add', path: '/organizations/0/executors', value });
            },
        },
    ],
];
const receiptOf = (options) => (honest, sealed, nonce) => honest.receiptFor(nonce, sealed, options);
const receipts = [
    ['nothing', 'json_syntax_invalid', { receipt: () => new Uint8Array(0) }],
    ['the bundle itself', 'member_unknown', { receipt: (honest) => honest.bundle('a').bundle }],
    [
        'the receipt of another authorization',
        'executor_request_mismatch',
        { receipt: ({ world }) => makeReceipt(world, { label: 'b' }).receipt },
    ],
    [
        'the answer to an earlier request of this executor for this nonce',
        'executor_request_mismatch',
        { receipt: ({ world }) => makeReceipt(world, { label: 'a' }).receipt },
    ],
    [
        'its request under a signature of the operator’s',
        'consume_signature_invalid',
        {
            receipt: (honest, sealed, nonce) => {
                const { keyId } = honest.world.executors.get('payments').signer;
                return honest.receiptFor(nonce, seal(sealed['body'], softwareKey(keyId, 'the operator')));
            },
        },
    ],
    [
        'its request without a signature that the receipt could be held to',
        'consumption_consume_missing',
        { receipt: receiptOf({ executor: null, enforcementClass: 'STRONG' }) },
    ],
    [
        'the word of the operator that it was consumed, where the policy takes that',
        'executor_request_mismatch',
        { receipt: receiptOf({ executor: null, enforcementClass: 'STANDARD' }) },
        { world: { policies: [{ enforcement_minimum: 'STANDARD' }] }, options: { enforcementClass: 'STANDARD' } },
    ],
    [
        'the request of another executor of the organization',
        'executor_request_mismatch',
        { receipt: ({ world }) => makeReceipt(world, { label: 'a', executor: 'other' }).receipt },
        { world: { executors: [{ name: 'payments' }, { name: 'other' }] } },
    ],
    [
        'an executor leaf that does not serve the system',
        'executor_system_mismatch',
        {},
        { world: { executors: [{ name: 'payments', systems: ['payroll.example'] }] } },
    ],
    [
        'an executor leaf of a lower class than was asked for',
        'executor_class_insufficient',
        {},
        { world: { executors: [{ name: 'payments', enforcementClass: 'STANDARD' }] } },
    ],
    [
        'a state that is not COMMITTED',
        'consumption_state_mismatch',
        { receipt: receiptOf({ alter: { consumption: [{ op: 'replace', path: '/state', value: 'DENIED' }] } }) },
    ],
    [
        'another nonce than was consumed',
        'consumption_nonce_mismatch',
        {
            receipt: receiptOf({
                alter: {
                    consumption: [{ op: 'replace', path: '/nonce', value: 'b64u:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
                },
            }),
        },
    ],
    [
        'an action with another amount',
        'action_hash_mismatch',
        { receipt: receiptOf({ alter: { record: [{ op: 'replace', path: '/action/parameters/amount', value: '1' }] } }) },
    ],
    [
        'a commit after the authorization ended',
        'window_committed_at_expired',
        { receipt: receiptOf({ instants: { committedAt: '2026-11-20T12:15:00Z' } }) },
    ],
    [
        'a commit in the future',
        'window_clock_invalid',
        { receipt: receiptOf({ instants: { committedAt: '2026-11-20T12:11:01Z' } }) },
    ],
    [
        'no proof that the head was logged before',
        'executor_head_logged_missing',
        { receipt: receiptOf({ headProof: false }) },
    ],
    [
        'no log entry of this receipt',
        'inclusion_root_mismatch',
        { receipt: receiptOf({ alter: { logEntry: [{ op: 'replace', path: '/state', value: 'DENIED' }] } }) },
    ],
    [
        'a checkpoint that the pinned log did not sign',
        'checkpoint_signature_invalid',
        { receipt: receiptOf({ checkpoint: { key: softwareKey('ep:log:acme#1', 'another log') } }) },
    ],
    [
        'fewer witnesses than the trust file asks for',
        'witness_count_insufficient',
        { receipt: receiptOf({}) },
        {
            world: { witnesses: 1 },
            trust: (world) => world.trustFile({ op: 'replace', path: '/organizations/0/witnesses/k', value: 1 }),
        },
    ],
];
describe('EP-BUN-2, EP-INV-5: a bundle that is no authorization: nothing is consumed, nothing runs', () => {
    for (const [what, code, lie, setting] of bundles)
        test(what, async () => {
            expect(await attack(lie, setting)).toMatchObject({
                status: 'refused',
                failure: { code, at: expect.stringMatching(/^\/(bundle|trust)/) },
            });
        });
});
describe('EP-BUN-2, EP-ENF-1: an answer that is not the receipt of its own request: nothing runs', () => {
    for (const [what, code, lie, setting] of receipts)
        test(what, async () => {
            expect(await attack(lie, setting)).toMatchObject({
                status: 'refused',
                failure: { code, at: expect.stringMatching(/^\/receipt/) },
            });
        });
});
const later = { issuedAt: '2026-11-20T11:00:00Z', validUntil: '2027-01-30T00:00:00Z' };
const latest = { issuedAt: '2026-11-20T11:30:00Z', validUntil: '2027-01-30T00:00:00Z' };
describe('EP-DIR-5: heads of the directory', () => {
    /** The executor ran `first` under the first head; then the directory went on. */
    async function started(changes = {}) {
        const one = await bench(changes);
        await run(one, 'first');
        return one;
    }
    async function run({ authority, executor }, label) {
        const actionHash = authority.bundle(label).bundle['action_hash'];
        return executor.execute(label, { actionHash }, recorded());
    }
    test('a newer head is taken through the chain, however long, and kept over a restart', async () => {
        const pages = [];
        const one = await started({
            authority: (honest) => ({
                ...listening(honest, []),
                fetchHeads: async (after) => {
                    const page = (await honest.fetchHeads(after)).slice(0, 2);
                    pages.push(page.length);
                    return page;
                },
            }),
        });
        const { world, journal } = one;
        for (let hour = 0; hour < 6; hour++)
            world.publishHead({ ...later, issuedAt: `2026-11-20T0${hour}:00:00Z` });
        expect(await run(one, 'second')).toMatchObject({ status: 'executed' });
        expect(pages).toEqual([2, 2, 2]);
        expect(journal.head).toEqual(world.currentHead().published.head);
    });
    test('the direct successor needs no other head', async () => {
        const one = await started({
            authority: (honest) => ({
                ...listening(honest, []),
                fetchHeads: async () => {
                    throw new Error('not asked for');
                },
            }),
        });
        one.world.publishHead(later);
        expect(await run(one, 'second')).toMatchObject({ status: 'executed' });
    });
    test('an older head than the accepted one is refused, whatever is still valid under it', async () => {
        const one = await bench();
        const old = one.world.currentHead();
        one.world.publishHead(later);
        expect(await run(one, 'first')).toMatchObject({ status: 'executed' });
        one.authority.attempts['second'] = { head: old };
        expect(await run(one, 'second')).toMatchObject({
            failure: { code: 'executor_head_stale', at: '/bundle/authority/head/body/issued_at' },
        });
    });
    test('another head of the same instant is refused', async () => {
        const one = await started();
        const { log, organization } = one.world;
        const body = { valid_until: '2027-01-29T00:00:00Z' };
        const first = { issuedAt: '2026-11-01T00:00:00Z', validUntil: '2027-01-30T00:00:00Z' };
        const published = one.world.directory.publish(first, undefined, body);
        const logIndex = log.append({ type: 'ep.log.directory_head.v1', organization, head: published.head });
        one.authority.attempts['second'] = { head: { published, logIndex } };
        expect(await run(one, 'second')).toMatchObject({ failure: { code: 'executor_head_stale' } });
    });
    test('the server withholds the heads in between', async () => {
        const one = await started({
            authority: (honest) => ({ ...listening(honest, []), fetchHeads: async () => [] }),
        });
        one.world.publishHead(later);
        one.world.publishHead(latest);
        expect(await run(one, 'second')).toMatchObject({ failure: { code: 'executor_head_chain_missing' } });
    });
    // Each row is what a directory key signed beside the chain of the accepted head; the last head is the bundle's.
    const forks = [
        ['that names no predecessor', 'executor_head_chain_mismatch', [{}, { prev_head_hash: `sha256:${'0'.repeat(64)}` }]],
        ['of a smaller tree', 'executor_head_size_insufficient', [{}, { tree_size: 2 }, {}]],
        ['issued before its predecessor', 'executor_head_order_invalid', [{}, { issued_at: '2026-10-20T00:00:00Z' }, {}]],
        [
            'that is younger than the one of the bundle',
            'executor_head_order_invalid',
            [{}, { issued_at: '2026-11-20T09:00:00Z' }],
        ],
        ['of another directory', 'head_directory_mismatch', [{ directory_id: 'ep:directory:globex' }, {}]],
    ];
    test.each(forks)('a head in the chain %s is refused', async (_, code, bodies) => {
        const one = await started();
        const issued = ['2026-11-20T10:00:00Z', '2026-11-20T10:30:00Z', '2026-11-20T11:00:00Z'];
        for (const [index, body] of bodies.entries()) {
            const { directory, log, organization } = one.world;
            const instants = { issuedAt: issued[index], validUntil: later.validUntil };
            const { head } = directory.publish(instants, undefined, body);
            log.append({ type: 'ep.log.directory_head.v1', organization, head });
        }
        const published = one.world.directory.heads.at(-1);
        one.authority.attempts['second'] = { head: { published, logIndex: one.world.log.entries.length - 1 } };
        expect(await run(one, 'second')).toMatchObject({ status: 'refused', failure: { code } });
        expect(one.journal.head).toEqual(one.world.directory.heads[0].head);
    });
    test('a head in the chain that the operator signed is refused', async () => {
        const forged = softwareKey('ep:key:acme-directory#1', 'the operator');
        const one = await started();
        const { directory } = one.world;
        directory.publish(later, [forged]);
        const published = directory.publish(latest);
        one.world.log.append({ type: 'ep.log.directory_head.v1', organization: 'ep:org:acme', head: published.head });
        one.authority.attempts['second'] = { head: { published, logIndex: one.world.log.entries.length - 1 } };
        expect(await run(one, 'second')).toMatchObject({ failure: { code: 'head_signature_invalid', at: /^\/heads\/0/ } });
    });
    test('EP-DIR-4: a head in the chain by a key that the operator holds is refused, also where that key is pinned', async () => {
        const world = makeWorld({ directoryKeys: 2 });
        const path = '/organizations/0/directory/keys/1/custody';
        const trust = pinned(world.trustFile({ op: 'replace', path, value: 'operator' }));
        const one = await started({ world, options: { trust } });
        world.directory.publish(later, [world.directoryKeys[1]]);
        world.publishHead(latest);
        expect(await run(one, 'second')).toMatchObject({
            failure: { code: 'directory_custody_insufficient', at: '/heads/0/signatures' },
        });
    });
    test('octets in the place of a head are refused', async () => {
        const one = await started({
            authority: (honest) => ({ ...listening(honest, []), fetchHeads: async () => [new Uint8Array([0x7b])] }),
        });
        one.world.publishHead(later);
        one.world.publishHead(latest);
        expect(await run(one, 'second')).toMatchObject({ status: 'refused', failure: { code: 'json_syntax_invalid' } });
    });
});
describe('EP-BUN-2: whatever the server answers, the effect does not run and nothing is thrown', () => {
    const garbage = fc.uint8Array({ maxLength: 400 });
    const damage = fc.record({ where: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), octet: fc.nat(255) });
    const values = fc.oneof(fc.jsonValue(), fc.constant(null), fc.constantFrom('', 'b64u:', 'sha256:', '1.0'));
    function damaged(octets, hits) {
        const copy = octets.slice();
        for (const { where, octet } of hits)
            copy[Math.floor(where * copy.length)] = octet;
        return copy;
    }
    /** Every place in a document, as the path to it. */
    function places(value, path = []) {
        if (typeof value !== 'object' || value === null)
            return [[...path]];
        return [[...path], ...Object.entries(value).flatMap(([name, inner]) => places(inner, [...path, name]))];
    }
    function replaced(document, where, value) {
        const all = places(document).filter((path) => path.length > 0);
        const path = all[Math.floor(where * all.length)];
        const copy = copyJson(document);
        let inner = copy;
        for (const name of path.slice(0, -1))
            inner = inner[name];
        inner[path.at(-1)] = value;
        return copy;
    }
    const lies = fc.oneof(garbage.map((octets) => () => octets), fc
        .array(damage, { minLength: 1, maxLength: 3 })
        .map((hits) => (document) => damaged(octetsOfJson(document), hits)), fc.tuple(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), values).map(([where, value]) => (document) => octetsOfJson(replaced(document, where, value))));
    test('in the place of bundle or receipt', async () => {
        const one = await bench();
        const { authority, options } = one;
        const { bundle, contexts } = authority.bundle('a');
        const nonce = contexts[0]['nonce'];
        const actionHash = bundle['action_hash'];
        await fc.assert(fc.asyncProperty(lies, fc.boolean(), async (lie, aboutBundle) => {
            const effect = recorded();
            let same = false;
            const told = (document) => {
                const octets = lie(document);
                same = isSame(octets, document);
                return { octets };
            };
            const executor = createExecutor({
                ...options,
                journal: (await bench({ world: one.world })).journal,
                authority: {
                    ...listening(authority, []),
                    fetchBundle: async () => (aboutBundle ? told(bundle) : { octets: octetsOfJson(bundle) }),
                    consume: async (request) => {
                        const receipt = authority.receiptFor(nonce, JSON.parse(utf8Decode(request)));
                        return aboutBundle ? { octets: octetsOfJson(receipt) } : told(receipt);
                    },
                },
            });
            const result = await executor.execute('a', { actionHash }, effect);
            if (same)
                return;
            expect(result.status).toBe('refused');
            expect(effect.ran).toEqual([]);
        }), runs(150));
    });
    /** Whether the lie happened to be the truth: other white space, or an octet replaced by itself. */
    function isSame(octets, document) {
        try {
            return canonicalString(parseJson(octets).value) === canonicalString(document);
        }
        catch {
            return false;
        }
    }
    test.each(['fetchBundle', 'consume', 'reportOutcome', 'fetchHeads', 'fetchPolicy'])('a fault of %s is a value, not an exception', async (broken) => {
        const one = await bench({
            authority: (honest) => ({
                ...listening(honest, []),
                [broken]: async () => {
                    throw new Error('connection refused');
                },
            }),
        });
        const { bundle } = one.authority.bundle('a');
        const result = await one.executor.execute('a', { actionHash: bundle['action_hash'] }, recorded());
        if (broken === 'fetchBundle' || broken === 'consume')
            expect(result).toMatchObject({ failure: { code: 'executor_authority_unavailable' } });
        else
            expect(result).toMatchObject({ status: 'executed', reported: broken !== 'reportOutcome' });
        const decided = await one.executor.decide(octetsOfJson(bundle['action']));
        expect(decided.status).toBe(broken === 'fetchPolicy' ? 'refused' : 'decided');
    });
});
