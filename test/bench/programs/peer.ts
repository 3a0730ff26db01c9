/** One peer in a process of its own: loads the members over HTTP, then finds them; or, `cold`, opens what was loaded and finds one. */
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { assert } from '#shared/lib/assert.ts';
import { loadPeer, PEER_NAMES } from '../peers/peer.ts';
import type { OpenPeer, Peer, PeerName } from '../peers/peer.ts';
import { pouchdb } from '../peers/pouchdb.ts';
import { powersync } from '../peers/powersync.ts';
import { rxdb } from '../peers/rxdb.ts';
import { sqliteRows } from '../peers/sqlite3-rows.ts';
import { watermelondb } from '../peers/watermelondb.ts';
import { readProgramOptions, tellMissing, tellValues } from '../runner/outcome.ts';
import type { Values } from '../runner/outcome.ts';
import { latencyValues, peakMemoryMib, sample, watchEventLoop } from '../runner/sample.ts';
import { createQuestions } from '../runner/synthetic-member.ts';

const OptionsSchema = z.object({
	peer: z.enum(PEER_NAMES),
	phase: z.enum(['load', 'cold']),
	folder: z.string(),
	url: z.string(),
	members: z.int(),
	lookups: z.int(),
});

const PEERS: Readonly<Record<PeerName, Peer>> = { powersync, watermelondb, pouchdb, rxdb, 'sqlite3-rows': sqliteRows };
const SEED = 1;
const SEARCH_LIMIT = 20;
/** One miss to ten hits, as at a till. */
const MISS_EVERY = 11;
const LOOK_EVERY_MS = 100;

const options = readProgramOptions(OptionsSchema);
const questions = createQuestions(options.members, SEED);

async function load(): Promise<Values> {
	await rm(options.folder, { recursive: true, force: true });
	await mkdir(options.folder, { recursive: true });
	const peer = await PEERS[options.peer].open(options.folder);
	const loop = watchEventLoop();
	const startedAt = performance.now();
	const loading = peer.load(options.url).then(() => performance.now());
	const firstAt = await waitForFirst(peer, loading);
	const loadedAt = await loading;
	const pauses = loop.end();
	const peakMib = peakMemoryMib();
	const { card, id } = questions.card();
	assert((await peer.findByCard(card)) === id, 'what was loaded is found');
	const found = await lookUp(peer);
	await peer.close();
	return {
		loadS: (loadedAt - startedAt) / 1000,
		rowsPerS: options.members / ((loadedAt - startedAt) / 1000),
		firstS: (firstAt - startedAt) / 1000,
		...pauses,
		peakMib,
		fileMib: (await sizeOf(options.folder)) / 2 ** 20,
		...found,
	};
}

/** The moment at which one member out of the middle is found for the first time; at the latest that of the end of the load. */
async function waitForFirst(peer: OpenPeer, loading: Promise<number>): Promise<number> {
	const { card, id } = questions.card();
	const end = new AbortController();
	const stop = (): void => end.abort();
	void loading.then(stop, stop);
	while (!end.signal.aborted) {
		// Before the first rows some of them have no table to look into.
		const found = await peer.findByCard(card).catch(() => null);
		if (found === id) return performance.now();
		await Promise.race([loading, pause(LOOK_EVERY_MS)]);
	}
	return loading;
}

async function lookUp({ findByCard, findByLastName, findByMobile }: OpenPeer): Promise<Values> {
	const cards = Array.from({ length: options.lookups }, (_, index) =>
		index % MISS_EVERY === 0 ? { card: questions.unknownCard(), id: null } : questions.card(),
	);
	const few = Math.ceil(options.lookups / 10);
	const [names, mobiles] = [Array.from({ length: few }, questions.name), Array.from({ length: few }, questions.mobile)];
	const ofCards = await sample(cards, async ({ card, id }) => {
		assert((await findByCard(card)) === id, 'a card is found, another is not');
	});
	const ofNames = findByLastName && (await sample(names, async ({ last }) => void (await findByLastName(last, SEARCH_LIMIT))));
	const ofMobiles = findByMobile && (await sample(mobiles, async (mobile) => void (await findByMobile(mobile, SEARCH_LIMIT))));
	return {
		...latencyValues('card', ofCards),
		...(ofNames === undefined ? {} : latencyValues('name', ofNames)),
		...(ofMobiles === undefined ? {} : latencyValues('mobile', ofMobiles)),
	};
}

async function findCold(): Promise<Values> {
	const { card, id } = questions.card();
	const { packages, open } = PEERS[options.peer];
	for (const name of packages) loadPeer(name);
	const openedAt = performance.now();
	const peer = await open(options.folder);
	const askedAt = performance.now();
	assert((await peer.findByCard(card)) === id, 'a card is found');
	return { coldMs: performance.now() - openedAt, coldLookupMs: performance.now() - askedAt };
}

async function sizeOf(folder: string): Promise<number> {
	const entries = await readdir(folder, { recursive: true, withFileTypes: true });
	const sizes = await Promise.all(
		entries.filter((entry) => entry.isFile()).map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
	);
	return sizes.reduce((sum, size) => sum + size, 0);
}

try {
	await tellValues(await (options.phase === 'load' ? load() : findCold()));
} catch (cause) {
	await tellMissing(cause);
}
