import { authorizationEvents, openStates, terminalStates, transitions, } from '@countersign/engine/authorization/state-machine';
import { seal } from '@countersign/simulator/signer';
import { afterEach, describe, expect, test } from 'vitest';
import { approved, consume, consumeRequest, deny, granted, openHouse, requested, requiring, sign, } from './house.js';
// EP-SM-1, written down a second time: state, and what each event leads to, or the code of the refusal.
const normative = [
    //                    signoff                         quorum                          denial                     expiry                     commit
    ['REQUESTED', 'PARTIALLY_APPROVED', 'APPROVED', 'DENIED', 'EXPIRED', 'authorization_approval_insufficient'],
    ['PARTIALLY_APPROVED', 'PARTIALLY_APPROVED', 'APPROVED', 'DENIED', 'EXPIRED', 'authorization_approval_insufficient'],
    ['APPROVED', 'authorization_approval_frozen', 'authorization_approval_frozen', 'DENIED', 'EXPIRED', 'COMMITTED'],
    [
        'COMMITTED',
        'authorization_committed',
        'authorization_committed',
        'authorization_committed',
        'authorization_committed',
        'authorization_replayed',
    ],
    ['DENIED', ...Array.from({ length: 5 }, () => 'authorization_denied')],
    ['EXPIRED', ...Array.from({ length: 5 }, () => 'authorization_expired')],
];
test('EP-SM-1: the table has every state and event, and says what the requirement says', () => {
    const table = [...openStates, ...terminalStates].map((state) => [
        state,
        ...authorizationEvents.map((event) => {
            const cell = transitions[state][event];
            return 'to' in cell ? cell.to : cell.refuse;
        }),
    ]);
    expect(table).toEqual(normative);
});
test('EP-INV-3: nothing leaves a terminal state, and EP-INV-5: only APPROVED commits', () => {
    for (const state of terminalStates)
        for (const event of authorizationEvents)
            expect(transitions[state][event]).toHaveProperty('refuse');
    const committing = [...openStates].filter((state) => 'to' in transitions[state].commit);
    expect(committing).toEqual(['APPROVED']);
});
describe('EP-SM-1: the service does what the table says, in each state for each event', () => {
    const houses = [];
    afterEach(async () => {
        for (const house of houses.splice(0))
            await house.stop();
    });
    // Four of the treasury, three needed: a, b and c sign in turn; d never did.
    const policies = [requiring({ k: 3, roles: ['treasury'] })];
    const approvers = ['a', 'b', 'c', 'd'].map((name) => ({ name }));
    const windowMilliseconds = 900_000;
    const reach = {
        REQUESTED: (house) => requested(house),
        PARTIALLY_APPROVED: (house) => approved(house, ['a']),
        APPROVED: (house) => approved(house, ['a', 'b', 'c']),
        COMMITTED: async (house) => {
            const view = await approved(house, ['a', 'b', 'c']);
            granted(await consume(house, await consumeRequest(house, view, 'first')));
            return view;
        },
        DENIED: async (house) => {
            const view = await approved(house, ['a', 'b', 'c']);
            granted(await deny(house, view, 'a'));
            return view;
        },
        EXPIRED: async (house) => {
            const view = await approved(house, ['a', 'b', 'c']);
            house.time.pass(windowMilliseconds);
            return view;
        },
    };
    /** A request as an executor would seal it that does not wait for a bundle. */
    function unasked(house, view) {
        const executor = [...house.world.executors.values()][0];
        const hash = `sha256:${'0'.repeat(64)}`;
        const body = {
            type: 'ep.consume.v1',
            organization: house.world.organization,
            executor_id: executor.id,
            nonce: view.nonce,
            action_hash: view.action_hash,
            policy_hash: view.policy_hash,
            bundle_hash: hash,
            consume_id: 'b64u:AAAAAAAAAAAAAAAAAAAAAA',
            enforcement_class: 'STRONG',
            at: view.issued_at,
        };
        return seal(body, executor.signer);
    }
    const apply = {
        // Who has not signed; in a state where that would meet the quorum it is the next column.
        signoff: async (house, view) => outcome(house, view, await sign(house, view, 'd')),
        quorum: async (house, view) => {
            for (const name of ['a', 'b', 'c']) {
                const answer = await sign(house, view, name);
                if (!answer.ok)
                    return answer.refusal.code;
            }
            return stateOf(house, view);
        },
        denial: async (house, view) => outcome(house, view, await deny(house, view, 'd')),
        // Time passes; there is no command that could be refused, so a state that it leads nowhere from stays.
        expiry: async (house, view) => {
            house.time.pass(windowMilliseconds);
            return stateOf(house, view);
        },
        commit: async (house, view) => {
            const state = await stateOf(house, view);
            const request = state === 'APPROVED' ? await consumeRequest(house, view) : unasked(house, view);
            return outcome(house, view, await consume(house, request));
        },
    };
    async function stateOf(house, view) {
        return granted(await house.service.get({ id: view.id }, house.moment())).state;
    }
    async function outcome(house, view, answer) {
        return answer.ok ? stateOf(house, view) : answer.refusal.code;
    }
    const cells = normative.flatMap(([state, ...leads]) => authorizationEvents.map((event, i) => [state, event, leads[i]]));
    test.each(cells)('%s, %s: %s', async (state, event, leads) => {
        const house = await openHouse({ approvers, policies });
        houses.push(house);
        const view = await reach[state](house);
        const found = await apply[event](house, view);
        const quiet = terminalStates.includes(state) && event === 'expiry';
        // a, b and c signed what is repeated here: that changes nothing, and is no transition.
        const repeated = event === 'quorum' && ['APPROVED', 'COMMITTED', 'DENIED', 'EXPIRED'].includes(state);
        expect(found).toBe(quiet || repeated ? state : leads);
        if (quiet || leads !== found)
            expect(await stateOf(house, view)).toBe(state);
    });
});
