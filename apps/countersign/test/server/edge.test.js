import { connect } from 'node:net';
import { contract } from '@countersign/adapters/http/contract';
import { problem } from '@countersign/adapters/http/problem';
import { Ajv } from 'ajv';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openHouse, requestOf } from './house.js';
let house;
let keys;
beforeAll(async () => {
    house = await openHouse();
    keys = {
        initiator: await house.key('initiator', 'ep:entity:agent-7'),
        administrator: await house.key('administrator'),
        auditor: await house.key('auditor'),
    };
});
afterAll(() => house.close());
const isProblem = new Ajv({ strict: true }).compile(JSON.parse(JSON.stringify(problem)));
/** Sends one request as it is; the answer must be a problem of the one form, and say nothing of the inside. */
async function refusedWith(path, { method = 'GET', body, headers = {}, key = keys.initiator } = {}) {
    const response = await fetch(`${house.server.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${key}`, ...headers },
        ...(body === undefined ? {} : { body: body }),
    });
    const text = await response.text();
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    const read = JSON.parse(text);
    expect(isProblem(read), JSON.stringify(isProblem.errors)).toBe(true);
    expect(read.status).toBe(response.status);
    // What the code means stands in a table.
    expect(read.title).not.toBe(read.code.replaceAll('_', ' '));
    expect(text).not.toMatch(/node_modules|\.ts\b|\.js\b|at \w+ \(|SQLITE|FST_|Error:|\/tmp\//);
    return { status: response.status, code: read.code, at: read.at, response };
}
const post = (body, more = {}) => ({
    method: 'POST',
    body,
    ...more,
    headers: { 'content-type': 'application/json', 'idempotency-key': 'strictly-1', ...more.headers },
});
/** Sends octets over a connection of its own; what came back until its end. */
function exchange(url, octets, opened = () => { }) {
    const { port, hostname } = new URL(url);
    return new Promise((resolve, reject) => {
        let text = '';
        const socket = connect(Number(port), hostname, () => {
            socket.write(octets);
            opened(socket);
        });
        socket.on('data', (chunk) => {
            text += chunk.toString();
        });
        socket.on('close', () => resolve(text)).on('error', reject);
    });
}
describe('bodies', () => {
    const request = () => JSON.stringify(requestOf(house.world));
    test.each([
        ['a member twice', (good) => good.replace('{', '{"action":{},'), 400, 'json_member_duplicate', '/action'],
        [
            'a member twice behind an escape',
            (good) => good.replace('"currency"', '"am\\u006funt":"1","currency"'),
            400,
            'json_member_duplicate',
            '/action/parameters/amount',
        ],
        [
            'an integer that no double holds',
            (good) => good.replace('"2400000.00"', '9007199254740993'),
            400,
            'json_integer_too_large',
            '/action/parameters/amount',
        ],
        [
            'a number that is not exact',
            (good) => good.replace('"2400000.00"', '0.10000000000000000001'),
            400,
            'json_number_inexact',
            '/action/parameters/amount',
        ],
        [
            'a lone surrogate',
            (good) => good.replace('USD', '\\ud800'),
            400,
            'json_surrogate_invalid',
            '/action/parameters/currency',
        ],
        ['a byte-order mark', (good) => `\ufeff${good}`, 400, 'json_byte_order_mark_unsupported', ''],
        ['octets behind the value', (good) => `${good}{}`, 400, 'json_trailing_malformed', ''],
        ['bad UTF-8', () => Uint8Array.of(0x7b, 0xff, 0x7d), 400, 'json_utf8_invalid', ''],
        ['too deep', () => '['.repeat(65) + ']'.repeat(65), 400, 'json_depth_too_large', `${'/0'.repeat(64)}`],
        ['nothing', () => '', 400, 'request_body_missing', ''],
        ['a list', () => '[]', 400, 'member_type_mismatch', ''],
        ['an unknown member', (good) => good.replace('{', '{"extra":1,'), 400, 'member_unknown', '/extra'],
        [
            'an unknown member inside',
            (good) => good.replace('"ep_version"', '"extra":1,"ep_version"'),
            400,
            'member_unknown',
            '/action/extra',
        ],
        ['a missing member', () => '{}', 400, 'member_missing', '/action'],
        [
            'no initiator',
            (good) => good.replace(/"initiator":"[^"]+",/, ''),
            400,
            'action_initiator_missing',
            '/action/initiator',
        ],
        [
            'a text that would be cut to size elsewhere',
            (good) => good.replace('{', '{"action_hash":5,'),
            400,
            'member_type_mismatch',
            '/action_hash',
        ],
        [
            'a hash in upper case',
            (good) => good.replace('{', `{"action_hash":"sha256:${'A'.repeat(64)}",`),
            400,
            'text_malformed',
            '/action_hash',
        ],
        ['a __proto__ member', (good) => good.replace('{', '{"__proto__":{"a":1},'), 400, 'member_unknown', '/__proto__'],
    ])('EP-ENC-1: %s is refused', async (_, change, status, code, at) => {
        expect(await refusedWith('/v1/authorizations', post(change(request())))).toMatchObject({ status, code, at });
    });
    test.each([
        ['text/plain'],
        ['application/x-www-form-urlencoded'],
        ['application/json5'],
        ['multipart/form-data; boundary=x'],
    ])('a body of type %s is refused', async (type) => {
        const asked = post(request(), { headers: { 'content-type': type } });
        expect(await refusedWith('/v1/authorizations', asked)).toMatchObject({
            status: 415,
            code: 'request_body_type_unsupported',
        });
    });
    test('EP-ENC-1: more than 256 KiB is refused, for a publication more than 16 MiB', async () => {
        const large = `{"action":"${'a'.repeat(256 * 1024)}"}`;
        expect(await refusedWith('/v1/authorizations', post(large))).toMatchObject({
            status: 413,
            code: 'json_size_too_large',
        });
        const publication = await refusedWith('/v1/directory/heads', post(large, { key: keys.administrator }));
        expect(publication).toMatchObject({ status: 400, code: 'member_missing' });
        expect(contract.publishHead.bodyLimit).toBe(16 * 1024 * 1024);
    });
});
describe('parameters', () => {
    test.each([
        ['/v1/authorizations?limit=0', 'request_query_malformed', '/limit'],
        ['/v1/authorizations?limit=101', 'request_query_malformed', '/limit'],
        ['/v1/authorizations?limit=1.0', 'request_query_malformed', '/limit'],
        ['/v1/authorizations?limit=0x1', 'request_query_malformed', '/limit'],
        ['/v1/authorizations?limit=+1', 'request_query_malformed', '/limit'],
        ['/v1/authorizations?limit=01', 'request_query_malformed', '/limit'],
        ['/v1/authorizations?limit=true', 'request_query_malformed', '/limit'],
        ['/v1/authorizations?limit=', 'request_query_malformed', '/limit'],
        ['/v1/authorizations?limit=1&limit=2', 'request_query_malformed', '/limit'],
        ['/v1/authorizations?Limit=1', 'request_query_malformed', '/Limit'],
        ['/v1/authorizations?after=', 'request_query_malformed', '/after'],
        ['/v1/authorizations/1', 'request_path_malformed', '/id'],
        ['/v1/authorizations/%00', 'request_path_malformed', '/id'],
        ['/v1/authorizations/%ff', 'request_path_malformed', ''],
        [`/v1/authorizations/${'0'.repeat(500)}`, 'request_path_malformed', ''],
        ['/v1/receipts/ep:receipt:1', 'request_path_malformed', '/id'],
        ['/v1/directory/proofs/sha256:00', 'request_path_malformed', '/entry_hash'],
        ['/v1/directory/heads?after=-1', 'request_query_malformed', '/after'],
    ])('%s is refused: %s', async (path, code, at) => {
        expect(await refusedWith(path)).toMatchObject({ status: 400, code, at });
    });
    test.each([['x'], ['has space'], ['x'.repeat(129)]])('an Idempotency-Key of %j is refused', async (value) => {
        const asked = post(JSON.stringify(requestOf(house.world)), { headers: { 'idempotency-key': value } });
        const expected = { status: 400, code: 'request_header_malformed', at: '/idempotency-key' };
        expect(await refusedWith('/v1/authorizations', asked)).toMatchObject(expected);
    });
    test('a request without an Idempotency-Key is refused', async () => {
        const { headers: _headers, ...asked } = post(JSON.stringify(requestOf(house.world)));
        const refused = await refusedWith('/v1/authorizations', {
            ...asked,
            headers: { 'content-type': 'application/json' },
        });
        expect(refused).toMatchObject({ status: 400, code: 'request_header_malformed', at: '/idempotency-key' });
    });
});
describe('routes and connections', () => {
    test.each([
        ['GET', '/', 404, 'route_unknown'],
        ['GET', '/v2/authorizations', 404, 'route_unknown'],
        ['GET', '/v1/authorizations/', 400, 'request_path_malformed'],
        ['GET', '/v1//authorizations', 404, 'route_unknown'],
        ['PUT', '/v1/authorizations', 405, 'route_method_unsupported'],
        ['DELETE', '/health', 405, 'route_method_unsupported'],
        ['OPTIONS', '/v1/authorizations', 405, 'route_method_unsupported'],
    ])('%s %s is answered with %i %s', async (method, path, status, code) => {
        expect(await refusedWith(path, { method })).toMatchObject({ status, code });
    });
    test('405 says what the path takes', async () => {
        const { response } = await refusedWith('/v1/authorizations', { method: 'PUT' });
        expect(response.headers.get('allow')?.split(', ').sort()).toEqual(['GET', 'POST']);
    });
    test('a request that never ends is cut off', async () => {
        const own = await openHouse({ empty: true, server: { receiveMilliseconds: 150 } });
        try {
            const text = await exchange(own.server.url, 'POST /v1/authorizations HTTP/1.1\r\nhost: x\r\ncontent-le');
            expect(text).toContain('HTTP/1.1 408 Request Timeout\r\n');
            expect(text).toContain('"code":"request_expired"');
        }
        finally {
            await own.close();
        }
    });
    test('a request that is inside when the server stops is answered; later ones find nobody', async () => {
        const own = await openHouse({ empty: true });
        const { url } = own.server;
        const body = '{"head":{},"leaves":[],"policies":[]}';
        const key = await own.key('administrator');
        const head = `POST /v1/directory/heads HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${key}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
        let finish = () => { };
        const inside = exchange(url, head, (socket) => {
            finish = () => socket.write(body);
        });
        const metrics = async () => (await fetch(`${url}/metrics`, { headers: { authorization: `Bearer ${key}` } })).text();
        // The metrics request is one of the two.
        await expect.poll(metrics).toContain('countersign_http_requests_in_flight 2');
        const closed = own.close();
        await expect
            .poll(() => fetch(`${url}/health`).then(() => 'answered', () => 'nobody'))
            .toBe('nobody');
        const started = performance.now();
        finish();
        expect(await inside).toContain('"code":"member_missing"');
        await closed;
        expect(performance.now() - started).toBeLessThan(10_000);
    });
    test.each([
        ['what is no HTTP', 'hello\r\n\r\n', 400, 'request_malformed'],
        [
            'a header that never ends',
            `GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(20_000)}\r\n\r\n`,
            431,
            'request_headers_too_large',
        ],
        [
            'two lengths',
            'POST /v1/authorizations HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n',
            400,
            'request_malformed',
        ],
        [
            'a length and chunks',
            'POST /v1/authorizations HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n',
            400,
            'request_malformed',
        ],
    ])('%s is answered with a problem, and the connection ends', async (_, octets, status, code) => {
        const answer = await exchange(house.server.url, octets);
        const [head, body] = answer.split('\r\n\r\n');
        expect(head).toContain(`HTTP/1.1 ${status} `);
        expect(head).toContain('application/problem+json');
        expect(JSON.parse(body)).toMatchObject({ status, code });
    });
});
describe('keys and limits', () => {
    test.each([
        ['no key', {}, 'api_key_missing'],
        ['another scheme', { authorization: 'Basic eDp5' }, 'api_key_invalid'],
        ['an unknown key', { authorization: `Bearer csk_${'A'.repeat(43)}` }, 'api_key_invalid'],
    ])('%s is refused', async (_, headers, code) => {
        const response = await fetch(`${house.server.url}/v1/directory/head`, { headers: headers });
        expect(response.status).toBe(401);
        expect(response.headers.get('www-authenticate')).toBe('Bearer');
        expect(await response.json()).toMatchObject({ code });
    });
    test('one key cannot use up the server, nor another key', async () => {
        const own = await openHouse({ empty: true, server: { perMinute: { key: 5, failures: 3 } } });
        try {
            const ask = async (key) => fetch(`${own.server.url}/v1/directory/heads`, { headers: { authorization: `Bearer ${key}` } });
            const busy = await own.key('auditor');
            const statuses = [];
            for (let n = 0; n < 7; n++)
                statuses.push((await ask(busy)).status);
            expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
            const refused = await ask(busy);
            expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
            expect(await refused.json()).toMatchObject({ code: 'request_rate_too_large' });
            const wrong = [];
            for (let n = 0; n < 5; n++)
                wrong.push((await ask(`csk_${'B'.repeat(43)}`)).status);
            expect(wrong).toEqual([401, 401, 401, 429, 429]);
            // Guessing from the same address takes nothing from those who have a key.
            expect((await ask(await own.key('auditor'))).status).toBe(200);
        }
        finally {
            await own.close();
        }
    });
    test('beyond the bound of requests inside, a request is turned away at once, and health still answers', async () => {
        const own = await openHouse({ empty: true, server: { maxInFlight: 0 } });
        try {
            const headers = { authorization: `Bearer ${await own.key('auditor')}` };
            const response = await fetch(`${own.server.url}/v1/directory/heads`, { headers });
            expect(response.status).toBe(503);
            expect(response.headers.get('retry-after')).toBe('1');
            expect(await response.json()).toMatchObject({ code: 'server_capacity_insufficient' });
            expect((await fetch(`${own.server.url}/health`)).status).toBe(200);
        }
        finally {
            await own.close();
        }
    });
    test('neither keys nor bodies stand in the log of the process', () => {
        const text = house.lines.join('');
        expect(text).toContain('"route":"requestAuthorization"');
        for (const key of Object.values(keys))
            expect(text).not.toContain(key.slice(4));
        expect(text).not.toContain('2400000.00');
    });
});
