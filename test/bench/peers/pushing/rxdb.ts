import { loadPeer } from '../peer.ts';
import { BATCH, makeEvents, postEvents, RETRY_MS, secondsSince } from './pusher.ts';
import type { BenchEvent, Pusher } from './pusher.ts';

type Events = { readonly bulkInsert: (events: readonly BenchEvent[]) => Promise<unknown> };
type Database = {
	readonly addCollections: (collections: Readonly<Record<string, { readonly schema: object }>>) => Promise<{ readonly events: Events }>;
};
type RxDb = { readonly createRxDatabase: (options: { readonly name: string; readonly storage: unknown }) => Promise<Database> };
type Memory = { readonly getRxStorageMemory: () => unknown };
type Pushed = readonly { readonly newDocumentState: BenchEvent }[];
type Replication = {
	readonly replicateRxCollection: (options: {
		readonly collection: Events;
		readonly replicationIdentifier: string;
		readonly live: false;
		readonly retryTime: number;
		readonly push: { readonly batchSize: number; readonly handler: (rows: Pushed) => Promise<readonly []> };
	}) => { readonly awaitInitialReplication: () => Promise<void> };
};

const SCHEMA = {
	version: 0,
	primaryKey: 'id',
	type: 'object',
	properties: { id: { type: 'string', maxLength: 40 }, member: { type: 'string' }, points: { type: 'number' } },
};

/** The push handler of a replication, as RxDB's guide to HTTP replication writes it. */
export const pushByRxdb: Pusher = async ({ lineUrl, events }) => {
	const { createRxDatabase } = loadPeer<RxDb>('rxdb');
	const { getRxStorageMemory } = loadPeer<Memory>('rxdb/plugins/storage-memory');
	const { replicateRxCollection } = loadPeer<Replication>('rxdb/plugins/replication');
	const database = await createRxDatabase({ name: 'push', storage: getRxStorageMemory() });
	const { events: collection } = await database.addCollections({ events: { schema: SCHEMA } });
	await collection.bulkInsert(makeEvents(events));
	const startedAt = performance.now();
	const replication = replicateRxCollection({
		collection,
		replicationIdentifier: lineUrl,
		live: false,
		retryTime: RETRY_MS,
		push: {
			batchSize: BATCH,
			handler: async (rows) => {
				await postEvents(
					lineUrl,
					rows.map(({ newDocumentState: { id, member, points } }) => ({ id, member, points })),
				);
				return [];
			},
		},
	});
	await replication.awaitInitialReplication();
	return secondsSince(startedAt);
};
