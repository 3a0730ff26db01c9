/** Our terminal in a process of its own: first load over HTTP, look-ups through the use cases, through the replica alone and while changes come. */
import { mkdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CursorSchema, LoyaltyBarcodeSchema } from '#shared/domain/ids.ts';
import { shardOf } from '#shared/domain/shard.ts';
import { assert, must } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { openConnection } from '#sync/storage/connection.ts';
import { FEED_LINE_ROWS_MAX, SHARD_COUNT } from '#shared/wire/limits.ts';
import type { Services } from '#main/ports.ts';
import type { TerminalContext } from '#main/terminal/context.ts';
import { identify } from '#main/terminal/member/identify.ts';
import { openContext, openTerminal, unlock, watchLoad } from '../runner/open-terminal.ts';
import { readProgramOptions, tellMissing, tellValues } from '../runner/outcome.ts';
import type { Values } from '../runner/outcome.ts';
import { latencyValues, peakMemoryMib, sample } from '../runner/sample.ts';
import { createBenchBase, createQuestions } from '../runner/synthetic-member.ts';

const OptionsSchema = z.object({
	phase: z.enum(['load', 'cold']),
	folder: z.string(),
	hqUrl: z.string(),
	pairingCode: z.string(),
	pins: z.array(z.object({ name: z.string(), pin: z.string() })),
	members: z.int(),
	lookups: z.int(),
});

const MMAP_BYTES = 0x7fff_0000;
const SEED = 1;
const SEARCH_LIMIT = 20;
const MISS_EVERY = 11;
/** Changes that are applied while somebody looks up, at most: the looking ends with them. */
const CHANGES_MAX = 20_000;
/** A page of changes, as headquarters sends them to a terminal that was away for a while. */
const PAGE_ROWS = 2_000;

/** Since the process began: what starting Node and reading the modules takes. */
const modulesMs = performance.now();
const options = readProgramOptions(OptionsSchema);
const questions = createQuestions(options.members, SEED);

async function load(): Promise<Values> {
	await rm(options.folder, { recursive: true, force: true });
	await mkdir(options.folder, { recursive: true });
	const services = await openTerminal(options.folder, options);
	const { beganAt, firstAt, loadedAt, duringMs, pauses } = await watchLoad(services, options.pins, questions.card().card);
	const peakMib = peakMemoryMib();
	const status = await services.api['status.get']({});
	assert(status.ok && status.value.members.rows === options.members, 'every member of headquarters is on the terminal');
	const fileMib = (await stat(join(options.folder, 'replica.db'))).size / 2 ** 20;
	// Made after the load, so that they are not in its memory.
	const asked = prepareQuestions();
	const inServices = await lookUpInServices(services, asked);
	await services.stop();
	const loadS = (loadedAt - beganAt) / 1000;
	return {
		loadS,
		rowsPerS: options.members / loadS,
		firstS: (firstAt - beganAt) / 1000,
		...pauses,
		peakMib,
		fileMib,
		...latencyValues('during', duringMs),
		...inServices,
		...(await lookUpInReplica(asked)),
	};
}

type Asked = { readonly text: string; readonly id: string | null };

/** Made beforehand, so that inventing members is not in anybody's time. `id` is null where nobody is to be found. */
function askCards(count: number): readonly Asked[] {
	return Array.from({ length: count }, (_, index) => {
		if (index % MISS_EVERY === 0) return { text: questions.unknownCard(), id: null };
		const { card, id } = questions.card();
		return { text: card, id };
	});
}

type Prepared = {
	readonly cards: readonly Asked[];
	readonly names: readonly { readonly first: string; readonly last: string }[];
	readonly mobiles: readonly string[];
};

function prepareQuestions(): Prepared {
	const few = Math.ceil(options.lookups / 10);
	return {
		cards: askCards(options.lookups),
		names: Array.from({ length: few }, questions.name),
		mobiles: Array.from({ length: few }, questions.mobile),
	};
}

/** `cardServices…`: what the till waits for, from the scanned text to the whole card of the member with what is pending. */
async function lookUpInServices({ api }: Services, { cards, names, mobiles }: Prepared): Promise<Values> {
	const ofCards = await sample(cards, async ({ text, id }) => {
		const identified = await api['member.identify']({ text, source: 'scan' });
		assert(identified.ok && (identified.value.kind === 'unknown_card') === (id === null), 'a card is found, another is not');
	});
	const ofNames = await sample(names, async ({ first, last }) => {
		await api['member.identify']({ text: `${last} ${first}`, source: 'typed' });
	});
	const ofMobiles = await sample(mobiles, async (text) => {
		await api['member.identify']({ text, source: 'typed' });
	});
	return {
		...latencyValues('cardServices', ofCards),
		...latencyValues('nameServices', ofNames),
		...latencyValues('mobileServices', ofMobiles),
	};
}

