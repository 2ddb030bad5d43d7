import { createExecutor } from '@countersign/engine/executor/executor';
import { utf8Decode } from '@countersign/pure/core/bytes';
import { hashJson, hashString, parseBinary, sha256 } from '@countersign/pure/core/digest';
import { formatInstant } from '@countersign/pure/core/instant';
import { parsePublicKey } from '@countersign/pure/core/public-key';
import { verifySignature } from '@countersign/pure/core/signature';
import { sealMessage } from '@countersign/pure/ep/sealed';
import { makeBundle } from '@countersign/simulator/attempt';
import { makeWorld, octetsOfJson, pinned } from '@countersign/simulator/world';
import { expect, test } from 'vitest';
import { bench, expiry, HonestAuthority, listening, neverReconciled, noon, optionsOf, recorded } from './world.js';
test('EP-BUN-2, EP-INV-5: a bundle is verified, consumed, run once with what was signed, and reported', async () => {
    const { authority, executor, journal, world } = await bench();
    const { action_hash } = authority.bundle('a').bundle;
    const effect = recorded();
    const result = await executor.execute('a', { actionHash: action_hash }, effect);
    expect(result).toEqual({ status: 'executed', receiptHash: world.lastReceiptHash, reported: true });
    expect(effect.ran).toHaveLength(1);
    expect(hashString(sha256(effect.ran[0].octets))).toBe(action_hash);
    expect(effect.ran[0].action).toEqual(authority.bundle('a').bundle['action']);
    expect(journal.open()).toEqual([]);
    const [report] = authority.reports;
    expect(report.body).toEqual({
        type: 'ep.outcome.v1',
        receipt_hash: world.lastReceiptHash,
        executor_id: 'ep:executor:payments',
        outcome: 'executed',
        reported_at: '2026-11-20T12:10:01Z',
    });
    const { signer } = world.executors.get('payments');
    const key = parsePublicKey(parseBinary(signer.publicKey));
    expect(report.signatures).toHaveLength(1);
    expect(report.signatures[0].key_id).toBe(signer.keyId);
    expect(verifySignature(key, sealMessage(report.body), parseBinary(report.signatures[0].signature))).toBe('valid');
});
test('EP-BUN-2: the consume request names exactly what was verified, by this executor, with a fresh consume_id', async () => {
    const sent = [];
    const { authority, executor } = await bench({ authority: (honest) => listening(honest, sent) });
    const { bundle, bundleHash, contexts } = authority.bundle('a');
    await executor.execute('a', { actionHash: bundle['action_hash'] }, recorded());
    expect(sent).toHaveLength(1);
    const { consume_id, ...body } = sent[0].body;
    expect(parseBinary(consume_id)).toHaveLength(32);
    expect(body).toEqual({
        type: 'ep.consume.v1',
        organization: 'ep:org:acme',
        executor_id: 'ep:executor:payments',
        nonce: contexts[0]['nonce'],
        action_hash: bundle['action_hash'],
        policy_hash: hashJson(bundle['policy']),
        bundle_hash: bundleHash,
        enforcement_class: 'STRONG',
        at: formatInstant(noon),
    });
});
test('EP-INV-1: an authorization runs once, also when asked again, and also at the same time', async () => {
    const { authority, executor } = await bench();
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    const effect = recorded();
    const results = await Promise.all([1, 2, 3].map(() => executor.execute('a', expected, effect)));
    expect(results.map(({ status }) => status).sort()).toEqual(['executed', 'refused', 'refused']);
    expect(results.filter(({ status }) => status === 'refused')).toMatchObject([
        { failure: { code: 'executor_nonce_duplicate' } },
        { failure: { code: 'executor_nonce_duplicate' } },
    ]);
    const later = await executor.execute('a', expected, effect);
    expect(later).toMatchObject({ status: 'refused', failure: { code: 'executor_nonce_replayed' } });
    expect(effect.ran).toHaveLength(1);
    expect(authority.reports).toHaveLength(1);
});
test('several authorizations run side by side, each with its own action', async () => {
    const { authority, executor, journal } = await bench();
    const labels = ['a', 'b', 'c'];
    for (const label of labels)
        authority.attempts[label] = { action: { target: { system: 'treasury.example', resource: `wire/${label}` } } };
    const effect = recorded();
    const results = await Promise.all(labels.map((label) => executor.execute(label, { actionHash: authority.bundle(label).bundle['action_hash'] }, effect)));
    expect(results.map(({ status }) => status)).toEqual(['executed', 'executed', 'executed']);
    expect(effect.ran.map(({ action }) => action.target.resource).sort()).toEqual(['wire/a', 'wire/b', 'wire/c']);
    expect(journal.open()).toEqual([]);
});
test.each(['failed', 'indeterminate'])('EP-SM-2: an effect that ends as %s is reported so', async (outcome) => {
    const { authority, executor } = await bench();
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    expect(await executor.execute('a', expected, recorded(outcome))).toMatchObject({ status: outcome, reported: true });
    expect(authority.reports).toMatchObject([{ body: { outcome } }]);
});
test('EP-SM-2: an effect that throws is indeterminate, not failed, and never repeated', async () => {
    const { authority, executor } = await bench();
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    const thrown = new Error('the line went dead');
    const broken = async () => {
        throw thrown;
    };
    const result = await executor.execute('a', expected, broken);
    expect(result).toMatchObject({ status: 'indeterminate', reported: true, thrown });
    const effect = recorded();
    expect(await executor.execute('a', expected, effect)).toMatchObject({
        failure: { code: 'executor_nonce_replayed' },
    });
    expect(effect.ran).toEqual([]);
});
test('EP-SM-2: an effect or a reconciliation that answers something else says nothing', async () => {
    const { authority, executor } = await bench();
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    const silent = async () => undefined;
    expect(await executor.execute('a', expected, silent)).toMatchObject({ status: 'indeterminate', reported: true });
    expect(await executor.recover({ reconcile: silent })).toMatchObject([{ result: { status: 'indeterminate' } }]);
    expect(authority.reports).toHaveLength(1);
});
test('recovery beside an execution leaves it alone, and takes up what it finds when its turn has come', async () => {
    const { authority, executor, journal } = await bench();
    const labels = ['a', 'b'];
    for (const label of labels)
        await executor.execute(label, { actionHash: authority.bundle(label).bundle['action_hash'] }, recorded('indeterminate'));
    const reconcile = async () => {
        // While the first is looked up, another recovery settles the second.
        if (journal.open().length === 2)
            await executor.recover({ reconcile: async () => 'executed' });
        return 'executed';
    };
    expect(await executor.recover({ reconcile })).toMatchObject([
        { authorizationId: 'a', result: { status: 'executed' } },
        { authorizationId: 'b', result: { failure: { code: 'executor_nonce_replayed' } } },
    ]);
    expect(authority.reports).toHaveLength(4);
    expect(journal.open()).toEqual([]);
});
test('EP-SM-2: an indeterminate outcome is superseded when reconciliation knows more, once', async () => {
    const { authority, executor, journal } = await bench();
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    await executor.execute('a', expected, recorded('indeterminate'));
    const effect = recorded();
    expect(await executor.recover({ effect, reconcile: async () => 'unknown' })).toMatchObject([
        { authorizationId: 'a', result: { status: 'indeterminate' } },
    ]);
    expect(authority.reports).toHaveLength(1);
    expect(await executor.recover({ effect, reconcile: async () => 'executed' })).toMatchObject([
        { authorizationId: 'a', result: { status: 'executed', reported: true } },
    ]);
    expect(authority.reports[1]).toMatchObject({
        body: { outcome: 'executed', supersedes: hashJson(authority.reports[0]['body']) },
    });
    expect(await executor.recover({ effect, reconcile: neverReconciled })).toEqual([]);
    expect(journal.open()).toEqual([]);
    expect(effect.ran).toEqual([]);
});
test('EP-ACT-4: a reworded retry matches by what is material; what runs is the approved action', async () => {
    const world = makeWorld({ policies: [{ material: ['/parameters/amount'] }] });
    const { authority, executor } = await bench({ world });
    authority.attempts['a'] = { action: { parameters: { amount: '2400000.00', memo: 'as agreed' } } };
    const approved = authority.bundle('a').bundle['action'];
    const reworded = { ...approved, parameters: { amount: '2400000.00', memo: 'as agreed on Friday' } };
    const raised = { ...approved, parameters: { amount: '2400001.00', memo: 'as agreed' } };
    const effect = recorded();
    expect(await executor.execute('a', { action: raised }, effect)).toMatchObject({
        failure: { code: 'executor_material_mismatch' },
    });
    expect(effect.ran).toEqual([]);
    expect(await executor.execute('a', { action: reworded }, effect)).toMatchObject({ status: 'executed' });
    expect(effect.ran[0].action.parameters).toEqual(approved.parameters);
});
test('EP-ACT-4: where a policy names nothing material, the whole action counts', async () => {
    const { authority, executor } = await bench();
    const approved = authority.bundle('a').bundle['action'];
    const effect = recorded();
    const reworded = { ...approved, provenance: { note: 'x' } };
    expect(await executor.execute('a', { action: reworded }, effect)).toMatchObject({
        failure: { code: 'executor_action_mismatch' },
    });
    expect(await executor.execute('a', { action: approved }, effect)).toMatchObject({ status: 'executed' });
});
test('EP-ENF-1: the class asked for is the executor’s own; a policy that demands more is refused before consuming', async () => {
    const world = makeWorld({
        policies: [{ enforcement_minimum: 'STANDARD' }],
        executors: [{ name: 'payments', enforcementClass: 'STANDARD' }],
    });
    const { authority, executor } = await bench({ world, options: { enforcementClass: 'STANDARD' } });
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    expect(await executor.execute('a', expected, recorded())).toMatchObject({ status: 'executed' });
    const strong = await bench({ options: { enforcementClass: 'STANDARD' } });
    const effect = recorded();
    const actionHash = strong.authority.bundle('a').bundle['action_hash'];
    expect(await strong.executor.execute('a', { actionHash }, effect)).toMatchObject({
        failure: { code: 'executor_enforcement_insufficient', at: '/bundle/policy/enforcement_minimum' },
    });
    expect(strong.journal.open()).toEqual([]);
    expect(effect.ran).toEqual([]);
});
test('EP-BUN-3: an effect starts at most 60 s after expires_at; later the outcome is failed, and it never runs', async () => {
    for (const [late, status] of [
        [60_000, 'executed'],
        [60_001, 'failed'],
    ]) {
        const slow = { ms: 0 };
        const { authority, executor, time, journal } = await bench({
            authority: (honest) => ({
                ...listening(honest, []),
                consume: async (request) => {
                    const answer = await honest.consume(request);
                    time.now = slow.ms;
                    return answer;
                },
            }),
        });
        slow.ms = expiry + late;
        const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
        const effect = recorded();
        expect(await executor.execute('a', expected, effect)).toMatchObject({ status, reported: true });
        expect(effect.ran).toHaveLength(status === 'executed' ? 1 : 0);
        time.now = noon;
        expect(await executor.execute('a', expected, effect)).toMatchObject({
            failure: { code: 'executor_nonce_replayed' },
        });
        expect(effect.ran).toHaveLength(status === 'executed' ? 1 : 0);
        expect(journal.open()).toEqual([]);
    }
});
test('EP-BUN-2: after a lost answer the same octets are sent again, by the next call or by recovery', async () => {
    const sent = [];
    let losing = true;
    const { authority, executor, journal } = await bench({
        authority: (honest) => ({
            ...listening(honest, sent),
            consume: async (request) => {
                const answer = await listening(honest, sent).consume(request);
                if (losing)
                    throw new Error('connection reset');
                return answer;
            },
        }),
    });
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    const effect = recorded();
    expect(await executor.execute('a', expected, effect)).toMatchObject({
        failure: { code: 'executor_authority_unavailable', at: '/receipt' },
    });
    expect(await executor.recover({ effect, reconcile: neverReconciled })).toMatchObject([
        { result: { failure: { code: 'executor_authority_unavailable' } } },
    ]);
    losing = false;
    expect(effect.ran).toEqual([]);
    expect(journal.open()).toMatchObject([{ state: 'intended' }]);
    // Without an effect, recovery consumes and leaves it to the next call.
    expect(await executor.recover({ reconcile: neverReconciled })).toMatchObject([
        { result: { failure: { code: 'executor_effect_missing' } } },
    ]);
    expect(journal.open()).toMatchObject([{ state: 'committed' }]);
    expect(await executor.execute('a', expected, effect)).toMatchObject({ status: 'executed' });
    expect(effect.ran).toHaveLength(1);
    expect(sent).toHaveLength(3);
    expect(new Set(sent.map((one) => JSON.stringify(one))).size).toBe(1);
});
test('EP-BUN-3: what the server refuses stays open while it could still run, then it is closed without an effect', async () => {
    const { authority, executor, journal, time } = await bench({
        authority: (honest) => ({ ...listening(honest, []), consume: async () => ({ refused: 'authorization_denied' }) }),
    });
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    const effect = recorded();
    expect(await executor.execute('a', expected, effect)).toMatchObject({
        said: 'authorization_denied',
        failure: { code: 'executor_authority_refused' },
    });
    time.now = expiry + 60_000;
    await executor.recover({ effect, reconcile: neverReconciled });
    expect(journal.open()).toMatchObject([{ state: 'intended' }]);
    time.now = expiry + 60_001;
    expect(await executor.recover({ effect, reconcile: neverReconciled })).toMatchObject([
        { result: { failure: { code: 'executor_authorization_lapsed' } } },
    ]);
    expect(journal.open()).toEqual([]);
    expect(effect.ran).toEqual([]);
});
test('EP-BUN-3: a server that cannot be reached closes nothing, however late', async () => {
    const { authority, executor, journal, time } = await bench({
        authority: (honest) => ({
            ...listening(honest, []),
            consume: async () => {
                throw new Error('connection refused');
            },
        }),
    });
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    await executor.execute('a', expected, recorded());
    time.now = expiry + 3_600_000;
    expect(await executor.recover({ effect: recorded(), reconcile: neverReconciled })).toMatchObject([
        { result: { failure: { code: 'executor_authority_unavailable' } } },
    ]);
    expect(journal.open()).toMatchObject([{ state: 'intended' }]);
});
test('EP-BUN-2: another bundle for a nonce whose request was made is refused, and asks for nothing', async () => {
    const sent = [];
    let second = false;
    const { authority, executor } = await bench({
        authority: (honest) => ({
            ...listening(honest, sent),
            fetchBundle: async (id) => {
                if (!second)
                    return honest.fetchBundle(id);
                const signoffs = [{ op: 'replace', path: '/0/signed_at', value: '2026-11-20T12:02:00Z' }];
                return { octets: octetsOfJson(makeBundle(honest.world, { label: id, alter: { signoffs } }).bundle) };
            },
            consume: async (request) => {
                sent.push(request);
                return { refused: 'later' };
            },
        }),
    });
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    expect(await executor.execute('a', expected, recorded())).toMatchObject({ said: 'later' });
    second = true;
    expect(await executor.execute('a', expected, recorded())).toMatchObject({
        failure: { code: 'executor_bundle_mismatch' },
    });
    expect(sent).toHaveLength(1);
});
test('a report that the server does not take is sent again with the same octets', async () => {
    const offered = [];
    let refusing = true;
    const { authority, executor, journal } = await bench({
        authority: (honest) => ({
            ...listening(honest, []),
            reportOutcome: async (report) => {
                offered.push(utf8Decode(report));
                return refusing ? { refused: 'later' } : honest.reportOutcome(report);
            },
        }),
    });
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    expect(await executor.execute('a', expected, recorded())).toMatchObject({ status: 'executed', reported: false });
    expect(journal.open()).toMatchObject([{ state: 'finished' }]);
    refusing = false;
    expect(await executor.recover({ reconcile: neverReconciled })).toMatchObject([
        { result: { status: 'executed', reported: true } },
    ]);
    expect(new Set(offered).size).toBe(1);
    expect(authority.reports).toHaveLength(1);
});
test('a reconciliation that cannot look leaves the effect started, and it is never run', async () => {
    const { authority, executor, journal, options } = await bench();
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    const mute = { ...options.signer, sign: (message) => signs(message) };
    let left = 1;
    const signs = async (message) => {
        if (left-- > 0)
            return options.signer.sign(message);
        throw new Error('the token was pulled out');
    };
    const effect = recorded();
    const failing = createExecutor({ ...options, signer: mute });
    await expect(failing.execute('a', expected, effect)).rejects.toThrow('pulled out');
    expect(journal.open()).toMatchObject([{ state: 'started' }]);
    expect(await executor.recover({ effect, reconcile: neverReconciled })).toMatchObject([
        { result: { failure: { code: 'executor_reconciliation_unavailable' } } },
    ]);
    expect(await executor.recover({ effect, reconcile: async () => 'executed' })).toMatchObject([
        { result: { status: 'executed', reported: true } },
    ]);
    expect(effect.ran).toHaveLength(1);
});
test('EP-INV-1: two executors with a key each and a journal each: the nonce is consumed by one', async () => {
    const world = makeWorld();
    const authority = new HonestAuthority(world);
    const effect = recorded();
    const executors = await Promise.all([1, 2].map(async () => {
        const { journal, time } = await bench({ world });
        return createExecutor(optionsOf(world, authority, journal, time));
    }));
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    const results = await Promise.all(executors.map((executor) => executor.execute('a', expected, effect)));
    expect(results.map(({ status }) => status).sort()).toEqual(['executed', 'refused']);
    expect(results.find(({ status }) => status === 'refused')).toMatchObject({ said: 'nonce_replayed' });
    expect(effect.ran).toHaveLength(1);
});
test('what is committed runs only while its receipt verifies: a key listed as compromised since then stops it', async () => {
    const { authority, executor, journal, options, world } = await bench();
    const expected = { actionHash: authority.bundle('a').bundle['action_hash'] };
    const effect = recorded();
    let consumed = false;
    const once = createExecutor({
        ...options,
        authority: {
            ...listening(authority, []),
            consume: async (request) => {
                consumed = true;
                return authority.consume(request);
            },
        },
        journal: new Proxy(journal, {
            get: (target, name) => {
                const member = Reflect.get(target, name, target);
                if (name !== 'append')
                    return typeof member === 'function' ? member.bind(target) : member;
                return (said, now) => said.kind === 'started' ? Promise.reject(new Error('died')) : target.append(said, now);
            },
        }),
    });
    await expect(once.execute('a', expected, effect)).rejects.toThrow('died');
    expect(consumed).toBe(true);
    const stolen = world.approvers.get('jchen').signer.publicKey;
    const path = '/organizations/0/compromised/-';
    const value = { public_key: stolen, compromised_at: '2026-11-20T11:00:00Z' };
    const wary = createExecutor({ ...options, trust: pinned(world.trustFile({ op: 'add', path, value })) });
    expect(await wary.recover({ effect, reconcile: neverReconciled })).toMatchObject([
        { result: { failure: { code: 'signoff_key_compromised' } } },
    ]);
    expect(effect.ran).toEqual([]);
    expect(await executor.recover({ effect, reconcile: neverReconciled })).toMatchObject([
        { result: { status: 'executed' } },
    ]);
});
test('an artifact arrives as octets: members in another order are the same bundle', async () => {
    const { authority, executor } = await bench({
        authority: (honest) => ({
            ...listening(honest, []),
            fetchBundle: async (id) => {
                const { bundle } = honest.bundle(id);
                const turned = Object.fromEntries(Object.entries(bundle).reverse());
                return { octets: new TextEncoder().encode(JSON.stringify(turned, null, 2)) };
            },
        }),
    });
    const { bundle } = authority.bundle('a');
    expect(utf8Decode(octetsOfJson(bundle))).not.toContain('\n');
    const actionHash = bundle['action_hash'];
    expect(await executor.execute('a', { actionHash }, recorded())).toMatchObject({ status: 'executed' });
});
