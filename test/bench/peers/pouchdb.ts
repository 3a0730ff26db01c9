import { join } from 'node:path';
import { z } from 'zod';
import { loadPeer, readPages } from './peer.ts';
import type { OpenPeer, Peer } from './peer.ts';

type Database = {
	readonly bulkDocs: (documents: readonly object[]) => Promise<unknown>;
	readonly get: (id: string) => Promise<{ readonly id: string }>;
	readonly close: () => Promise<void>;
};
type Pouch = new (name: string, options: { readonly adapter: string }) => Database;

const NotFound = z.object({ status: z.literal(404) });

/** PouchDB on LevelDB; a member's document is named by its card, which is its only index here. */
export const pouchdb: Peer = {
	packages: ['pouchdb'],
	open: async (folder): Promise<OpenPeer> => {
		const Pouch = loadPeer<Pouch>('pouchdb');
		const database = new Pouch(join(folder, 'pouch'), { adapter: 'leveldb' });
		return {
			load: async (url) => {
				for await (const page of readPages(url)) await database.bulkDocs(page.map((member) => ({ _id: member.card, ...member })));
			},
			findByCard: async (card) => {
				try {
					return (await database.get(card)).id;
				} catch (cause) {
					if (NotFound.safeParse(cause).success) return null;
					throw cause;
				}
			},
			close: () => database.close(),
		};
	},
};
