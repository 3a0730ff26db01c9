import { z } from 'zod';
import { assert, must } from '#shared/lib/assert.ts';
import type { Migration } from './migration.ts';

const PartSchema = z.object({ type: z.enum(['table', 'index', 'trigger']), sql: z.string() });
const PARTS = `SELECT type, sql FROM sqlite_schema WHERE tbl_name = 'entry' AND sql IS NOT NULL ORDER BY rowid`;

/** What changes in the words of the table; each stands there once. */
const CHANGES = [
	['CREATE TABLE entry (', 'CREATE TABLE entry_next ('],
	[`'parked', 'voided')`, `'parked', 'voided', 'closed')`],
	['	settled_at INTEGER,', '	settled_at INTEGER,\n	closing TEXT,'],
] as const;

/**
 * The status `closed`, and in `closing` who closed a refused entry, when and why (JSON). SQLite cannot change a CHECK in place: the table is
 * made anew out of its own words, its rows are copied with their places, and its indexes and triggers follow.
 */
export const outboxClosed: Migration = {
	version: 2,
	run: async (tx) => {
		const parts = (await tx.all(PARTS)).map((row) => PartSchema.parse(row));
		const before = must(parts.find(({ type }) => type === 'table')?.sql, 'the table of entries');
		const after = CHANGES.reduce((sql, [from, to]) => {
			assert(sql.split(from).length === 2, () => `${from} stands once in the table of entries`);
			return sql.replace(from, to);
		}, before);
		await tx.execute(after);
		const columns = await tx.all(`SELECT group_concat(name, ', ') AS names FROM pragma_table_info('entry')`);
		const names = z.string().parse(columns[0]?.['names']);
		await tx.execute(`INSERT INTO entry_next (${names}) SELECT ${names} FROM entry ORDER BY position`);
		await tx.execute('DROP TABLE entry');
		await tx.execute('ALTER TABLE entry_next RENAME TO entry');
		for (const { type, sql } of parts) if (type !== 'table') await tx.execute(sql);
	},
};
