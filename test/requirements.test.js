import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
// What the project claims, and what shows it: every requirement is cited by a test or a vector, or says why it is not built.
const root = fileURLToPath(new URL('..', import.meta.url));
const requirements = JSON.parse(readFileSync(join(root, 'conformance/requirements.json'), 'utf8'));
const known = new Set(requirements.map(({ id }) => id));
const idForm = /\bEP-[A-Z]+-[A-Z0-9]+\b/g;
function filesUnder(folder, wanted) {
    return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
        const path = join(folder, entry.name);
        if (entry.isDirectory())
            return ['node_modules', 'dist', '.git', '.cache', '.demo'].includes(entry.name) ? [] : filesUnder(path, wanted);
        return wanted(relative(root, path)) ? [path] : [];
    });
}
const tests = filesUnder(root, (path) => path.endsWith('.test.ts') || path === 'adapters/test/storage/contract.ts');
const vectors = filesUnder(join(root, 'conformance/vectors'), (path) => path.endsWith('.json'));
/** The ids that each file cites. */
const citations = [
    ...tests.map((file) => ({ file, ids: readFileSync(file, 'utf8').match(idForm) ?? [] })),
    ...vectors.map((file) => {
        const { cases = [] } = JSON.parse(readFileSync(file, 'utf8'));
        return { file, ids: cases.flatMap(({ requirements = [] }) => requirements) };
    }),
];
const cited = new Set(citations.flatMap(({ ids }) => ids));
describe('the requirements', () => {
    test('there is something to look at', () => {
        expect(requirements.length).toBeGreaterThan(70);
        expect(tests.length).toBeGreaterThan(30);
        expect(vectors.length).toBeGreaterThan(10);
    });
    test('each is one id, one section, one sentence', () => {
        expect(known.size).toBe(requirements.length);
        const wrong = requirements.filter(({ id, section, text, later }) => !/^EP-[A-Z]+-[A-Z0-9]+$/.test(id) || section === '' || !/^[A-Za-z].*\.$/.test(text) || later === '');
        expect(wrong).toEqual([]);
    });
    test('each is cited by a test or a vector, or says why it is not built', () => {
        const uncited = requirements.filter(({ id, later }) => later === undefined && !cited.has(id));
        expect(uncited.map(({ id }) => id)).toEqual([]);
    });
    test('no test and no vector cites an id that does not exist', () => {
        const unknown = citations.flatMap(({ file, ids }) => ids.filter((id) => !known.has(id)).map((id) => `${relative(root, file)}: ${id}`));
        expect(unknown).toEqual([]);
    });
});
describe('EP-SEC-5: what the texts do not claim', () => {
    const texts = filesUnder(root, (path) => /^(README|CHANGES|docs\/.*|conformance\/README)\.md$/.test(path));
    const sentences = texts.flatMap((file) => readFileSync(file, 'utf8')
        .split(/(?<=[.;:|])\s|\n\n/)
        .map((sentence) => ({ file: relative(root, file), sentence: sentence.replaceAll('\n', ' ') })));
    const denied = /\b(no|not|never|nor|neither|without|until|cannot)\b/i;
    test('nothing is called machine-checked, proven or formally verified', () => {
        const claims = /machine.checked|formally (verified|proven)|mathematically (proven|certain)|\bTLA\+|\bAlloy\b|model.check/i;
        expect(sentences.filter(({ sentence }) => claims.test(sentence) && !denied.test(sentence))).toEqual([]);
    });
    test('nothing defeats collusion, and nothing is unforgeable or tamper-proof', () => {
        const claims = /collu(sion|de)|unforgeable|tamper.?proof|unhackable/i;
        expect(sentences.filter(({ sentence }) => claims.test(sentence) && !denied.test(sentence))).toEqual([]);
        expect(sentences.length).toBeGreaterThan(100);
    });
});
