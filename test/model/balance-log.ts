import type { Queryable } from '#sync/hq/storage/database.ts';

/** What a member had at a version: kept by the database itself, so that no version in between is missed. */
export type BalanceRow = { readonly id: string; readonly ver: number; readonly points: number };

/** Balances by member and version, of one epoch of headquarters. */
export type BalanceLog = Map<string, Map<number, number>>;

export async function installBalanceLog(database: Queryable): Promise<void> {
	await database.exec(`
		CREATE TABLE balance_log (id text NOT NULL, ver bigint NOT NULL, points bigint NOT NULL);
		CREATE FUNCTION log_balance() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN
			INSERT INTO balance_log VALUES (NEW.id, NEW.ver, NEW.points);
			RETURN NULL;
		END $$;
		CREATE TRIGGER log_balance AFTER INSERT OR UPDATE ON member FOR EACH ROW EXECUTE FUNCTION log_balance()`);
}

/** Begins anew with what is there. */
export async function restartBalanceLog(database: Queryable): Promise<void> {
	await database.exec('TRUNCATE balance_log; INSERT INTO balance_log SELECT id, ver, points FROM member');
}

/** Adds what was logged since the last time. Throws when one version had two balances. */
export async function readBalanceLog(database: Queryable, log: BalanceLog): Promise<void> {
	const rows = await database.query<BalanceRow>('DELETE FROM balance_log RETURNING id, ver, points');
	for (const { id, ver, points } of rows) {
		const versions = log.get(id) ?? new Map<number, number>();
		const before = versions.get(ver);
		if (before !== undefined && before !== points) throw new Error(`${id} had ${before} and ${points} points at version ${ver}`);
		versions.set(ver, points);
		log.set(id, versions);
	}
}
