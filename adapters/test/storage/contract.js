import { afterAll, beforeAll, describe, expect, test } from 'vitest';
const bytes = (...octets) => Uint8Array.from(octets);
const ORG = 'org:example';
/** The rules of the store port, run over one implementation. `open` gives an empty store. */
export function storeContract(name, open) {
    describe(name, () => {
        let store;
        let fresh = 0;
        let organization = ORG;
        beforeAll(async () => {
            store = await open();
        });
        afterAll(() => store.close());
        /** Each case has an organization of its own: what others wrote must not show in it. */
        function given(title, body) {
            test(title, async () => {
                organization = `${ORG}/${fresh++}`;
                await body();
            });
        }
        let units = 0;
        const unit = (part = {}) => ({ organization, unitId: `unit-${units++}`, ...part });
        const put = (id, expected, body = '{}', terms) => ({
            put: [{ kind: 'attempt', id, expected, body, ...(terms && { terms }) }],
        });
        const one = async (id) => (await store.read(organization, [{ kind: 'attempt', id }]))[0];
        const ids = async (query) => (await store.find(organization, 'attempt', query)).rows.map(({ id }) => id);
        const committed = { status: 'committed', answer: undefined, repeated: false };
        given('a row is written at version 1, read back, and rises by one at each write', async () => {
            expect(await one('a')).toBeNull();
            expect(await store.commit(unit(put('a', 0, '{"n":1}')))).toEqual(committed);
            expect(await one('a')).toEqual({ kind: 'attempt', id: 'a', version: 1, body: '{"n":1}' });
            expect(await store.commit(unit(put('a', 1, '{"n":2}')))).toEqual(committed);
            expect(await one('a')).toEqual({ kind: 'attempt', id: 'a', version: 2, body: '{"n":2}' });
        });
        given('EP-INV-1: a write at another version than the standing one conflicts and says which stands', async () => {
            await store.commit(unit(put('a', 0, '1')));
            for (const expected of [0, 2]) {
                expect(await store.commit(unit(put('a', expected, '2')))).toEqual({
                    status: 'conflict',
                    conflict: { on: 'row', kind: 'attempt', id: 'a', found: 1 },
                });
            }
            expect(await store.commit(unit(put('b', 1)))).toMatchObject({ conflict: { id: 'b', found: 0 } });
            expect(await one('a')).toMatchObject({ version: 1, body: '1' });
            expect(await one('b')).toBeNull();
        });
        given('read answers in the order asked, with null for absent rows, and kinds keep apart', async () => {
            await store.commit(unit(put('a', 0, 'A')));
            await store.commit(unit({ put: [{ kind: 'other', id: 'a', expected: 0, body: 'O' }] }));
            const keys = [
                { kind: 'other', id: 'a' },
                { kind: 'other', id: 'b' },
                { kind: 'attempt', id: 'a' },
            ];
            expect((await store.read(organization, keys)).map((row) => row?.body)).toEqual(['O', undefined, 'A']);
            expect(await store.read(organization, [])).toEqual([]);
        });
        given('expect: a row that is not written must stand at its version, 0 for absent', async () => {
            await store.commit(unit(put('a', 0)));
            const expecting = (id, version) => unit({ expect: [{ kind: 'attempt', id, version }], clock: 7 });
            expect(await store.commit(expecting('a', 1))).toEqual(committed);
            expect(await store.commit(expecting('b', 0))).toEqual(committed);
            expect(await store.commit(expecting('a', 2))).toMatchObject({ conflict: { on: 'row', id: 'a', found: 1 } });
            expect(await store.commit(expecting('b', 1))).toMatchObject({ conflict: { on: 'row', id: 'b', found: 0 } });
            expect(await one('a')).toMatchObject({ version: 1 });
        });
        given('EP-INV-1: a value is claimed once, for ever', async () => {
            const claim = { kind: 'nonce', value: 'n1' };
            expect(await store.claimed(organization, claim)).toBe(false);
            expect(await store.commit(unit({ claims: [claim] }))).toEqual(committed);
            expect(await store.claimed(organization, claim)).toBe(true);
            expect(await store.commit(unit({ claims: [claim] }))).toEqual({
                status: 'conflict',
                conflict: { on: 'claim', ...claim },
            });
            expect(await store.claimed(organization, { kind: 'receipt', value: 'n1' })).toBe(false);
            expect(await store.commit(unit({ claims: [{ kind: 'receipt', value: 'n1' }] }))).toEqual(committed);
        });
        given('a counter rises strictly; the first value may be 0', async () => {
            const raise = (to) => store.commit(unit({ raise: [{ counter: 'device/1', to }] }));
            expect(await raise(0)).toEqual(committed);
            expect(await raise(0)).toEqual({ status: 'conflict', conflict: { on: 'counter', counter: 'device/1', found: 0 } });
            expect(await raise(Number.MAX_SAFE_INTEGER)).toEqual(committed);
            expect(await raise(5)).toMatchObject({ conflict: { found: Number.MAX_SAFE_INTEGER } });
        });
        given('EP-SM-1: the clock keeps the greatest value seen and never conflicts', async () => {
            expect(await store.clock(organization)).toBe(0);
            for (const clock of [1_700_000_000_000, 5, 1_700_000_000_001, 0]) {
                expect(await store.commit(unit({ clock }))).toEqual(committed);
            }
            expect(await store.clock(organization)).toBe(1_700_000_000_001);
        });
        given('terms find rows, are replaced with them, and stay without the member', async () => {
            await store.commit(unit(put('a', 0, '1', ['open', 'by:x', 'open'])));
            await store.commit(unit(put('b', 0, '1', ['open'])));
            await store.commit(unit(put('c', 0, '1')));
            expect(await ids({ term: 'open', limit: 9 })).toEqual(['a', 'b']);
            await store.commit(unit(put('a', 1, '2', ['shut'])));
            await store.commit(unit(put('b', 1, '2')));
            expect(await ids({ term: 'open', limit: 9 })).toEqual(['b']);
            expect(await ids({ term: 'shut', limit: 9 })).toEqual(['a']);
            expect(await ids({ term: 'by:x', limit: 9 })).toEqual([]);
            await store.commit(unit(put('b', 2, '3', [])));
            expect(await ids({ term: 'open', limit: 9 })).toEqual([]);
            expect(await ids({ limit: 9 })).toEqual(['a', 'b', 'c']);
            expect(await store.find(organization, 'other', { limit: 9 })).toEqual({ rows: [] });
        });
        given('find pages through all rows by ascending code points, with the bodies', async () => {
            // U+FF5E sorts before U+1F600 by code point, after it by UTF-16 unit.
            const sorted = ['A', 'a', 'aa', 'b', 'é', '\uff5e', '\u{1f600}'];
            for (const id of [...sorted].reverse())
                await store.commit(unit(put(id, 0, id, ['t'])));
            for (const term of [undefined, 't']) {
                const pages = [];
                let after;
                do {
                    const query = { limit: 3, ...(term && { term }), ...(after && { after }) };
                    const { rows, next } = await store.find(organization, 'attempt', query);
                    pages.push(rows.map(({ body }) => body));
                    after = next;
                } while (after !== undefined);
                expect(pages).toEqual([sorted.slice(0, 3), sorted.slice(3, 6), sorted.slice(6)]);
            }
            expect(await store.find(organization, 'attempt', { limit: 7 })).not.toHaveProperty('next');
        });
        // Each row adds one conflict to a unit that writes everything; nothing of it may stand.
        const blocked = [
            ['an expected row', { expect: [{ kind: 'attempt', id: 'taken', version: 9 }] }, 'row'],
            [
                'a claim',
                {
                    claims: [
                        { kind: 'k', value: 'free' },
                        { kind: 'k', value: 'taken' },
                    ],
                },
                'claim',
            ],
            [
                'a counter',
                {
                    raise: [
                        { counter: 'free', to: 1 },
                        { counter: 'taken', to: 1 },
                    ],
                },
                'counter',
            ],
            [
                'an entry',
                {
                    append: [
                        { entryId: 'free', entry: bytes(1) },
                        { entryId: 'taken', entry: bytes(1) },
                    ],
                },
                'entry',
            ],
        ];
        for (const [what, conflicting, on] of blocked) {
            given(`a conflict over ${what} leaves nothing of the unit`, async () => {
                await store.commit(unit({
                    ...put('taken', 0),
                    claims: [{ kind: 'k', value: 'taken' }],
                    raise: [{ counter: 'taken', to: 1 }],
                    append: [{ entryId: 'taken', entry: bytes(0) }],
                }));
                const loser = unit({
                    ...put('new', 0, '{}', ['term']),
                    claims: [{ kind: 'k', value: 'free' }],
                    raise: [{ counter: 'free', to: 1 }],
                    append: [{ entryId: 'free', entry: bytes(1) }],
                    clock: 99,
                    answer: 'never',
                    ...conflicting,
                });
                expect(await store.commit(loser)).toMatchObject({ status: 'conflict', conflict: { on } });
                expect(await one('new')).toBeNull();
                expect(await ids({ term: 'term', limit: 9 })).toEqual([]);
                expect(await store.claimed(organization, { kind: 'k', value: 'free' })).toBe(false);
                expect(await store.clock(organization)).toBe(0);
                expect(await store.indexOf(organization, 'free')).toBeUndefined();
                expect(await store.commit(unit({ raise: [{ counter: 'free', to: 0 }] }))).toEqual(committed);
                // A loser's unit id is not used up.
                expect(await store.commit({ organization, unitId: loser.unitId, answer: 'now' })).toEqual({
                    ...committed,
                    answer: 'now',
                });
            });
        }
        given('the first conflict in the order of the members is told', async () => {
            await store.commit(unit({ claims: [{ kind: 'k', value: 'v' }], append: [{ entryId: 'e', entry: bytes(0) }] }));
            const claims = [{ kind: 'k', value: 'v' }];
            const append = [{ entryId: 'e', entry: bytes(0) }];
            expect(await store.commit(unit({ append, claims, ...put('a', 1) }))).toMatchObject({ conflict: { on: 'row' } });
            expect(await store.commit(unit({ append, claims }))).toMatchObject({ conflict: { on: 'claim' } });
        });
        given('a unit id committed before gives its first answer again and writes nothing', async () => {
            const first = unit({ ...put('a', 0), claims: [{ kind: 'k', value: 'v' }], answer: 'the first' });
            expect(await store.commit(first)).toEqual({ ...committed, answer: 'the first' });
            const again = { status: 'committed', answer: 'the first', repeated: true };
            expect(await store.commit(first)).toEqual(again);
            expect(await store.commit({ ...first, ...put('b', 0), answer: 'another' })).toEqual(again);
            expect(await one('a')).toMatchObject({ version: 1 });
            expect(await one('b')).toBeNull();
            const silent = unit();
            await store.commit(silent);
            expect(await store.commit(silent)).toEqual({ status: 'committed', answer: undefined, repeated: true });
        });
        given('EP-INV-1: of units committed at once for one claim, row or counter exactly one wins', async () => {
            const rivals = Array.from({ length: 20 }, (_, n) => unit({
                ...put('a', 0, `${n}`),
                claims: [{ kind: 'nonce', value: 'n' }],
                append: [{ entryId: 'e', entry: bytes(n) }],
            }));
            const bystanders = Array.from({ length: 20 }, (_, n) => unit(put(`bystander-${n}`, 0)));
            const all = rivals.flatMap((rival, n) => [rival, bystanders[n]]);
            const results = await Promise.all(all.map((each) => store.commit(each)));
            const winners = results.flatMap((result, n) => (n % 2 === 0 && result.status === 'committed' ? [n / 2] : []));
            expect(winners).toHaveLength(1);
            expect(results.filter((result, n) => n % 2 === 1 && result.status !== 'committed')).toEqual([]);
            expect(await one('a')).toMatchObject({ version: 1, body: `${winners[0]}` });
            expect(await store.outbox(organization, 9)).toEqual([{ entryId: 'e', entry: bytes(winners[0]) }]);
        });
        given('units committed at once under one id are written once', async () => {
            const same = unit({ raise: [{ counter: 'c', to: 1 }], answer: 'once' });
            const results = await Promise.all([1, 2, 3].map(() => store.commit(same)));
            expect(results.map((result) => result.status === 'committed' && result.answer)).toEqual(['once', 'once', 'once']);
            expect(results.filter((result) => result.status === 'committed' && !result.repeated)).toHaveLength(1);
        });
        given('what was acknowledged is read, also by the next unit', async () => {
            for (let version = 0; version < 20; version++) {
                expect(await store.commit(unit(put('a', version)))).toEqual(committed);
                expect((await one('a'))?.version).toBe(version + 1);
            }
        });
        given('bytes are copied in and out', async () => {
            const entry = bytes(1, 2, 3);
            const committing = store.commit(unit({ append: [{ entryId: 'e', entry }] }));
            entry.fill(9);
            await committing;
            (await store.outbox(organization, 1))[0].entry.fill(9);
            expect((await store.outbox(organization, 1))[0].entry).toEqual(bytes(1, 2, 3));
            await publish({ fromSize: 0, entryIds: ['e'], epoch: (await lead()).epoch });
            (await store.entries(organization, 0, 1))[0].fill(9);
            expect(await store.entries(organization, 0, 1)).toEqual([bytes(1, 2, 3)]);
        });
        // ---- the log's side
        const lead = async (holder = 'leader', now = 0) => (await store.lease(organization, holder, now, 1000));
        const append = (...entryIds) => store.commit(unit({ append: entryIds.map((entryId) => ({ entryId, entry: Buffer.from(entryId) })) }));
        const waiting = async (limit = 99) => (await store.outbox(organization, limit)).map(({ entryId }) => entryId);
        const publish = (update) => {
            const treeSize = update.fromSize + update.entryIds.length;
            const state = { treeSize, checkpoint: update.checkpoint ?? `note ${treeSize}`, derived: `{"size":${treeSize}}` };
            return store.publish({
                organization,
                epoch: update.epoch,
                fromSize: update.fromSize,
                entryIds: update.entryIds,
                state,
            });
        };
        given('EP-SM-3: an entry waits in the outbox of its own transition, in an order that stays', async () => {
            await append('z', 'm');
            await append('a');
            const order = await waiting();
            expect(order).toEqual(['z', 'm', 'a']);
            await append('b');
            expect(await waiting()).toEqual([...order, 'b']);
            expect(await waiting(2)).toEqual(order.slice(0, 2));
            expect(await store.indexOf(organization, 'z')).toBeNull();
            expect(await append('x', 'a')).toMatchObject({ conflict: { on: 'entry', entryId: 'a' } });
            expect(await waiting()).toEqual(['z', 'm', 'a', 'b']);
        });
        given('publish assigns indices in the order given and keeps the state with them', async () => {
            await append('a', 'b', 'c');
            const { epoch } = await lead();
            expect(await store.state(organization)).toBeNull();
            expect(await publish({ epoch, fromSize: 0, entryIds: ['c', 'a'] })).toBe(true);
            expect(await store.state(organization)).toEqual({ treeSize: 2, checkpoint: 'note 2', derived: '{"size":2}' });
            expect(await waiting()).toEqual(['b']);
            expect(await publish({ epoch, fromSize: 2, entryIds: ['b'] })).toBe(true);
            const indices = await Promise.all(['c', 'a', 'b', 'd'].map((entryId) => store.indexOf(organization, entryId)));
            expect(indices).toEqual([0, 1, 2, undefined]);
            expect((await store.entries(organization, 1, 3)).map((entry) => Buffer.from(entry).toString())).toEqual([
                'a',
                'b',
            ]);
            expect(await store.entries(organization, 0, 99)).toHaveLength(3);
            expect(await store.entries(organization, 3, 99)).toEqual([]);
            expect(await append('c')).toMatchObject({ conflict: { on: 'entry', entryId: 'c' } });
        });
        given('publish without entries replaces the checkpoint of the same tree', async () => {
            const { epoch } = await lead();
            expect(await publish({ epoch, fromSize: 0, entryIds: [] })).toBe(true);
            expect(await publish({ epoch, fromSize: 0, entryIds: [], checkpoint: 'newer' })).toBe(true);
            expect(await store.state(organization)).toMatchObject({ treeSize: 0, checkpoint: 'newer' });
        });
        given('publish is fenced: without a lease, with an old epoch, with an old size nothing is written', async () => {
            await append('a', 'b');
            expect(await publish({ epoch: 1, fromSize: 0, entryIds: ['a'] })).toBe(false);
            const old = await lead('old', 0);
            const next = await lead('next', 5000);
            expect(await publish({ epoch: old.epoch, fromSize: 0, entryIds: ['a'] })).toBe(false);
            expect(await store.state(organization)).toBeNull();
            expect(await publish({ epoch: next.epoch, fromSize: 0, entryIds: ['a'] })).toBe(true);
            expect(await publish({ epoch: next.epoch, fromSize: 0, entryIds: ['b'] })).toBe(false);
            expect(await publish({ epoch: next.epoch, fromSize: 2, entryIds: ['b'] })).toBe(false);
            expect(await publish({ epoch: next.epoch + 1, fromSize: 1, entryIds: ['b'] })).toBe(false);
            expect(await waiting()).toEqual(['b']);
            expect(await store.state(organization)).toMatchObject({ treeSize: 1 });
        });
        given('publish throws on entries that do not wait and on a size that does not add up, and writes nothing', async () => {
            await append('a', 'b');
            const { epoch } = await lead();
            await publish({ epoch, fromSize: 0, entryIds: ['a'] });
            await expect(publish({ epoch, fromSize: 1, entryIds: ['b', 'a'] })).rejects.toThrow('outbox');
            await expect(publish({ epoch, fromSize: 1, entryIds: ['unknown'] })).rejects.toThrow('outbox');
            await expect(publish({ epoch, fromSize: 1, entryIds: ['b', 'b'] })).rejects.toThrow('twice');
            const state = { treeSize: 3, checkpoint: '', derived: '' };
            await expect(store.publish({ organization, epoch, fromSize: 1, entryIds: ['b'], state })).rejects.toThrow('treeSize');
            expect(await waiting()).toEqual(['b']);
            expect(await store.state(organization)).toMatchObject({ treeSize: 1 });
        });
        given('a lease is kept from others until it expires, renewed under its epoch, taken over under a higher one', async () => {
            expect(await store.lease(organization, 'a', 100, 50)).toEqual({ epoch: 1, expiresAt: 150 });
            expect(await store.lease(organization, 'b', 149, 50)).toBeNull();
            expect(await store.lease(organization, 'a', 149, 50)).toEqual({ epoch: 1, expiresAt: 199 });
            expect(await store.lease(organization, 'b', 198, 50)).toBeNull();
            expect(await store.lease(organization, 'b', 199, 50)).toEqual({ epoch: 2, expiresAt: 249 });
            expect(await store.lease(organization, 'a', 200, 50)).toBeNull();
            expect(await store.lease(organization, 'b', 201, 0)).toEqual({ epoch: 2, expiresAt: 201 });
            expect(await store.lease(organization, 'a', 201, 50)).toEqual({ epoch: 3, expiresAt: 251 });
        });
        given('of holders who ask at once exactly one gets the lease', async () => {
            const leases = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => store.lease(organization, holder, 0, 10)));
            expect(leases.filter((lease) => lease !== null)).toEqual([{ epoch: 1, expiresAt: 10 }]);
        });
        given('organizations do not see one another', async () => {
            const everything = {
                unitId: 'the same id',
                ...put('a', 0, 'mine', ['t']),
                claims: [{ kind: 'k', value: 'v' }],
                raise: [{ counter: 'c', to: 5 }],
                clock: 7,
                append: [{ entryId: 'e', entry: bytes(1) }],
            };
            await store.commit({ organization, ...everything });
            await publish({ epoch: (await lead()).epoch, fromSize: 0, entryIds: ['e'] });
            const other = `${organization}/other`;
            expect(await store.read(other, [{ kind: 'attempt', id: 'a' }])).toEqual([null]);
            expect(await store.find(other, 'attempt', { limit: 9 })).toEqual({ rows: [] });
            expect(await store.find(other, 'attempt', { term: 't', limit: 9 })).toEqual({ rows: [] });
            expect(await store.claimed(other, { kind: 'k', value: 'v' })).toBe(false);
            expect(await store.clock(other)).toBe(0);
            expect(await store.indexOf(other, 'e')).toBeUndefined();
            expect(await store.state(other)).toBeNull();
            expect(await store.entries(other, 0, 9)).toEqual([]);
            expect(await store.lease(other, 'somebody else', 0, 1)).toEqual({ epoch: 1, expiresAt: 1 });
            expect(await store.commit({ organization: other, ...everything, raise: [{ counter: 'c', to: 1 }] })).toEqual(committed);
            expect(await store.outbox(other, 9)).toHaveLength(1);
            expect(await waiting()).toEqual([]);
        });
        const twice = (value) => [value, value];
        const malformed = [
            ['an empty organization', { organization: '' }],
            ['an empty unit id', { unitId: '' }],
            ['a row written twice', { put: twice({ kind: 'k', id: 'i', expected: 0, body: '' }) }],
            ['a claim made twice', { claims: twice({ kind: 'k', value: 'v' }) }],
            ['a counter raised twice', { raise: twice({ counter: 'c', to: 1 }) }],
            ['an entry appended twice', { append: twice({ entryId: 'e', entry: bytes() }) }],
            ['a negative version', { expect: [{ kind: 'k', id: 'i', version: -1 }] }],
            ['a counter that is no safe integer', { raise: [{ counter: 'c', to: 2 ** 53 }] }],
            ['a fractional clock', { clock: 0.5 }],
            ['a lone surrogate in a claim', { claims: [{ kind: 'k', value: '\ud800' }] }],
            ['U+0000 in an id', { put: [{ kind: 'k', id: 'a\0b', expected: 0, body: '' }] }],
        ];
        for (const [what, part] of malformed) {
            given(`a unit with ${what} is a bug of the caller and throws`, async () => {
                await expect(store.commit(unit({ clock: 1, ...part }))).rejects.toThrow(Error);
                expect(await store.clock(organization)).toBe(0);
            });
        }
        given('a limit below 1 is a bug of the caller and throws', async () => {
            await expect(store.find(organization, 'attempt', { limit: 0 })).rejects.toThrow('limit');
            await expect(store.outbox(organization, 0)).rejects.toThrow('limit');
        });
        test('after close every call is a fault with a safe retry; closing twice is allowed', async () => {
            const closing = await open();
            await closing.close();
            await closing.close();
            await expect(closing.commit(unit())).rejects.toMatchObject({ name: 'StoreFault', retry: 'safe' });
            await expect(closing.clock(ORG)).rejects.toMatchObject({ name: 'StoreFault', retry: 'safe' });
        });
        test('a call made while the store closes is refused, so never in doubt', async () => {
            const closing = await open();
            const closed = closing.close();
            await expect(closing.commit(unit())).rejects.toMatchObject({ name: 'StoreFault', retry: 'safe' });
            await closed;
        });
        test('close answers the calls made before it', async () => {
            const closing = await open();
            const answers = [closing.commit(unit()), closing.commit(unit())];
            await closing.close();
            expect(await Promise.all(answers)).toEqual([committed, committed]);
        });
    });
}
