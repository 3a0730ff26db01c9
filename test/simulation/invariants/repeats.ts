import { must } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { PushResponseSchema } from '#shared/wire/push.ts';
import type { OutboxRow } from '#sync/outbox/fake-outbox-rows.ts';
import { copyTables } from '../memory-database/tables.ts';
import type { Tables } from '../memory-database/tables.ts';
import type { World } from '../world/world.ts';

const BATCH_MAX = 9;
const ANSWERED_WITHIN_MS = 20_000;

/**
 * I9: everything that terminals have sent is sent again, in other batches, in another order, to every process and to two of them at once: the
 * same outcomes, and nothing in headquarters' tables changes.
 */
export async function checkRepeats(world: World): Promise<void> {
	const before = copyTables(world.store.tables());
	const random = seededRandom(world.plan.seed + 5);
	const sent: Promise<void>[] = [];
	for (const { terminal, disk } of world.machines) {
		const rows = [...disk().outbox.rows.values()].filter((row) => before.event.has(row.eventId));
		for (const batch of inBatches(shuffled(rows, random.fraction), random.fraction))
			for (const process of world.processes) if (process !== null) sent.push(sendAgain(world, { terminal, batch, handle: process.handle }));
	}
	let answered = 0;
	for (const answer of sent) void answer.then(() => (answered += 1));
	await world.time.advance(ANSWERED_WITHIN_MS);
	if (answered < sent.length) world.report('I9', 'a request that was sent again is not answered');
	compare(before, world.store.tables(), world.report);
}

type Again = {
	readonly terminal: string;
	readonly batch: readonly OutboxRow[];
	readonly handle: NonNullable<World['processes'][number]>['handle'];
};

async function sendAgain(world: World, { terminal, batch, handle }: Again): Promise<void> {
	const events = batch.map(({ event, eventId, seq }) => ({ ...event, event_id: eventId, seq }));
	const body = Buffer.from(JSON.stringify({ terminal, incarnation: batch[0]?.incarnation, events }));
	const answer = await handle({ terminal, method: 'POST', path: 'events/bulk', headers: {}, body });
	if (answer.status !== 200) return;
	const { results } = PushResponseSchema.parse(JSON.parse(new TextDecoder().decode(answer.body)));
	for (const [index, { eventId }] of batch.entries()) {
		const truth = must(world.store.tables().event.get(eventId), 'what is sent again is there');
		const expected =
			truth.status === 'applied' ? `duplicate to ${truth.applied_to} v${truth.applied_ver}` : 'rejected to undefined vundefined';
		const result = results[index];
		const got = `${result?.status} to ${result?.applied_to} v${result?.applied_ver}`;
		if (got !== expected || result?.event_id !== eventId) world.report('I9', `${eventId} sent again is ${got}, not ${expected}`);
	}
}

function compare(before: Tables, after: Tables, report: World['report']): void {
	for (const name of ['member', 'card_index', 'forgotten_card', 'event', 'sale', 'ledger_entry', 'change_staging', 'shard'] as const) {
		const [was, is]: readonly ReadonlyMap<string, unknown>[] = [before[name], after[name]];
		const isSame = was?.size === is?.size && [...(was ?? [])].every(([key, row]) => is?.get(key) === row);
		if (!isSame) report('I9', `sending everything again changed the table ${name}`);
	}
}

function shuffled<T>(items: readonly T[], fraction: () => number): readonly T[] {
	return items
		.map((item) => ({ item, place: fraction() }))
		.toSorted((left, right) => left.place - right.place)
		.map(({ item }) => item);
}

function inBatches<T>(items: readonly T[], fraction: () => number): readonly (readonly T[])[] {
	const batches: T[][] = [];
	for (const item of items) {
		const last = batches.at(-1);
		if (last === undefined || last.length >= BATCH_MAX || fraction() < 0.2) batches.push([item]);
		else last.push(item);
	}
	return batches;
}
