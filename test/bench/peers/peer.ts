/**
 * What the bench asks of a synchronisation library: to load members over HTTP into its own store below a folder and to find them again.
 * Each of the files beside this one does it as the library's own documentation advises.
 */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { z } from 'zod';
import { PROJECT_ROOT } from '../../support/child.ts';

/** Where the packages of `packages/package.json` are installed: outside of the sources, for nothing of the project is to see them. */
export const PEERS_FOLDER = join(PROJECT_ROOT, '.cache/bench/peers');

export const PEER_NAMES = ['powersync', 'watermelondb', 'pouchdb', 'rxdb', 'sqlite3-rows'] as const;
export type PeerName = (typeof PEER_NAMES)[number];

export type Peer = {
	/** What `open` loads by `loadPeer`. */
	readonly packages: readonly string[];
	/** Opens or makes the store in `folder`. */
	readonly open: (folder: string) => Promise<OpenPeer>;
};

export type OpenPeer = {
	/** Loads all members of a member server; resolves when the library itself says that it is complete. */
	readonly load: (url: string) => Promise<void>;
	/** The id of the member with this card. */
	readonly findByCard: (card: string) => Promise<string | null>;
	/** How many of at most `limit` members have a last name that begins so; absent when the library has no index for it. */
	readonly findByLastName?: (prefix: string, limit: number) => Promise<number>;
	readonly findByMobile?: (prefix: string, limit: number) => Promise<number>;
	readonly close: () => Promise<void>;
};

/** A member as the server's pages have it. */
export const MemberSchema = z.object({
	id: z.string(),
	card: z.string(),
	first_name: z.string(),
	last_name: z.string(),
	mobile: z.string(),
	email: z.string(),
	points: z.int(),
	tier: z.string(),
	tier_points: z.int(),
	status: z.string(),
	updated_at: z.int(),
	aliases: z.string(),
	profile: z.string(),
});
export type PeerMember = z.infer<typeof MemberSchema>;

export const TEXT_COLUMNS = ['card', 'first_name', 'last_name', 'mobile', 'email', 'tier', 'status', 'aliases', 'profile'] as const;
export const NUMBER_COLUMNS = ['points', 'tier_points', 'updated_at'] as const;
/** Columns by which members are looked for. */
export const INDEXED: ReadonlySet<string> = new Set(['card', 'last_name', 'mobile', 'email']);

/** Loads a package of the peers. */
export function loadPeer<T>(name: string): T {
	// It need not be installed when types are checked; each caller writes down as much of its interface as it uses.
	return createRequire(join(PEERS_FOLDER, 'package.json'))(name) as T;
}

/** The server's pages, one after another. */
export async function* readPages(url: string): AsyncGenerator<readonly PeerMember[]> {
	for (let page = 0; ; page += 1) {
		const answer = await fetch(`${url}/members?page=${page}`);
		// Not parsed row by row: that would be time of ours in the time of theirs. The server is the bench's own.
		const rows = (await answer.json()) as readonly PeerMember[];
		if (rows.length === 0) return;
		yield rows;
	}
}

/** The end of the range of texts that begin with `prefix`. */
export function endOfRange(prefix: string): string {
	return `${prefix}\uffff`;
}
