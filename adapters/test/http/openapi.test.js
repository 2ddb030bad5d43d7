import { contract } from '@countersign/adapters/http/contract';
import { openApiDocument } from '@countersign/adapters/http/openapi';
import { problemOf } from '@countersign/adapters/http/problem';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
const document = openApiDocument('1.2.3', 'https://countersign.example');
const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
function refsIn(node) {
    if (Array.isArray(node))
        return node.flatMap(refsIn);
    if (typeof node !== 'object' || node === null)
        return [];
    return Object.entries(node).flatMap(([name, value]) => name === '$ref' && typeof value === 'string' ? [value] : refsIn(value));
}
describe('the OpenAPI document', () => {
    test('says 3.1, its version and where the server is', () => {
        expect(document.openapi).toBe('3.1.0');
        expect(document.info.version).toBe('1.2.3');
        expect(document.servers).toEqual([{ url: 'https://countersign.example' }]);
    });
    test('has every route of the contract and no other', () => {
        const expected = Object.entries(contract).map(([name, { method, path }]) => `${name} ${method} ${path.replace('{*}', '{path}')}`);
        const found = operations.map(({ path, method, operation }) => `${operation.operationId} ${method.toUpperCase()} ${path}`);
        expect(found.sort()).toEqual(expected.sort());
    });
    test('every reference leads to a component', () => {
        const refs = new Set(refsIn(document));
        expect(refs.size).toBeGreaterThan(20);
        for (const ref of refs) {
            const target = ref
                .split('/')
                .slice(1)
                .reduce((here, name) => here?.[name], document);
            expect(target, ref).toBeDefined();
        }
    });
    test('every code of a problem means something', () => {
        for (const { problems } of Object.values(contract))
            for (const code of problems)
                expect(problemOf(400, code).title).not.toBe(code.replaceAll('_', ' '));
    });
    test('every schema compiles as JSON Schema 2020-12', () => {
        const ajv = new Ajv2020({ strict: true, formats: { binary: true } });
        const text = JSON.stringify(document.components.schemas).replaceAll('#/components/schemas/', '#/$defs/');
        const $defs = JSON.parse(text);
        for (const name of Object.keys($defs))
            expect(() => ajv.compile({ $defs, $ref: `#/$defs/${name}` }), name).not.toThrow();
    });
    test.each(operations)('$method $path is described as OpenAPI demands', ({ path, operation }) => {
        const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name);
        const parameters = operation.parameters.filter((one) => one.in === 'path');
        expect(parameters.map(({ name }) => name)).toEqual(inPath);
        for (const parameter of parameters)
            expect(parameter.required).toBe(true);
        const named = operation.parameters.map((one) => `${one.in} ${one.name}`);
        expect(new Set(named).size).toBe(named.length);
        expect(Object.keys(operation.responses)).toContain('default');
        for (const [status, response] of Object.entries(operation.responses)) {
            expect(status).toMatch(/^([1-5][0-9]{2}|default)$/);
            expect('$ref' in response || response.description.length > 0).toBe(true);
        }
        expect(operation.summary.length).toBeGreaterThan(0);
        for (const requirement of operation.security)
            for (const scheme of Object.keys(requirement))
                expect(document.components.securitySchemes).toHaveProperty(scheme);
    });
});
