import { join } from 'node:path';
import { z } from 'zod';
import { openConnection } from '#sync/storage/connection.ts';
import { endOfRange, INDEXED, NUMBER_COLUMNS, readPages, TEXT_COLUMNS } from './peer.ts';
import type { OpenPeer, Peer } from './peer.ts';

const IdSchema = z.object({ id: z.string() });
const COLUMNS = ['id', ...TEXT_COLUMNS, ...NUMBER_COLUMNS] as const;
const INSERT = `INSERT INTO members (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;

/** What most programs do: SQLite by the same driver, one prepared INSERT per row in one transaction, indexes afterwards. */
export const sqliteRows: Peer = {
	packages: [],
	open: async (folder): Promise<OpenPeer> => {
		const connection = await openConnection({
			file: join(folder, 'rows.db'),
			mode: 'create',
			pragmas: { journal_mode: 'WAL', synchronous: 'NORMAL', mmap_size: 2 ** 31 },
		});
		const count = async (name: string, prefix: string, limit: number): Promise<number> => {
			const sql = `SELECT * FROM members WHERE ${name} >= ?1 AND ${name} < ?2 LIMIT ?3`;
			return (await connection.all(sql, [prefix, endOfRange(prefix), limit])).length;
		};
		return {
			load: async (url) => {
				await connection.execute(`CREATE TABLE members (${COLUMNS.join(', ')}, PRIMARY KEY (id))`);
				await connection.transaction(async (tx) => {
					for await (const page of readPages(url))
						for (const member of page)
							await tx.run(
								INSERT,
								COLUMNS.map((name) => member[name]),
							);
				});
				for (const name of INDEXED) await connection.execute(`CREATE INDEX members_${name} ON members (${name})`);
			},
			findByCard: async (card) => {
				const row = await connection.get('SELECT * FROM members WHERE card = ?1', [card]);
				return row === null ? null : IdSchema.parse(row).id;
			},
			findByLastName: (prefix, limit) => count('last_name', prefix, limit),
			findByMobile: (prefix, limit) => count('mobile', prefix, limit),
			close: connection.close,
		};
	},
};
