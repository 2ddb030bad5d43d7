import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteStore } from '@countersign/adapters/storage/sqlite/store';
import { afterAll } from 'vitest';
import { storeContract } from './contract.js';
import { driversHere } from './drivers.js';
const folder = mkdtempSync(join(tmpdir(), 'countersign-sqlite-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
for (const driver of await driversHere()) {
    storeContract(`SQLite through ${driver}`, () => openSqliteStore({ path: join(folder, `${files++}.db`), driver }));
}
