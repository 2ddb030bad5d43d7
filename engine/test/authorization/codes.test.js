import { readdirSync, readFileSync } from 'node:fs';
import { engineCodes } from '@countersign/engine/authorization/codes';
import { expect, test } from 'vitest';
const folder = new URL('../../src/authorization/', import.meta.url);
const sources = readdirSync(folder)
    .filter((file) => file !== 'codes.ts')
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
// `verifySeal` puts these together from the noun that it is given.
const sealed = ['outcome_signature_malformed', 'outcome_signature_invalid', 'outcome_webauthn_unknown'];
test('every code of the table is one that the engine refuses with', () => {
    const unused = Object.keys(engineCodes).filter((code) => !sources.includes(`'${code}'`) && !sealed.includes(code));
    expect(unused).toEqual([]);
});
