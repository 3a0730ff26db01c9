import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { assert, must } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { FeedHeaderSchema } from '#shared/wire/feed.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { HqContext } from '#sync/hq/context.ts';
import { encodeCursor } from '#sync/hq/feed/cursor.ts';
import { createFeedReader } from '#sync/hq/feed/feed-reader.ts';
import { createPublisher } from '#sync/hq/feed/publisher.ts';
import type { Values } from '../../runner/outcome.ts';
import { latencyValues } from '../../runner/sample.ts';
import { buyersBelow, openBenchTerminal } from './bench-terminal.ts';

const WRITERS = 16;
const SALES_PER_PUSH = 5;
/** Between two pushes of one writer: 16 tills at work, not a flood in which every wait is for the processor. */
const PAUSE_MS = 50;
const WAIT_MS = 5_000;

const RowSchema = z.tuple([z.string(), z.int()]).rest(z.unknown());

/** From the answer to a push until a reader that waits has the member in at least that version; `missed` are those that it never got. */
export async function measureFeed(
	context: HqContext,
	{ members, events }: { readonly members: number; readonly events: number },
): Promise<Values> {
	const publisher = createPublisher(context);
	await publisher.start();
	await publisher.publishAll();
	const watch = createWatch();
	const stop = new AbortController();
	const reading = read(context, publisher, { watch, signal: stop.signal });
	const startedAt = performance.now();
	const pushes = Math.max(1, Math.floor(events / WRITERS / SALES_PER_PUSH));
	const buyers = buyersBelow(members, members);
	await Promise.all(Array.from({ length: WRITERS }, (_, number) => write(context, { number, pushes, buyers, watch })));
	const seconds = (performance.now() - startedAt) / 1000;
	await publisher.publishAll();
	await pause(1_000);
	stop.abort();
	await reading;
	await publisher.stop();
	return { ...latencyValues('lag', watch.lagsMs), missed: watch.waiting(), eventsPerS: (WRITERS * pushes * SALES_PER_PUSH) / seconds };
}

type Watch = ReturnType<typeof createWatch>;

/** Brings what was answered and what was seen together, in whatever order the two come. */
function createWatch() {
	const seen = new Map<string, number>();
	const expected = new Map<string, { readonly ver: number; readonly atMs: number }[]>();
	const lagsMs: number[] = [];
	return {
		lagsMs,
		waiting: () => [...expected.values()].reduce((sum, list) => sum + list.length, 0),
		answered: (member: string, ver: number): void => {
			if ((seen.get(member) ?? 0) >= ver) lagsMs.push(0);
			else expected.set(member, [...(expected.get(member) ?? []), { ver, atMs: performance.now() }]);
		},
		told: (member: string, ver: number): void => {
			seen.set(member, Math.max(ver, seen.get(member) ?? 0));
			const left = (expected.get(member) ?? []).filter((wanted) => {
				if (wanted.ver > ver) return true;
				lagsMs.push(performance.now() - wanted.atMs);
				return false;
			});
			if (left.length === 0) expected.delete(member);
			else expected.set(member, left);
		},
	};
}

type Writing = { readonly number: number; readonly pushes: number; readonly buyers: readonly number[]; readonly watch: Watch };

async function write(context: HqContext, { number, pushes, buyers, watch }: Writing): Promise<void> {
	const random = seededRandom(number + 1);
	const terminal = await openBenchTerminal(context, `F${number}`);
	await pause(random.fraction() * PAUSE_MS);
	for (let count = 0; count < pushes; count += 1) {
		const pick = (): number => must(buyers[Math.floor(random.fraction() * buyers.length)], 'a buyer');
		const results = await terminal.push(terminal.sales(Array.from({ length: SALES_PER_PUSH }, pick)));
		for (const { applied_to: member, applied_ver: ver } of results) watch.answered(must(member, 'whose it is'), must(ver, 'its version'));
		await pause(PAUSE_MS);
	}
}

type Reading = { readonly watch: Watch; readonly signal: AbortSignal };

async function read(context: HqContext, publisher: ReturnType<typeof createPublisher>, { watch, signal }: Reading): Promise<void> {
	const reader = createFeedReader(context, publisher);
	let cursor: string = encodeCursor({
		epoch: context.epoch,
		seqs: Array.from({ length: SHARD_COUNT }, (_, shard) => publisher.heads().seqs[shard] ?? 0),
	});
	while (!signal.aborted) {
		const page = await reader.read({ cursor, waitMs: WAIT_MS, signal });
		assert(page.ok, 'the feed goes on');
		const [header = '', ...lines] = page.value.trimEnd().split('\n');
		for (const line of lines) for (const [member, ver] of z.array(RowSchema).parse(JSON.parse(line))) watch.told(member, ver);
		cursor = FeedHeaderSchema.parse(JSON.parse(header)).next;
	}
	reader.close();
}
