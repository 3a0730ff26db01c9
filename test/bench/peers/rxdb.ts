import { endOfRange, INDEXED, loadPeer, NUMBER_COLUMNS, readPages, TEXT_COLUMNS } from './peer.ts';
import type { OpenPeer, Peer, PeerMember } from './peer.ts';

type Found = { readonly exec: () => Promise<readonly { readonly id: string }[]> };
type Selector = Readonly<Record<string, string | Readonly<Record<string, string>>>>;
type Members = { readonly find: (query: { readonly selector: Selector; readonly limit: number }) => Found };
type Database = {
	readonly addCollections: (collections: Readonly<Record<string, { readonly schema: object }>>) => Promise<{ readonly members: Members }>;
	readonly close: () => Promise<unknown>;
};
type RxDb = { readonly createRxDatabase: (options: { readonly name: string; readonly storage: unknown }) => Promise<Database> };
type Memory = { readonly getRxStorageMemory: () => unknown };
type Pulled = { readonly documents: readonly PeerMember[]; readonly checkpoint: { readonly page: number } };
type Replication = {
	readonly replicateRxCollection: (options: {
		readonly collection: Members;
		readonly replicationIdentifier: string;
		readonly live: false;
		readonly pull: { readonly batchSize: number; readonly handler: () => Promise<Pulled> };
	}) => { readonly awaitInitialReplication: () => Promise<void> };
};

const BATCH = 5_000;

/** RxDB with its free storage that takes more than a few hundred documents: in memory, nothing survives the process. */
export const rxdb: Peer = {
	packages: ['rxdb', 'rxdb/plugins/storage-memory', 'rxdb/plugins/replication'],
	open: async (): Promise<OpenPeer> => {
		const { createRxDatabase } = loadPeer<RxDb>('rxdb');
		const { getRxStorageMemory } = loadPeer<Memory>('rxdb/plugins/storage-memory');
		const { replicateRxCollection } = loadPeer<Replication>('rxdb/plugins/replication');
		const database = await createRxDatabase({ name: 'bench', storage: getRxStorageMemory() });
		const { members } = await database.addCollections({ members: { schema: schema() } });
		const count = async (name: string, prefix: string, limit: number): Promise<number> =>
			(await members.find({ selector: { [name]: { $gte: prefix, $lt: endOfRange(prefix) } }, limit }).exec()).length;
		return {
			load: async (url) => {
				const pages = readPages(url);
				let page = 0;
				const handler = async (): Promise<Pulled> => {
					const next = await pages.next();
					page += 1;
					return { documents: next.done === true ? [] : next.value, checkpoint: { page } };
				};
				const replication = replicateRxCollection({
					collection: members,
					replicationIdentifier: url,
					live: false,
					pull: { batchSize: BATCH, handler },
				});
				await replication.awaitInitialReplication();
			},
			findByCard: async (card) => (await members.find({ selector: { card }, limit: 1 }).exec())[0]?.id ?? null,
			findByLastName: (prefix, limit) => count('last_name', prefix, limit),
			findByMobile: (prefix, limit) => count('mobile', prefix, limit),
			close: async () => {
				await database.close();
			},
		};
	},
};

function schema(): object {
	const text = { type: 'string', maxLength: 100 };
	const long = { type: 'string' };
	return {
		version: 0,
		primaryKey: 'id',
		type: 'object',
		properties: {
			id: text,
			...Object.fromEntries(TEXT_COLUMNS.map((name) => [name, name === 'profile' || name === 'aliases' ? long : text])),
			...Object.fromEntries(NUMBER_COLUMNS.map((name) => [name, { type: 'number' }])),
		},
		required: ['id', ...TEXT_COLUMNS, ...NUMBER_COLUMNS],
		indexes: [...INDEXED],
	};
}
