import { createServer } from 'node:http';
import { HttpProblem, HttpUnanswered, httpClient } from '@countersign/adapters/http/client';
import { problemOf } from '@countersign/adapters/http/problem';
import { afterEach, describe, expect, test } from 'vitest';
let server;
/** A server that gives its answers one after the other, the last one for ever. */
async function answering(...answers) {
    const seen = [];
    server = createServer((request, response) => {
        const answer = answers[Math.min(seen.length, answers.length - 1)];
        seen.push(request);
        answer(request, response);
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    return { url: `http://127.0.0.1:${server.address().port}`, seen };
}
afterEach(() => {
    server?.closeAllConnections();
    server?.close();
});
const json = (status, body, headers = {}) => {
    return (_, response) => response.writeHead(status, headers).end(JSON.stringify(body));
};
const ready = json(200, { status: 'ready' });
const later = (status, code) => json(status, problemOf(status, code), { 'retry-after': '0' });
describe('the client', () => {
    test('sends key, path, query and body, and gives back the octets beside the value', async () => {
        const { url, seen } = await answering(json(200, { items: [] }));
        const client = httpClient({ url: `${url}/`, key: 'csk_x' });
        const reply = await client.call('listApprovals', { query: { limit: 3 } });
        expect(reply.value).toEqual({ items: [] });
        expect(Buffer.from(reply.bytes).toString()).toBe('{"items":[]}');
        expect(seen[0].url).toBe('/v1/approvals?limit=3');
        expect(seen[0].headers.authorization).toBe('Bearer csk_x');
    });
    test('a path parameter cannot leave its segment', async () => {
        const { url, seen } = await answering(json(200, {}));
        await httpClient({ url }).call('getAuthorization', { params: { id: '../x?y' } });
        expect(seen[0].url).toBe('/v1/authorizations/..%2Fx%3Fy');
    });
    test.each([
        [503, 'store_unavailable'],
        [503, 'request_answer_unavailable'],
        [429, 'request_rate_too_large'],
    ])('asks again after %i %s', async (status, code) => {
        const { url, seen } = await answering(later(status, code), later(status, code), ready);
        expect((await httpClient({ url }).call('getReady')).value).toEqual({ status: 'ready' });
        expect(seen).toHaveLength(3);
    });
    test('asks again after 202 until the answer is there', async () => {
        const { url, seen } = await answering(json(202, { status: 'not_anchored' }, { 'retry-after': '0' }), json(200, {}));
        const params = { id: 'ep:receipt:01J00000000000000000000000' };
        expect((await httpClient({ url }).call('getReceipt', { params })).status).toBe(200);
        expect(seen).toHaveLength(2);
    });
    test('asks again when the answer was lost on the way', async () => {
        const { url, seen } = await answering((request) => request.socket.destroy(), ready);
        expect((await httpClient({ url }).call('getReady')).value).toEqual({ status: 'ready' });
        expect(seen).toHaveLength(2);
    });
    test('a problem is an error with code and pointer, and is not asked again', async () => {
        const { url, seen } = await answering(json(422, problemOf(422, 'action_hash_mismatch', '/action_hash')));
        const error = await httpClient({ url })
            .call('getReady')
            .catch((thrown) => thrown);
        expect(error).toBeInstanceOf(HttpProblem);
        expect(error).toMatchObject({ status: 422, code: 'action_hash_mismatch', at: '/action_hash' });
        expect(seen).toHaveLength(1);
    });
    test('gives up at the deadline with the last problem', async () => {
        const { url } = await answering(later(503, 'store_unavailable'));
        const error = await httpClient({ url, deadlineMilliseconds: 60 })
            .call('getReady')
            .catch((thrown) => thrown);
        expect(error).toMatchObject({ code: 'store_unavailable' });
    });
    test('a wish to come back much later does not outlast the deadline', async () => {
        const { url } = await answering(json(503, problemOf(503, 'log_rollback_detected'), { 'retry-after': '9999' }));
        const client = httpClient({ url, deadlineMilliseconds: 1_000 });
        await expect(client.call('getReady')).rejects.toMatchObject({ code: 'log_rollback_detected' });
    });
    test.each([
        ['JSON with a member twice', (_, response) => response.end('{"status":"ready","status":"ready"}')],
        ['HTML', (_, response) => response.end('<html>')],
        ['a status that is not of the interface', json(418, { status: 'ready' })],
        ['a redirect', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ])('%s is no answer', async (_, answer) => {
        const { url } = await answering(answer);
        const client = httpClient({ url, deadlineMilliseconds: 50 });
        await expect(client.call('getReady')).rejects.toBeInstanceOf(HttpUnanswered);
    });
    test('an answer that does not come in time is none', async () => {
        const { url } = await answering(() => { });
        const client = httpClient({ url, timeoutMilliseconds: 50, deadlineMilliseconds: 50 });
        await expect(client.call('getReady')).rejects.toBeInstanceOf(HttpUnanswered);
    });
});
