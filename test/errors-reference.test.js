import { httpCodes } from '@countersign/adapters/http/problem';
import { keyFileCodes } from '@countersign/adapters/keys/codes';
import { engineCodes } from '@countersign/engine/authorization/codes';
import { executorCodes, journalCodes } from '@countersign/engine/executor/codes';
import { fsckCodes, haltCodes, logCodes } from '@countersign/engine/log/codes';
import { coreCodes } from '@countersign/pure/core/codes';
import { epCodes, preparationCodes } from '@countersign/pure/ep/codes';
import { describe, expect, test } from 'vitest';
import { servedCodes } from '../apps/countersign/src/cli/recompute.js';
import { invitationCodes } from '../apps/countersign/src/organization/invitation.js';
const sections = [
    ['Verification', 'Of receipts, denial records, bundles, log entries and trust files.', epCodes],
    ['Encodings, keys, proofs, notes', 'Below every artifact.', coreCodes],
    ['Preparing artifacts', 'Salts and directory changes: what never comes out of a verification.', preparationCodes],
    [
        'Authorizations and directory',
        'Of the server; beside them it refuses with the codes of verification.',
        Object.fromEntries(Object.entries(engineCodes).map(([code, { meaning }]) => [code, meaning])),
    ],
    ['HTTP interface', 'In problem documents (RFC 9457), member `code`.', httpCodes],
    ['Log', 'Of the sequencer.', logCodes],
    ['Log halted', 'The log refuses to sign and the server to serve until a person has looked.', haltCodes],
    ['Log check', 'Findings of `countersign log fsck`.', fsckCodes],
    ['Executor', 'Refusals; the effect did not run because of this call.', executorCodes],
    ['Executor journal', 'The journal cannot be used; nothing runs.', journalCodes],
    ['Key files', '', keyFileCodes],
    ['Signing client', 'What the server served is not what would be signed; nothing was signed.', servedCodes],
    ['Invitations and enrollments', '', invitationCodes],
];
function page() {
    const parts = sections.map(([title, about, codes]) => {
        const rows = Object.entries(codes).map(([code, meaning]) => `| \`${code}\` | ${meaning.replaceAll('|', '\\|')} |`);
        return [`## ${title}`, ...(about === '' ? [] : ['', about]), '', '| code | meaning |', '|---|---|', ...rows].join('\n');
    });
    return [
        '# Error codes',
        '',
        'One cause, one code; a code never changes its meaning. Beside it stands a JSON Pointer (RFC 6901) to what was refused. Made from the tables in the code by `npx vitest run test/errors-reference.test.ts -u`.',
        '',
        `${parts.join('\n\n')}\n`,
    ].join('\n');
}
describe('the reference of error codes', () => {
    test('is what the tables say', async () => {
        await expect(page()).toMatchFileSnapshot('../docs/reference/errors.md');
    });
    test('a code means one thing wherever it stands', () => {
        const meanings = new Map();
        for (const [code, meaning] of sections.flatMap(([, , codes]) => Object.entries(codes)))
            meanings.set(code, (meanings.get(code) ?? new Set()).add(meaning));
        expect([...meanings].filter(([, said]) => said.size > 1).map(([code, said]) => [code, ...said])).toEqual([]);
    });
});
