import { loadPeer, endOfRange, INDEXED, NUMBER_COLUMNS, TEXT_COLUMNS } from './peer.ts';
import type { OpenPeer, Peer } from './peer.ts';

type Row = { readonly id: string };
type Database = {
	readonly connect: (connector: Connector) => Promise<void>;
	readonly waitForFirstSync: () => Promise<void>;
	readonly getOptional: (sql: string, values: readonly unknown[]) => Promise<Row | null>;
	readonly getAll: (sql: string, values: readonly unknown[]) => Promise<readonly Row[]>;
	readonly close: () => Promise<void>;
};
type Connector = {
	readonly fetchCredentials: () => Promise<{ readonly endpoint: string; readonly token: string }>;
	readonly uploadData: () => Promise<void>;
};
type Column = { readonly type: string };
type PowerSync = {
	readonly PowerSyncDatabase: new (options: {
		readonly schema: unknown;
		readonly database: { readonly dbFilename: string; readonly dbLocation: string };
	}) => Database;
	readonly Schema: new (tables: Readonly<Record<string, unknown>>) => unknown;
	readonly Table: new (
		columns: Readonly<Record<string, Column>>,
		options: { readonly indexes: Readonly<Record<string, readonly string[]>> },
	) => unknown;
	readonly column: { readonly text: Column; readonly integer: Column };
};

/** PowerSync's client for Node with its own SQLite extension, fed by a service that speaks its protocol. Views over JSON, indexes by expression. */
export const powersync: Peer = {
	packages: ['@powersync/node'],
	open: async (folder): Promise<OpenPeer> => {
		const { PowerSyncDatabase, Schema, Table, column } = loadPeer<PowerSync>('@powersync/node');
		const columns = [
			...TEXT_COLUMNS.map((name) => [name, column.text] as const),
			...NUMBER_COLUMNS.map((name) => [name, column.integer] as const),
		];
		const indexes = Object.fromEntries([...INDEXED].map((name) => [`by_${name}`, [name]]));
		const schema = new Schema({ members: new Table(Object.fromEntries(columns), { indexes }) });
		const database = new PowerSyncDatabase({ schema, database: { dbFilename: 'powersync.db', dbLocation: folder } });
		const count = async (name: string, prefix: string, limit: number): Promise<number> => {
			const sql = `SELECT * FROM members WHERE ${name} >= ? AND ${name} < ? LIMIT ?`;
			return (await database.getAll(sql, [prefix, endOfRange(prefix), limit])).length;
		};
		return {
			load: async (url) => {
				await database.connect({ fetchCredentials: async () => ({ endpoint: url, token: 'bench' }), uploadData: async () => undefined });
				await database.waitForFirstSync();
			},
			findByCard: async (card) => (await database.getOptional('SELECT * FROM members WHERE card = ?', [card]))?.id ?? null,
			findByLastName: (prefix, limit) => count('last_name', prefix, limit),
			findByMobile: (prefix, limit) => count('mobile', prefix, limit),
			close: () => database.close(),
		};
	},
};