async function lookUpInReplica({ cards, names, mobiles }: Prepared): Promise<Values> {
	const { context, close } = await openContext(options.folder);
	const { replica } = context;
	const ofCards = await sample(cards, async ({ text, id }) => {
		assert(((await replica.findByBarcode(LoyaltyBarcodeSchema.parse(text)))?.id ?? null) === id, 'a card is found, another is not');
	});
	const ofNames = await sample(names, async ({ last }) => {
		await replica.searchByName(last, SEARCH_LIMIT);
	});
	const ofMobiles = await sample(mobiles, async (text) => {
		await replica.findByMobile(text, SEARCH_LIMIT);
	});
	const applied = await lookUpWhileApplying(context, cards);
	await close();
	const limits = await lookUpBare(cards);
	return {
		...latencyValues('card', ofCards),
		...latencyValues('name', ofNames),
		...latencyValues('mobile', ofMobiles),
		...applied,
		...limits,
	};
}

/** What the driver alone takes on this machine now: the way to its thread and back, and one prepared statement by an index. */
async function lookUpBare(cards: readonly Asked[]): Promise<Values> {
	const connection = await openConnection({
		file: join(options.folder, 'replica.db'),
		mode: 'read_only',
		pragmas: { mmap_size: MMAP_BYTES },
	});
	const hops = await sample(cards, async () => {
		await connection.all('SELECT 1');
	});
	const bare = await sample(cards, async ({ text }) => {
		await connection.all('SELECT * FROM member WHERE card = ?1', [text]);
	});
	await connection.close();
	return { ...latencyValues('hop', hops), ...latencyValues('bare', bare) };
}

/** The use case without a pause while page after page of changed members is stored as fast as it goes. */
async function lookUpWhileApplying(context: TerminalContext, cards: readonly Asked[]): Promise<Values> {
	const { replica } = context;
	const pages = changedPages(Math.min(CHANGES_MAX, options.members));
	const end = new AbortController();
	const startedAt = performance.now();
	const applying = (async () => {
		for (const [index, lines] of pages.entries()) {
			const next = CursorSchema.parse(`bench-${index}`);
			const applied = await replica.applyPage({ lines, next, hqEpoch: replica.state().hqEpoch, asOfMs: Date.now() });
			assert(applied.ok && applied.value.rows > 0, 'changes are stored');
		}
		end.abort();
		return performance.now();
	})();
	const samples: number[] = [];
	for (let index = 0; !end.signal.aborted; index = (index + 1) % cards.length) {
		const { text, id } = must(cards[index], 'a question');
		const askedAt = performance.now();
		const identified = await identify(context, { text, source: 'scan' });
		samples.push(performance.now() - askedAt);
		assert(identified.ok && (identified.value.kind === 'unknown_card') === (id === null), 'a card is found, another is not');
	}
	const changes = pages.reduce((sum, lines) => sum + lines.length * FEED_LINE_ROWS_MAX, 0);
	return { ...latencyValues('applying', samples), changesPerS: changes / (((await applying) - startedAt) / 1000) };
}

/** Members here and there with a higher version and other points, as lines of the feed. */
function changedPages(changes: number): readonly (readonly Uint8Array[])[] {
	const base = createBenchBase();
	const random = seededRandom(SEED);
	const row = (): readonly unknown[] => {
		const member = base.member(Math.floor(random.fraction() * options.members));
		const { id, status, card, cardStatus, firstName, lastName, mobile, email, tier, tierPoints, updatedAtMs, aliases, profile } = member;
		const ver = 2 + Math.floor(random.fraction() * 1_000_000);
		const [shard, points] = [shardOf(id, SHARD_COUNT), Math.floor(random.fraction() * 10_000)];
		const person = [status, card, cardStatus, firstName, lastName, mobile, email];
		return [id, ver, ...person, points, tier, tierPoints, updatedAtMs, null, null, aliases, profile, shard, ver];
	};
	const line = (): Uint8Array => new TextEncoder().encode(JSON.stringify(Array.from({ length: FEED_LINE_ROWS_MAX }, row)));
	return Array.from({ length: Math.ceil(changes / PAGE_ROWS) }, () => Array.from({ length: PAGE_ROWS / FEED_LINE_ROWS_MAX }, line));
}

/** A start over the files of a load: until the services answer, and the first look-up alone. */
async function findCold(): Promise<Values> {
	const { card } = questions.card();
	const openedAt = performance.now();
	const services = await openTerminal(options.folder, null);
	const readyAt = performance.now();
	// Checking a PIN is slow on purpose, and a person types it first: not in the time.
	await unlock(services, options.pins);
	const askedAt = performance.now();
	const identified = await services.api['member.identify']({ text: card, source: 'scan' });
	const answeredAt = performance.now();
	assert(identified.ok && identified.value.kind !== 'unknown_card', 'a card is found');
	const coldMs = readyAt - openedAt + (answeredAt - askedAt);
	return { coldMs, coldLookupMs: answeredAt - askedAt, startMs: modulesMs + coldMs };
}

try {
	await tellValues(await (options.phase === 'load' ? load() : findCold()));
} catch (cause) {
	await tellMissing(cause);
}
