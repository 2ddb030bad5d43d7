import { hashJson } from '@countersign/pure/core/digest';
import { parseLogEntry } from '@countersign/pure/ep/log-entry';
import { hashedReceipt } from '@countersign/pure/ep/trust-receipt';
import { seal, softwareKey } from '@countersign/simulator/signer';
import { afterEach, expect, test } from 'vitest';
import { approved, bytesOf, consume, consumeRequest, granted, openHouse, refused } from './house.js';
const houses = [];
afterEach(async () => {
    for (const house of houses.splice(0))
        await house.stop();
});
async function consumed() {
    const house = await openHouse({ executors: [{ name: 'payments' }, { name: 'vault', systems: ['vault.example'] }] });
    houses.push(house);
    const view = await approved(house, ['jchen']);
    const receipt = granted(await consume(house, await consumeRequest(house, view)));
    const [payments] = [...house.world.executors.values()];
    const report = (outcome, members = {}, signer = payments.signer) => house.service.outcome({ body: bytesOf(seal(bodyOf(receipt, outcome, members), signer)) }, house.moment());
    return { house, receipt, report };
}
function bodyOf(receipt, outcome, members) {
    return {
        type: 'ep.outcome.v1',
        receipt_hash: hashJson(hashedReceipt(receipt)),
        executor_id: 'ep:executor:payments',
        outcome,
        reported_at: '2026-11-20T12:00:05Z',
        ...members,
    };
}
test('EP-SM-2: an outcome is logged, and the same report changes nothing', async () => {
    const { house, receipt, report } = await consumed();
    expect(refused(await house.service.outcomeOf({ receiptId: receipt.receipt_id }, house.moment()))).toBe('outcome_unknown');
    const reported = granted(await report('executed'));
    expect(granted(await report('executed'))).toEqual(reported);
    expect(granted(await house.service.outcomeOf({ receiptId: receipt.receipt_id }, house.moment()))).toEqual(reported);
    const size = house.log.newestAnchored().treeSize;
    const [entry] = await house.store.entries(house.world.organization, size - 1, size);
    expect(parseLogEntry(entry)).toMatchObject({ type: 'ep.log.outcome.v1', outcome_hash: reported.outcome_hash });
});
test('EP-SM-2: only an indeterminate report may be superseded, and only by one that names it', async () => {
    const { report } = await consumed();
    expect(refused(await report('executed', { supersedes: `sha256:${'0'.repeat(64)}` }))).toBe('outcome_supersedes_mismatch');
    const { outcome_hash: first } = granted(await report('indeterminate'));
    expect(refused(await report('executed'))).toBe('outcome_supersedes_mismatch');
    const { outcome_hash: second } = granted(await report('indeterminate', { supersedes: first }));
    expect(refused(await report('failed', { supersedes: first }))).toBe('outcome_supersedes_mismatch');
    granted(await report('executed', { supersedes: second }));
    expect(refused(await report('failed', { supersedes: second }))).toBe('outcome_report_duplicate');
});
test('EP-SM-2: only the executor that consumed reports', async () => {
    const { house, report } = await consumed();
    const [, vault] = [...house.world.executors.values()];
    expect(refused(await report('executed', {}, vault.signer))).toBe('executor_unknown');
    expect(refused(await report('executed', { executor_id: vault.id }, vault.signer))).toBe('outcome_executor_mismatch');
    expect(refused(await report('executed', {}, softwareKey('ep:key:payments#1', 'forged')))).toBe('outcome_signature_invalid');
    expect(refused(await report('executed', { receipt_hash: `sha256:${'0'.repeat(64)}` }))).toBe('receipt_unknown');
});
test('receipts and denials that are not there', async () => {
    const { house } = await consumed();
    expect(refused(await house.service.receipt({ receiptId: 'ep:receipt:x' }, house.moment()))).toBe('receipt_unknown');
    expect(refused(await house.service.denial({ denialId: '' }, house.moment()))).toBe('denial_unknown');
});
