import { memoryStore } from '@countersign/adapters/storage/memory';
import { fileAnchor } from '@countersign/engine/log/anchor';
import { crashFiles } from '@countersign/simulator/crash-files';
import { expect, test } from 'vitest';
import { anchorPath, append, copyFiles, fsck, newWorld, openLog, organization } from './world.js';
/** Two octets each: what counts here are the files, and a crash copies them very often. */
async function appendEntries(store, from, to) {
    for (let n = from; n < to; n++)
        await append(store, `entry-${n}`, Uint8Array.of(n >> 8, n & 255));
}
/** Runs batches of these sizes; the anchor stands on the same disk as the tiles, so that one crash takes both. */
async function run(world, disk, batches, from = 0) {
    const log = openLog(world);
    const acknowledged = [];
    let n = from;
    for (const size of batches) {
        await appendEntries(world.store, n, n + size);
        const waiting = log.anchored(`entry-${n}`, 1000);
        const index = await waiting;
        acknowledged.push({
            after: disk.operations(),
            entryId: `entry-${n}`,
            index: index,
            note: log.newestAnchored().note,
        });
        n += size;
    }
    await log.stop();
    return acknowledged;
}
function on(disk, parts) {
    return newWorld({ ...parts, tiles: disk, anchorFiles: disk, anchor: fileAnchor(disk, anchorPath) });
}
function recording(store, disk) {
    const publications = [];
    const recorded = new Proxy(store, {
        get(target, name) {
            if (name !== 'publish')
                return target[name].bind(target);
            return async (update) => {
                const published = await target.publish(update);
                if (published)
                    publications.push({ after: disk.operations(), update });
                return published;
            };
        },
    });
    return { recorded, publications };
}
/** A database that made just these publications durable and holds `entries` entries. */
async function databaseWith(publications, entries) {
    const store = memoryStore();
    await appendEntries(store, 0, entries);
    await store.lease(organization, 'server-1', 0, 1);
    for (const { update } of publications)
        if (!(await store.publish(update)))
            throw new Error('the replay was fenced');
    return store;
}
/** At a crash between two file operations a publication that fell between them is durable or not: both databases. */
function databasesAt(publications, after) {
    const before = publications.filter((one) => one.after < after);
    const with_ = publications.filter((one) => one.after <= after);
    return before.length === with_.length ? [with_] : [before, with_];
}
/** The entries of these tests are no typed ones; before the first anchoring there is no checkpoint. */
const harmless = ['log_entry_malformed', 'log_checkpoint_missing'];
async function survives(world, acknowledged, total, how) {
    // Before anybody restarts: all that was anchored or served stands on the disk, whoever serves it.
    const left = (await fsck(world)).findings.filter(({ code }) => !harmless.includes(code));
    expect(left, how).toEqual([]);
    const log = openLog(world);
    await log.start();
    await log.sequence();
    expect(log.newestAnchored()?.treeSize, how).toBe(total);
    for (const { entryId, index } of acknowledged)
        expect(await log.anchored(entryId, 0), how).toBe(index);
    const notes = (await world.anchor.all()).map(({ note }) => note);
    for (const { note } of acknowledged)
        expect(notes, how).toContain(note);
    await log.stop();
    const report = await fsck(world);
    expect(report.findings.filter(({ code }) => code !== 'log_entry_malformed'), how).toEqual([]);
    expect(report.entries, how).toBe(total);
}
/** A share of the crashes, spread over all of them; every one with SLOW. */
function sample(all, every) {
    return [...all].filter((_, i) => process.env.SLOW !== undefined || i % every === 0);
}
test('EP-SM-3: after a crash at every file operation the log restarts clean and has lost nothing it acknowledged', async () => {
    const disk = crashFiles();
    const { recorded, publications } = recording(memoryStore(), disk);
    const world = on(disk, { store: recorded });
    const acknowledged = await run(world, disk, [1, 2, 3]);
    expect(acknowledged.map(({ index }) => index)).toEqual([0, 1, 3]);
    for (const { after, how, files } of disk.crashes()) {
        const kept = acknowledged.filter((one) => one.after <= after);
        for (const durable of databasesAt(publications, after)) {
            const store = await databaseWith(durable, 6);
            await survives(on(await copyFiles(files), { store, key: world.key, time: world.time }), kept, 6, `operation ${after}, ${how}`);
        }
    }
});
test('EP-SM-3: the same where tiles become full', async () => {
    const prepared = crashFiles();
    const { recorded: store, publications: earlier } = recording(memoryStore(), prepared);
    const before = on(prepared, { store });
    await run(before, prepared, [254]);
    const durableBefore = [...earlier];
    const disk = await copyFiles(prepared);
    const { recorded, publications } = recording(before.store, disk);
    const acknowledged = await run(on(disk, { ...before, store: recorded }), disk, [1, 3], 254);
    for (const { after, how, files } of sample(disk.crashes(), 13)) {
        const kept = acknowledged.filter((one) => one.after <= after);
        for (const durable of databasesAt(publications, after)) {
            const store = await databaseWith([...durableBefore, ...durable], 258);
            const world = on(await copyFiles(files), { store, key: before.key, time: before.time });
            await survives(world, kept, 258, `operation ${after}, ${how}`);
        }
    }
});
test('EP-SM-3: a crash while a crash is repaired loses nothing either', async () => {
    const disk = crashFiles();
    const { recorded, publications } = recording(memoryStore(), disk);
    const world = on(disk, { store: recorded });
    const acknowledged = await run(world, disk, [1, 2]);
    for (const { after, how, files } of sample(disk.crashes(), 7)) {
        const kept = acknowledged.filter((one) => one.after <= after);
        const durable = publications.filter((one) => one.after <= after);
        const again = recording(await databaseWith(durable, 3), files);
        const log = openLog(on(files, { store: again.recorded, key: world.key, time: world.time }));
        await log.start();
        await log.sequence();
        await log.stop();
        for (const second of sample(files.crashes(), 5)) {
            const later = again.publications.filter((one) => one.after <= second.after);
            const store = await databaseWith([...durable, ...later], 3);
            const twice = on(second.files, { store, key: world.key, time: world.time });
            await survives(twice, kept, 3, `${how}; then operation ${second.after}, ${second.how}`);
        }
    }
});
