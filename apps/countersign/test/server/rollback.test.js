import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../../src/server/data-folder.js';
import { startServer } from '../../src/server/running-server.js';
import { consumed, openHouse, organizationFileOf, publicationOf } from './house.js';
const silent = pino({ level: 'silent' });
const folders = [];
const running = [];
afterEach(async () => {
    for (const server of running.splice(0))
        await server.stop();
    for (const folder of folders.splice(0))
        rmSync(folder, { recursive: true, force: true });
});
/** A copy of a stopped server's folder. */
function copyOf(folder) {
    const copy = mkdtempSync(join(tmpdir(), 'countersign-copy-'));
    folders.push(copy);
    cpSync(folder, copy, { recursive: true });
    return copy;
}
async function startIn(folder, house, more = {}) {
    const organizationFile = organizationFileOf(house.world);
    const fixed = { host: '127.0.0.1', port: 0, logKeyPassphrase: null, publicLog: false, version: '0.1.0' };
    const server = await startServer({ data: folder, organizationFile, ...fixed, ...more }, silent);
    running.push(server);
    return server;
}
/** A house that was stopped after one receipt: its folder then, and a copy from before that receipt. */
async function grownHouse() {
    const house = await openHouse();
    const before = mkdtempSync(join(tmpdir(), 'countersign-before-'));
    folders.push(before);
    const key = await house.key('auditor');
    await house.pause(() => cpSync(house.folder, before, { recursive: true }));
    await consumed(house);
    let after = '';
    await house.pause(() => {
        after = copyOf(house.folder);
    });
    await house.close();
    return { house, before, after, key };
}
describe('EP-SM-4: a database that was taken back', () => {
    test('does not start: the anchor knows more than it', async () => {
        const { house, before, after } = await grownHouse();
        copyFileSync(join(before, 'countersign.db'), join(after, 'countersign.db'));
        for (const beside of ['-wal', '-shm'])
            rmSync(join(after, `countersign.db${beside}`), { force: true });
        await expect(startIn(after, house)).rejects.toMatchObject({ code: 'log_rollback_detected' });
    });
    test('starts with its own anchor from before, and stops answering when the anchor shows more', async () => {
        const { house, before, after, key } = await grownHouse();
        const elsewhere = join(before, 'elsewhere');
        mkdirSync(elsewhere);
        const anchor = join(elsewhere, 'anchor');
        copyFileSync(join(before, 'anchor'), anchor);
        const { url } = await startIn(before, house, { anchor, guardSeconds: 0.05 });
        const ask = async (path) => {
            const response = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${key}` } });
            return { status: response.status, body: (await response.json()) };
        };
        expect((await ask('/ready')).status).toBe(200);
        expect((await ask('/v1/directory/head')).status).toBe(200);
        writeFileSync(anchor, readFileSync(join(after, 'anchor')));
        await expect.poll(async () => (await ask('/ready')).status, { timeout: 5_000 }).toBe(503);
        for (const path of ['/ready', '/v1/directory/head', '/log/checkpoint', '/v1/authorizations'])
            expect(await ask(path)).toMatchObject({ status: 503, body: { code: 'log_rollback_detected' } });
        expect(await ask('/health')).toMatchObject({ status: 200, body: { log: { halted: 'log_rollback_detected' } } });
    });
    test.each([
        [
            'an older head in the place of the newest',
            ({ newest, heads }) => ({ ...newest, body: JSON.stringify({ head_hash: heads[0] }) }),
        ],
        ['a leaf that says something else', ({ leaf }) => ({ ...leaf, body: leaf.body.replace('treasury', 'treasurx') })],
    ])('does not start with %s in the directory', async (_, change) => {
        const house = await openHouse();
        const { world } = house;
        const second = (ms) => new Date(Math.floor(ms / 1000) * 1000).toISOString().replace('.000', '');
        world.publishHead({ issuedAt: second(Date.now()), validUntil: second(Date.now() + 60 * 86_400_000) });
        const administrator = await house.client('administrator');
        await administrator.call('publishHead', { body: { ...publicationOf(world), leaves: [], policies: [] } });
        const folder = await house.pause(() => copyOf(house.folder));
        await house.close();
        const store = await openDatabase(folder);
        const { organization } = world;
        const [newest] = await store.read(organization, [{ kind: 'directory', id: 'newest' }]);
        const { rows } = await store.find(organization, 'directory_leaf', { limit: 100 });
        const leaf = rows.find(({ body }) => body.includes('treasury'));
        const heads = world.directory.heads.map(({ headHash }) => headHash);
        const changed = change({ newest: newest, leaf, heads });
        const expected = changed.kind === 'directory' ? newest.version : leaf.version;
        const put = [{ kind: changed.kind, id: changed.id, body: changed.body, expected }];
        expect(await store.commit({ organization, unitId: 'by another hand', put })).toMatchObject({ status: 'committed' });
        await store.close();
        await expect(startIn(folder, house)).rejects.toMatchObject({ code: 'directory_rollback_detected' });
    });
    test('a new log key beside an old database does not start', async () => {
        const { house, after } = await grownHouse();
        rmSync(join(after, 'log.key'));
        await expect(startIn(after, house)).rejects.toThrow('log.key');
    });
});
