import { memoryStore } from '@countersign/adapters/storage/memory';
import { Refusal } from '@countersign/pure/core/refusal';
import { describe, expect, test } from 'vitest';
import { authenticate, createApiKey, listApiKeys, revokeApiKey } from '../../src/server/api-keys.js';
const organization = 'ep:org:acme';
const now = Date.parse('2026-01-01T00:00:00Z');
async function codeOf(run) {
    try {
        await run;
    }
    catch (error) {
        if (error instanceof Refusal)
            return error.code;
        throw error;
    }
    return 'accepted';
}
describe('API keys', () => {
    test('EP-ACT-5: a key says which identity it is bound to', async () => {
        const store = memoryStore();
        const made = await createApiKey(store, organization, 'initiator', 'ep:entity:agent-7', now);
        expect(made.key).toMatch(/^csk_[A-Za-z0-9_-]{43}$/);
        const caller = await authenticate(store, organization, made.key);
        expect(caller).toEqual({ keyId: made.keyId, role: 'initiator', subject: 'ep:entity:agent-7' });
    });
    test('the secret is not in the store', async () => {
        const store = memoryStore();
        const { key, keyId } = await createApiKey(store, organization, 'auditor', undefined, now);
        const [row] = await store.read(organization, [{ kind: 'api_key', id: keyId }]);
        expect(row.body).not.toContain(key.slice(4));
        expect(JSON.stringify(await listApiKeys(store, organization))).not.toContain(key.slice(4));
    });
    test('a revoked key is refused at once, and stays listed', async () => {
        const store = memoryStore();
        const { key, keyId } = await createApiKey(store, organization, 'auditor', undefined, now);
        await revokeApiKey(store, organization, keyId, now + 1000);
        await revokeApiKey(store, organization, keyId, now + 2000);
        expect(await codeOf(authenticate(store, organization, key))).toBe('api_key_invalid');
        expect(await listApiKeys(store, organization)).toMatchObject([{ keyId, revokedAt: '2026-01-01T00:00:01Z' }]);
    });
    test('a key of another organization, another key with the same id, and any other text are refused alike', async () => {
        const store = memoryStore();
        const { key, keyId } = await createApiKey(store, organization, 'auditor', undefined, now);
        const other = await createApiKey(store, organization, 'auditor', undefined, now);
        expect(await codeOf(authenticate(store, 'ep:org:else', key))).toBe('api_key_invalid');
        // The row of one key under the id of another: the prefix finds it, the whole hash does not fit.
        const [row] = await store.read(organization, [{ kind: 'api_key', id: other.keyId }]);
        const put = [{ kind: 'api_key', id: keyId, expected: 1, body: row.body }];
        await store.commit({ organization, unitId: 'swap', put });
        expect(await codeOf(authenticate(store, organization, key))).toBe('api_key_invalid');
        for (const text of ['', 'csk_', `${other.key}A`, other.key.slice(0, -1), other.key.replace('csk_', 'csk-')])
            expect(await codeOf(authenticate(store, organization, text))).toBe('api_key_invalid');
    });
    test.each([
        ['initiator', undefined, 'api_key_subject_missing'],
        ['initiator', 'ep:approver:anna', 'identifier_malformed'],
        ['approver', 'ep:entity:anna', 'identifier_malformed'],
        ['executor', 'ep:executor:', 'identifier_malformed'],
        ['auditor', 'ep:entity:anna', 'api_key_subject_unsupported'],
        ['administrator', 'ep:entity:anna', 'api_key_subject_unsupported'],
        ['root', undefined, 'api_key_role_unknown'],
    ])('EP-ACT-5: a key of role %s bound to %s is not made: %s', async (role, subject, code) => {
        expect(await codeOf(createApiKey(memoryStore(), organization, role, subject, now))).toBe(code);
    });
    test('an unknown key cannot be revoked', async () => {
        expect(await codeOf(revokeApiKey(memoryStore(), organization, '00'.repeat(8), now))).toBe('api_key_unknown');
    });
});
