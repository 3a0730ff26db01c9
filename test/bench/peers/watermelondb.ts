import { join } from 'node:path';
import { endOfRange, INDEXED, loadPeer, NUMBER_COLUMNS, readPages, TEXT_COLUMNS } from './peer.ts';
import type { OpenPeer, Peer, PeerMember } from './peer.ts';

type Clause = { readonly type: string };
type Query = { readonly fetch: () => Promise<readonly { readonly id: string }[]> };
type Database = { readonly get: (table: string) => { readonly query: (...clauses: readonly Clause[]) => Query } };
type Column = { readonly name: string; readonly type: 'string' | 'number'; readonly isIndexed?: boolean };
type Watermelon = {
	readonly Database: new (options: { readonly adapter: unknown; readonly modelClasses: readonly unknown[] }) => Database;
	readonly Model: new () => object;
	readonly appSchema: (schema: { readonly version: number; readonly tables: readonly unknown[] }) => unknown;
	readonly tableSchema: (table: { readonly name: string; readonly columns: readonly Column[] }) => unknown;
	readonly Q: {
		readonly where: (column: string, value: string | Clause) => Clause;
		readonly gte: (value: string) => Clause;
		readonly lt: (value: string) => Clause;
		readonly take: (count: number) => Clause;
	};
};
type Adapter = {
	readonly default: new (options: { readonly dbName: string; readonly schema: unknown; readonly jsi: false }) => {
		readonly initializingPromise?: Promise<void>;
	};
};
type Changes = Readonly<
	Record<string, { readonly created: readonly unknown[]; readonly updated: readonly []; readonly deleted: readonly [] }>
>;
type Sync = {
	readonly synchronize: (options: {
		readonly database: Database;
		readonly pullChanges: () => Promise<{ readonly changes: Changes; readonly timestamp: number }>;
	}) => Promise<void>;
};

/** WatermelonDB with its SQLite adapter for Node (better-sqlite3, in the main thread); it takes a first sync as one object. */
export const watermelondb: Peer = {
	packages: ['@nozbe/watermelondb', '@nozbe/watermelondb/adapters/sqlite', '@nozbe/watermelondb/sync'],
	open: async (folder): Promise<OpenPeer> => {
		const { Database, Model, appSchema, tableSchema, Q } = loadPeer<Watermelon>('@nozbe/watermelondb');
		const { default: Adapter } = loadPeer<Adapter>('@nozbe/watermelondb/adapters/sqlite');
		const { synchronize } = loadPeer<Sync>('@nozbe/watermelondb/sync');
		const columns: readonly Column[] = [
			...TEXT_COLUMNS.map((name) => ({ name, type: 'string' as const, ...(INDEXED.has(name) ? { isIndexed: true } : {}) })),
			...NUMBER_COLUMNS.map((name) => ({ name, type: 'number' as const })),
		];
		class Member extends Model {
			static readonly table = 'members';
		}
		const schema = appSchema({ version: 1, tables: [tableSchema({ name: 'members', columns })] });
		const adapter = new Adapter({ dbName: join(folder, 'watermelon.db'), schema, jsi: false });
		await adapter.initializingPromise;
		const database = new Database({ adapter, modelClasses: [Member] });
		const members = database.get('members');
		const count = async (name: string, prefix: string, limit: number): Promise<number> => {
			const found = members.query(Q.where(name, Q.gte(prefix)), Q.where(name, Q.lt(endOfRange(prefix))), Q.take(limit));
			return (await found.fetch()).length;
		};
		return {
			load: async (url) => {
				await synchronize({
					database,
					pullChanges: async () => {
						const created: PeerMember[] = [];
						for await (const page of readPages(url)) created.push(...page);
						return { changes: { members: { created, updated: [], deleted: [] } }, timestamp: 1 };
					},
				});
			},
			findByCard: async (card) => (await members.query(Q.where('card', card)).fetch())[0]?.id ?? null,
			findByLastName: (prefix, limit) => count('last_name', prefix, limit),
			findByMobile: (prefix, limit) => count('mobile', prefix, limit),
			close: async () => Promise.resolve(),
		};
	},
};
