import { hashJson, parseHash } from '@countersign/pure/core/digest';
import { leafHash, verifyInclusion } from '@countersign/pure/core/merkle';
import { merge } from '@countersign/simulator/members';
import { seal, softwareKey } from '@countersign/simulator/signer';
import { afterEach, describe, expect, test } from 'vitest';
import { ask, bytesOf, changeStatus, granted, nextHead, openHouse, publicationOf, publish, refused, requested, } from './house.js';
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
function enrollment(house, name, members = {}) {
    const key = softwareKey(`ep:key:${name}#1`, name);
    const { entry } = house.world.approvers.get('jchen');
    const own = { approver_id: `ep:approver:${name}`, principal_id: `ep:principal:${name}` };
    return merge({ ...entry, ...own, key_id: key.keyId, public_key: key.publicKey }, members);
}
describe('publication', () => {
    test('EP-DIR-2: the first head and the next; what they say counts from then on', async () => {
        const house = await newHouse();
        house.time.pass(1000);
        house.world.directory.add(enrollment(house, 'mroe'));
        nextHead(house);
        const published = granted(await publish(house));
        expect(granted(await house.service.head({}, house.moment()))).toEqual(published);
        expect((await requested(house)).approvers).toHaveLength(2);
        expect(house.log.derived().head?.head_hash).toBe(published.head_hash);
    });
    test('the same head again answers the same, and is logged once', async () => {
        const house = await newHouse();
        const size = house.log.newestAnchored().treeSize;
        expect(granted(await publish(house))).toEqual(granted(await publish(house)));
        expect(house.log.newestAnchored().treeSize).toBe(size);
    });
    test('of two heads that follow the same one, the second is refused', async () => {
        const house = await newHouse();
        house.time.pass(1000);
        const before = [...house.world.directory.heads];
        house.world.directory.add(enrollment(house, 'mroe'));
        const one = publicationOf(house, nextHead(house));
        house.world.directory.heads.splice(0, Infinity, ...before);
        house.world.directory.leaves.pop();
        house.world.directory.add(enrollment(house, 'zed'));
        const two = publicationOf(house, nextHead(house));
        const answers = await Promise.all([publish(house, one), publish(house, two)]);
        expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
        expect(refused(answers.find(({ ok }) => !ok))).toBe('head_prev_hash_mismatch');
    });
    test('EP-DIR-1: a policy gives way to its next version in one head', async () => {
        const house = await newHouse();
        house.time.pass(1000);
        const { policy, entry } = house.world.policies[0];
        const next = { ...policy, policy_id: 'ep:policy:wires@v2', max_window_seconds: 60 };
        const changes = { policy_id: next.policy_id, policy_hash: hashJson(next), valid_from: '2026-11-20T12:00:01Z' };
        house.world.directory.setStatus(0, { valid_to: '2026-11-20T12:00:01Z' });
        house.world.directory.add(merge(entry, changes));
        nextHead(house);
        granted(await publish(house, { ...publicationOf(house), policies: [next] }));
        expect(refused(await ask(house))).toBe('policy_in_force_mismatch');
        const answer = granted(await house.service.policyInForce({ actionType: 'wire.release' }, house.moment()));
        expect(answer.policy).toEqual(next);
        const old = granted(await house.service.policy({ policyId: String(policy['policy_id']) }, house.moment()));
        expect(old).toEqual({ policy, policy_hash: hashJson(policy), entry_hash: hashJson(entry) });
    });
});
describe('what is refused changes nothing', () => {
    const adding = (members) => (house) => {
        house.world.directory.add(enrollment(house, 'mroe', members));
        nextHead(house);
        return publicationOf(house);
    };
    const rows = [
        [
            'a head by a key that is not pinned',
            (house) => {
                nextHead(house, [softwareKey('ep:key:acme-directory#1', 'a stranger')]);
                return publicationOf(house);
            },
            'head_signature_invalid',
        ],
        [
            'a head from the future',
            (house) => {
                house.world.directory.publish({ issuedAt: '2026-11-20T12:05:02Z', validUntil: '2026-11-21T12:00:00Z' });
                return publicationOf(house);
            },
            'directory_head_issued_at_too_large',
        ],
        [
            'a predecessor that is not the newest head',
            (house) => {
                nextHead(house, undefined, { prev_head_hash: `sha256:${'1'.repeat(64)}` });
                return publicationOf(house);
            },
            'head_prev_hash_mismatch',
        ],
        [
            'another root',
            (house) => {
                nextHead(house, undefined, { root_hash: `sha256:${'1'.repeat(64)}` });
                return publicationOf(house);
            },
            'head_root_mismatch',
        ],
        [
            'the key of another approver',
            (house) => adding({ public_key: house.world.approvers.get('jchen').entry['public_key'] })(house),
            'directory_key_duplicate',
        ],
        ['an entry of another directory', adding({ directory_id: 'ep:directory:other' }), 'leaf_directory_mismatch'],
        ['a leaf left out', async (house) => ({ ...(await adding({})(house)), leaves: [] }), 'head_tree_size_mismatch'],
        [
            'a gap among the leaves',
            async (house) => {
                const publication = await adding({})(house);
                const [last] = publication['leaves'];
                return { ...publication, leaves: [{ ...last, leaf_index: 9 }] };
            },
            'leaf_index_malformed',
        ],
        [
            'a document that no leaf names',
            async (house) => ({ ...(await adding({})(house)), policies: [house.world.policies[0].policy] }),
            'policy_document_unknown',
        ],
        [
            'an end that is taken back',
            async (house) => {
                await changeStatus(house, house.world.approvers.get('jchen').entry, { valid_to: '2026-11-20T13:00:00Z' });
                house.time.pass(1000);
                const index = house.world.directory.leaves.length - 1;
                house.world.directory.setStatus(index, { valid_to: null });
                nextHead(house);
                return publicationOf(house);
            },
            'leaf_valid_to_invalid',
        ],
    ];
    test.each(rows)('EP-DIR-1, EP-DIR-2: %s', async (_, make, code) => {
        const house = await newHouse();
        house.time.pass(1000);
        const publication = await make(house);
        const before = granted(await house.service.head({}, house.moment()));
        const size = house.log.newestAnchored().treeSize;
        expect(refused(await publish(house, publication))).toBe(code);
        expect(granted(await house.service.head({}, house.moment()))).toEqual(before);
        expect(house.log.newestAnchored().treeSize).toBe(size);
    });
    test('EP-DIR-3: an entry without the attestations that the trust file asks for; with them it enters', async () => {
        const house = await newHouse({ administrators: 1, attestedBy: 1 });
        house.time.pass(1000);
        const { directory, administrators } = house.world;
        directory.add(enrollment(house, 'mroe'));
        nextHead(house);
        expect(refused(await publish(house))).toBe('attestation_missing');
        directory.heads.pop();
        directory.leaves.pop();
        const word = directory.attest(enrollment(house, 'mroe'), '2026-11-20T12:00:01Z', administrators[0]);
        directory.add(enrollment(house, 'mroe'), [word]);
        nextHead(house);
        granted(await publish(house));
        house.time.pass(1000);
        const earlier = { ...word['body'], entry_hash: hashJson(enrollment(house, 'zed')) };
        directory.add(enrollment(house, 'zed'), [seal(earlier, administrators[0])]);
        nextHead(house);
        expect(refused(await publish(house))).toBe('attestation_head_mismatch');
    });
});
describe('reading', () => {
    test('entries in pages, each with a proof under the head', async () => {
        const house = await newHouse({ leaves: 7 });
        const seen = [];
        let after;
        do {
            const page = granted(await house.service.entries({ limit: 3, ...(after && { after }) }, house.moment()));
            for (const { leaf_index, entry_hash } of page.items) {
                const proof = granted(await house.service.proof({ entryHash: entry_hash }, house.moment()));
                expect(proof.leaf_index).toBe(leaf_index);
                const { tree_size, root_hash } = proof.head.body;
                const path = proof.inclusion_path.map((hash) => parseHash(hash));
                verifyInclusion(leafHash(bytesOf(proof.leaf)), leaf_index, tree_size, path, parseHash(root_hash));
                seen.push(entry_hash);
            }
            after = page.next;
        } while (after !== undefined);
        expect(seen).toEqual(house.world.directory.leaves.map((leaf) => hashJson(leaf['entry'])));
        expect(refused(await house.service.entries({ limit: 3, after: 'x' }, house.moment()))).toBe('page_after_malformed');
        expect(refused(await house.service.proof({ entryHash: 'x' }, house.moment()))).toBe('directory_entry_unknown');
        expect(refused(await house.service.policy({ policyId: 'x' }, house.moment()))).toBe('directory_policy_unknown');
    });
    test('EP-SM-4: a database that changed a leaf behind the head is not served from', async () => {
        const house = await newHouse();
        const { organization } = house.world;
        const key = { kind: 'directory_leaf', id: '000000000003' };
        const [row] = await house.store.read(organization, [key]);
        const body = row.body.replace('treasury', 'treasurer');
        expect(body).not.toBe(row.body);
        await house.store.commit({ organization, unitId: 'tamper', put: [{ ...key, expected: 1, body }] });
        await expect(house.another().head({}, house.moment())).rejects.toThrow('root of its head');
    });
});
