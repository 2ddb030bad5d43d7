import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTrust } from '@countersign/pure/ep/pinned-trust';
import { verifyDenial } from '@countersign/pure/ep/verify-denial';
import { verifyReceipt } from '@countersign/pure/ep/verify-receipt';
import { describe, expect, test } from 'vitest';
const root = fileURLToPath(new URL('..', import.meta.url));
const example = (name) => readFileSync(join(root, 'examples/verify', name));
describe('what the README shows', () => {
    test('the receipt and the denial of examples/verify hold', () => {
        const trust = readTrust(example('trust.json'));
        if (!trust.ok)
            throw new Error(trust.failure.code);
        expect(verifyReceipt(example('receipt.json'), trust.value).outcome).toBe('satisfied');
        expect(verifyDenial(example('denial.json'), trust.value).outcome).toBe('satisfied');
    });
    test('the first code block runs as it stands, and stands by line 30', () => {
        const readme = readFileSync(join(root, 'README.md'), 'utf8');
        const [block, code] = /```js\n([\s\S]*?)```/.exec(readme);
        expect(readme.slice(0, readme.indexOf(block) + block.length).split('\n').length).toBeLessThanOrEqual(30);
        expect(code.trim().split('\n').length).toBeLessThanOrEqual(10);
        const folder = mkdtempSync(join(root, '.cache/readme-'));
        try {
            const file = join(folder, 'verify.mjs');
            writeFileSync(file, code);
            expect(execFileSync(process.execPath, [file], { cwd: root, encoding: 'utf8' })).toContain("action_type: 'wire.release'");
        }
        finally {
            rmSync(folder, { recursive: true });
        }
    });
});
