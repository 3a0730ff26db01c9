import type { PeerName } from '../peers/peer.ts';

/** Rows of the tables that others refer to. */
export const OURS = 'Regulars';

/** `note` is printed beside it; only what is durable is a fair measure of what is durable. */
export type NamedPeer = { readonly peer: PeerName; readonly name: string; readonly note: string; readonly isDurable: boolean };

export const PEERS: readonly NamedPeer[] = [
	{ peer: 'powersync', name: 'PowerSync', note: 'durable; its service’s protocol, not compressed', isDurable: true },
	{ peer: 'watermelondb', name: 'WatermelonDB', note: 'durable; takes a first sync as one object', isDurable: true },
	{ peer: 'pouchdb', name: 'PouchDB', note: 'durable; found by document id alone', isDurable: true },
	{ peer: 'rxdb', name: 'RxDB, memory', note: 'not durable', isDurable: false },
	{ peer: 'sqlite3-rows', name: 'sqlite3, row by row', note: 'durable; the same driver, one INSERT per row', isDurable: true },
];

/** Peers that are libraries and keep what they are given. */
export const DURABLE_LIBRARIES: ReadonlySet<string> = new Set(
	PEERS.filter(({ isDurable, peer }) => isDurable && peer !== 'sqlite3-rows').map(({ name }) => name),
);
