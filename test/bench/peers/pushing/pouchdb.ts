import { join } from 'node:path';
import { loadPeer } from '../peer.ts';
import { BATCH, makeEvents, secondsSince } from './pusher.ts';
import type { Pusher } from './pusher.ts';

type Replication = {
	readonly on: (event: 'paused' | 'error' | 'denied', listener: (error?: unknown) => void) => Replication;
	readonly cancel: () => void;
};
type Database = {
	readonly bulkDocs: (documents: readonly object[]) => Promise<unknown>;
	readonly replicate: {
		readonly to: (url: string, options: { readonly live: true; readonly retry: true; readonly batch_size: number }) => Replication;
	};
};
type Pouch = new (name: string, options: { readonly adapter: string }) => Database;

/** One document per event, replicated to a CouchDB database; PouchDB waits and tries again by itself. */
export const pushByPouchdb: Pusher = async ({ folder, lineUrl, events }) => {
	const Pouch = loadPeer<Pouch>('pouchdb');
	const database = new Pouch(join(folder, 'pouch'), { adapter: 'leveldb' });
	const all = makeEvents(events);
	for (let first = 0; first < all.length; first += BATCH)
		await database.bulkDocs(all.slice(first, first + BATCH).map(({ id, ...event }) => ({ _id: id, ...event })));
	const startedAt = performance.now();
	await new Promise<void>((resolve, reject) => {
		const replication = database.replicate.to(`${lineUrl}/db`, { live: true, retry: true, batch_size: BATCH });
		const fail = (error: unknown): void => reject(new Error(`the replication ended: ${JSON.stringify(error)}`));
		replication.on('error', fail).on('denied', fail);
		replication.on('paused', (error) => {
			// With an error it waits for the line; without one there is nothing left to send.
			if (error !== undefined && error !== null) return;
			replication.cancel();
			resolve();
		});
	});
	return secondsSince(startedAt);
};
