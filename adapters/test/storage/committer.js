// Commits without end and names each unit that was acknowledged, until it is killed.
import { writeSync } from 'node:fs';
import { openSqliteStore } from '@countersign/adapters/storage/sqlite/store';
const [path, driver, life] = process.argv.slice(2);
const store = await openSqliteStore({ path, driver });
async function commitForEver(caller) {
    for (let n = 0;; n++) {
        const name = `${life}/${caller}/${n}`;
        const result = await store.commit({
            organization: 'org:example',
            unitId: name,
            put: [{ kind: 'attempt', id: name, expected: 0, body: '{}' }],
            claims: [{ kind: 'nonce', value: name }],
            append: [{ entryId: name, entry: Buffer.from(name) }],
        });
        if (result.status === 'committed')
            writeSync(1, `${name}\n`);
    }
}
await Promise.all(Array.from({ length: 8 }, (_, caller) => commitForEver(caller)));
