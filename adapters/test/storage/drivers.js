import { connect } from '@countersign/adapters/storage/sqlite/driver';
/** The drivers that this Node can load; STORAGE_DRIVER names the only one that is to be tested. */
export async function driversHere() {
    const forced = process.env['STORAGE_DRIVER'];
    if (forced !== undefined)
        return [forced];
    const loadable = [];
    for (const driver of ['node:sqlite', 'better-sqlite3']) {
        const db = await connect(':memory:', driver).catch(() => undefined);
        db?.close();
        if (db !== undefined)
            loadable.push(driver);
    }
    if (loadable.length === 0)
        throw new Error('no SQLite driver loads: the SQLite store cannot be tested');
    return loadable;
}
