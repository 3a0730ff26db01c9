import { setTimeout as pause } from 'node:timers/promises';
import { loadPeer } from '../peer.ts';
import { BATCH, makeEvents, postEvents, RETRY_MS, secondsSince } from './pusher.ts';
import type { Pusher } from './pusher.ts';

type Batch = {
	readonly crud: readonly { readonly id: string; readonly opData?: { readonly member: string; readonly points: number } }[];
	readonly complete: () => Promise<void>;
};
type Transaction = { readonly execute: (sql: string, values: readonly unknown[]) => Promise<unknown> };
type Connector = {
	readonly fetchCredentials: () => Promise<{ readonly endpoint: string; readonly token: string }>;
	readonly uploadData: (database: Database) => Promise<void>;
};
type Database = {
	readonly connect: (connector: Connector, options: { readonly retryDelayMs: number }) => Promise<void>;
	readonly writeTransaction: (work: (tx: Transaction) => Promise<void>) => Promise<void>;
	readonly getCrudBatch: (limit: number) => Promise<Batch | null>;
	readonly get: (sql: string) => Promise<{ readonly count: number }>;
};
type Column = { readonly type: string };
type PowerSync = {
	readonly PowerSyncDatabase: new (options: {
		readonly schema: unknown;
		readonly database: { readonly dbFilename: string; readonly dbLocation: string };
	}) => Database;
	readonly Schema: new (tables: Readonly<Record<string, unknown>>) => unknown;
	readonly Table: new (columns: Readonly<Record<string, Column>>) => unknown;
	readonly column: { readonly text: Column; readonly integer: Column };
};

const LOOK_EVERY_MS = 100;

/** The upload queue with an `uploadData` as PowerSync's documentation writes it: the batch is complete once the application's own call was answered. */
export const pushByPowersync: Pusher = async ({ folder, lineUrl, serviceUrl, events }) => {
	const { PowerSyncDatabase, Schema, Table, column } = loadPeer<PowerSync>('@powersync/node');
	const schema = new Schema({ events: new Table({ member: column.text, points: column.integer }) });
	const database = new PowerSyncDatabase({ schema, database: { dbFilename: 'powersync.db', dbLocation: folder } });
	await database.writeTransaction(async (tx) => {
		for (const { id, member, points } of makeEvents(events))
			await tx.execute('INSERT INTO events (id, member, points) VALUES (?, ?, ?)', [id, member, points]);
	});
	const startedAt = performance.now();
	await database.connect(
		{
			fetchCredentials: async () => ({ endpoint: serviceUrl, token: 'bench' }),
			uploadData: async (of) => {
				for (let batch = await of.getCrudBatch(BATCH); batch !== null; batch = await of.getCrudBatch(BATCH)) {
					await postEvents(
						lineUrl,
						batch.crud.map(({ id, opData }) => ({ id, member: opData?.member ?? '', points: opData?.points ?? 0 })),
					);
					await batch.complete();
				}
			},
		},
		{ retryDelayMs: RETRY_MS },
	);
	while ((await database.get('SELECT count(*) AS count FROM ps_crud')).count > 0) await pause(LOOK_EVERY_MS);
	return secondsSince(startedAt);
};
