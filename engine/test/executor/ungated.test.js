import { hashJson } from '@countersign/pure/core/digest';
import { applyPatch } from '@countersign/pure/core/json-patch';
import { makeBundle } from '@countersign/simulator/attempt';
import { makeWorld, octetsOfJson, pinned } from '@countersign/simulator/world';
import { describe, expect, test } from 'vitest';
import { bench, listening, openedPolicyOf, recorded } from './world.js';
// biome-ignore-start lint/suspicious/noThenProperty: the wire member of the format
const rules = [
    { when: { dec_ge: ['/parameters/amount', '100000'] }, then: 'require', quorum: { k: 1, roles: ['treasury'] } },
    { when: { eq: ['/parameters/currency', 'EUR'] }, then: 'refuse' },
    { when: { dec_lt: ['/parameters/amount', '1000'] }, then: 'ungated' },
];
// biome-ignore-end lint/suspicious/noThenProperty: the wire member of the format
function actionOf(world, changes) {
    return { ...makeBundle(world).bundle['action'], ...changes };
}
async function decide(parameters, changes = {}) {
    const world = changes.world ?? makeWorld({ policies: [{ rules }] });
    const answer = (changes.lie ?? ((opened) => opened))(openedPolicyOf(world));
    const { executor } = await bench({
        world,
        ...(changes.options && { options: changes.options }),
        authority: (honest) => ({
            ...listening(honest, []),
            fetchPolicy: async () => ({ octets: octetsOfJson(answer) }),
        }),
    });
    return executor.decide(octetsOfJson(actionOf(world, { parameters, ...changes.action })));
}
test.each([
    ['require', { amount: '100000', currency: 'USD' }],
    ['refuse', { amount: '5000', currency: 'EUR' }],
    ['ungated', { amount: '999.99', currency: 'USD' }],
])('EP-POL-1: the organization’s own policy says %s', async (decision, parameters) => {
    expect(await decide(parameters)).toEqual({ status: 'decided', decision });
});
test('EP-POL-1: what no rule covers, and an operand that is missing, is a refusal', async () => {
    expect(await decide({ amount: '5000', currency: 'USD' })).toMatchObject({
        status: 'refused',
        failure: { code: 'policy_rule_missing' },
    });
    expect(await decide({ currency: 'USD' })).toMatchObject({
        status: 'refused',
        failure: { code: 'condition_operand_missing' },
    });
});
describe('EP-POL-1: the server’s word makes nothing ungated', () => {
    const small = { amount: '1', currency: 'USD' };
    const patch = (...operations) => (opened) => applyPatch(opened, operations);
    test.each([
        [
            'a policy of its own making',
            'policy_leaf_hash_mismatch',
            // biome-ignore lint/suspicious/noThenProperty: the wire member of the format
            patch({ op: 'replace', path: '/policy/rules', value: [{ then: 'ungated' }] }),
        ],
        [
            'a leaf of its own making',
            'inclusion_root_mismatch',
            patch({ op: 'replace', path: '/opening/leaf/entry/policy_hash', value: `sha256:${'1'.repeat(64)}` }),
        ],
        [
            'a head of its own making',
            'head_signature_invalid',
            patch({ op: 'replace', path: '/head/body/tree_size', value: 17 }),
        ],
        [
            'a policy of another organization',
            'executor_organization_mismatch',
            patch({ op: 'replace', path: '/policy/organization', value: 'ep:org:globex' }),
        ],
    ])('%s', async (_, code, lie) => {
        expect(await decide(small, { lie })).toMatchObject({ status: 'refused', failure: { code } });
    });
    test('another leaf than a policy', async () => {
        const world = makeWorld({ policies: [{ rules }] });
        const { published } = world.currentHead();
        const other = hashJson(published.leaves[1]['entry']);
        const lie = (opened) => ({ ...opened, opening: published.opening(other) });
        expect(await decide(small, { world, lie })).toMatchObject({ failure: { code: 'opening_type_mismatch' } });
    });
    test('a policy that has ended, or is compromised', async () => {
        for (const [status, code] of [
            [{ valid_to: '2026-11-20T11:00:00Z' }, 'entry_valid_to_expired'],
            [{ compromised_at: '2026-11-20T11:00:00Z' }, 'policy_leaf_compromised'],
        ]) {
            const world = makeWorld({ policies: [{ rules }] });
            world.directory.setStatus(0, status);
            world.publishHead({ issuedAt: '2026-11-20T11:00:00Z', validUntil: '2027-01-30T00:00:00Z' });
            expect(await decide(small, { world })).toMatchObject({ failure: { code } });
        }
    });
    test('a policy for other action types, or another than the action names', async () => {
        const other = { action: { action_type: 'payroll.run' } };
        expect(await decide(small, other)).toMatchObject({ failure: { code: 'policy_action_type_mismatch' } });
        const named = { action: { policy_id: 'ep:policy:wires@v2' } };
        expect(await decide(small, named)).toMatchObject({ failure: { code: 'policy_id_mismatch' } });
    });
    test('a leaf that the organization made for another policy id or directory', async () => {
        for (const [policyEntry, code] of [
            [{ policy_id: 'ep:policy:wires@v9' }, 'policy_leaf_id_mismatch'],
            [{ directory_id: 'ep:directory:globex' }, 'opening_directory_mismatch'],
        ])
            expect(await decide(small, { world: makeWorld({ policies: [{ rules }], policyEntry }) })).toMatchObject({
                failure: { code },
            });
    });
    test('a system that this executor does not serve', async () => {
        const action = { target: { system: 'payroll.example', resource: 'run/1' } };
        expect(await decide(small, { action })).toMatchObject({ failure: { code: 'executor_target_mismatch' } });
    });
    test('a head by the operator’s key alone, where the trust file says so', async () => {
        const world = makeWorld({ policies: [{ rules }] });
        const path = '/organizations/0/directory/keys/0/custody';
        const trust = pinned(world.trustFile({ op: 'replace', path, value: 'operator' }));
        expect(await decide(small, { world, options: { trust } })).toMatchObject({
            failure: { code: 'directory_custody_insufficient' },
        });
    });
    test('an entry that too few administrators attested', async () => {
        const world = makeWorld({ policies: [{ rules }], administrators: 1 });
        const trust = pinned(world.trustFile({ op: 'replace', path: '/organizations/0/administrators/m', value: 1 }));
        expect(await decide(small, { world, options: { trust } })).toMatchObject({
            failure: { code: 'attestation_missing' },
        });
    });
    test('EP-DIR-5: an older head than one that was accepted, and one that is too old', async () => {
        const world = makeWorld({ policies: [{ rules }] });
        const old = openedPolicyOf(world);
        world.publishHead({ issuedAt: '2026-11-20T11:00:00Z', validUntil: '2027-01-30T00:00:00Z' });
        let answer = openedPolicyOf(world);
        const { executor } = await bench({
            world,
            authority: (honest) => ({
                ...listening(honest, []),
                fetchPolicy: async () => ({ octets: octetsOfJson(answer) }),
            }),
        });
        const asked = octetsOfJson(actionOf(world, { parameters: small }));
        expect(await executor.decide(asked)).toEqual({ status: 'decided', decision: 'ungated' });
        answer = old;
        expect(await executor.decide(asked)).toMatchObject({ failure: { code: 'executor_head_stale' } });
        const path = '/organizations/0/max_head_age_seconds';
        const trust = pinned(world.trustFile({ op: 'add', path, value: 3600 }));
        expect(await decide(small, { world, options: { trust } })).toMatchObject({
            failure: { code: 'head_age_too_large' },
        });
    });
    test('an ungated action is no authorization: a bundle for it is refused', async () => {
        const { authority, executor } = await bench({ world: makeWorld({ policies: [{ rules }] }) });
        authority.attempts['a'] = { action: { parameters: small } };
        const effect = recorded();
        const actionHash = authority.bundle('a').bundle['action_hash'];
        expect(await executor.execute('a', { actionHash }, effect)).toMatchObject({
            failure: { code: 'policy_rule_ungated' },
        });
        expect(effect.ran).toEqual([]);
    });
});
test('an action that is none is refused before anything is asked', async () => {
    const { executor } = await bench({
        authority: (honest) => ({
            ...listening(honest, []),
            fetchPolicy: async () => {
                throw new Error('not asked for');
            },
        }),
    });
    const doubled = new TextEncoder().encode('{"a":1,"a":2}');
    expect(await executor.decide(doubled)).toMatchObject({ failure: { code: 'json_member_duplicate' } });
    expect(await executor.decide(octetsOfJson({}))).toMatchObject({ failure: { at: expect.stringMatching(/^\/action/) } });
});
