import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, hasNodeSqlite } from '@countersign/adapters/storage/sqlite/driver';
import { migrate, migrations } from '@countersign/adapters/storage/sqlite/migrations';
import { durability, openConnection, setDurability } from '@countersign/adapters/storage/sqlite/open-connection';
import { openSqliteStore } from '@countersign/adapters/storage/sqlite/store';
import { afterAll, expect, test } from 'vitest';
import { driversHere } from './drivers.js';
const folder = mkdtempSync(join(tmpdir(), 'countersign-connection-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const freshPath = () => join(folder, `${files++}.db`);
for (const driver of await driversHere()) {
    test(`EP-SM-3: every connection is WAL and synchronous=FULL, also on a database that is WAL already (${driver})`, async () => {
        const path = freshPath();
        for (const _ of ['create', 'open again']) {
            const db = await openConnection({ path, driver });
            expect(durability(db)).toEqual({ journalMode: 'wal', synchronous: 2 });
            db.close();
        }
    });
    test(`EP-SM-3: a connection that cannot be made durable is refused (${driver})`, async () => {
        const db = await connect(':memory:', driver);
        expect(() => setDurability(db)).toThrow('journal_mode=memory');
        db.close();
    });
    test(`the database and the files SQLite puts beside it are readable by their owner only (${driver})`, async () => {
        const path = freshPath();
        const store = await openSqliteStore({ path, driver });
        await store.commit({ organization: 'o', unitId: 'u' });
        for (const file of [path, `${path}-wal`, `${path}-shm`])
            expect(statSync(file).mode & 0o777, file).toBe(0o600);
        await store.close();
    });
    test(`a path is always a file's, also if it reads like SQLite's names for other things (${driver})`, async () => {
        const here = process.cwd();
        process.chdir(folder);
        try {
            const db = await openConnection({ path: ':memory:', driver });
            expect(durability(db).journalMode).toBe('wal');
            db.close();
        }
        finally {
            process.chdir(here);
        }
        expect(statSync(join(folder, ':memory:')).size).toBeGreaterThan(0);
    });
    test(`a database that a newer program has migrated is refused (${driver})`, async () => {
        const path = freshPath();
        const db = await openConnection({ path, driver });
        db.run("INSERT INTO migrations VALUES (?, 'of the future', 'x')", migrations.length + 1);
        db.close();
        const opening = openSqliteStore({ path, driver });
        await expect(opening).rejects.toMatchObject({ name: 'StoreFault', message: expect.stringContaining('newer') });
    });
    test(`a database with another migration under a known number is refused (${driver})`, async () => {
        const path = freshPath();
        const db = await openConnection({ path, driver });
        db.run("UPDATE migrations SET checksum = 'other' WHERE number = 1");
        db.close();
        await expect(openSqliteStore({ path, driver })).rejects.toThrow('not the one of this program');
    });
    test(`migrations run once each, in order; one that fails leaves those before it (${driver})`, async () => {
        const db = await connect(freshPath(), driver);
        const first = { name: 'first', sql: 'CREATE TABLE one (a); INSERT INTO one VALUES (1)' };
        const second = { name: 'second', sql: 'INSERT INTO one VALUES (2); CREATE TABLE one (a)' };
        expect(() => migrate(db, [first, second])).toThrow('already exists');
        migrate(db, [first]);
        expect(db.all('SELECT a FROM one')).toMatchObject([{ a: 1 }]);
        migrate(db, [first, { name: 'second', sql: 'INSERT INTO one VALUES (3)' }]);
        expect(db.all('SELECT a FROM one')).toMatchObject([{ a: 1 }, { a: 3 }]);
        db.close();
    });
    test(`a file that is no database is a fault, not a crash (${driver})`, async () => {
        const path = freshPath();
        writeFileSync(path, 'some other file, longer than the header that SQLite looks for. '.repeat(20));
        for (const wrong of [path, folder, join(folder, 'nowhere', 'file.db')]) {
            await expect(openSqliteStore({ path: wrong, driver })).rejects.toMatchObject({
                name: 'StoreFault',
                retry: 'safe',
            });
        }
    });
}
test.skipIf(hasNodeSqlite())('without the driver asked for the fault names both ways out', async () => {
    const opening = openSqliteStore({ path: freshPath(), driver: 'node:sqlite' });
    await expect(opening).rejects.toMatchObject({
        name: 'StoreFault',
        message: expect.stringMatching(/Node 22\.13.*better-sqlite3/),
    });
});
