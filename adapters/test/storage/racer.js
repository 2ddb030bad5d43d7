// One of several processes: opens the database, says so, waits for a line, then claims what all others claim as well.
import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { openSqliteStore } from '@countersign/adapters/storage/sqlite/store';
const [path, driver, name] = process.argv.slice(2);
const store = await openSqliteStore({ path, driver, busyTimeoutMs: 20_000 });
writeSync(1, 'ready\n');
await once(process.stdin, 'data');
process.stdin.destroy();
const wins = [];
for (let round = 0; round < 25; round++) {
    const result = await store.commit({
        organization: 'org:example',
        unitId: `${name}/${round}`,
        claims: [{ kind: 'nonce', value: `${round}` }],
        put: [{ kind: 'attempt', id: `${round}`, expected: 0, body: name }],
    });
    if (result.status === 'committed')
        wins.push(round);
}
await store.close();
writeSync(1, JSON.stringify(wins));
