import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { EventIdSchema } from '#shared/domain/ids.ts';
import type { EventId } from '#shared/domain/ids.ts';
import { assert, must } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { PushResponseSchema } from '#shared/wire/push.ts';
import { barcodeToTry, startHeadquartersProcess } from '../support/headquarters.ts';
import type { HeadquartersProcess } from '../support/headquarters.ts';
import { createOperator } from '../support/operator.ts';

export type HeadquartersKillRun = {
	readonly rounds: number;
	readonly seed: number;
	/** Of headquarters: its embedded database, unless `databaseUrl` names a server. */
	readonly folder: string;
	readonly databaseUrl?: string;
	readonly onRound?: (round: number, answered: number) => void;
};

const EVENTS_PER_PUSH = 20;
const POINTS = 3;
const KILL_WITHIN_MS = 700;
/** Pushes under way at once, so that a kill always cuts some off. */
const PUSHERS = 3;

type Event = { readonly event_id: EventId; readonly customer: string; readonly action: string; readonly data: object };

/**
 * Kills headquarters with -9 at random moments while events are pushed, starts it again on the same data, and asks for every event that it had
 * answered: each must be known with its outcome, and the member's balance must hold each exactly once. Throws with seed and round of the first violation.
 */
export async function killHeadquarters(run: HeadquartersKillRun): Promise<{ readonly answered: number; readonly unanswered: number }> {
	const random = seededRandom(run.seed);
	const total = { sent: 0, answered: 0 };
	let headquarters = await start(run, true);
	const card = barcodeToTry(headquarters, /gold/);
	const member = must(await createOperator(headquarters.ready.url).findByBarcode(card), 'the gold member');
	const newEvent = (): Event => ({
		event_id: EventIdSchema.parse(uuidV7(Date.now(), random)),
		customer: member.id,
		action: 'point_add',
		data: { points: POINTS, reason: 'durability' },
	});
	for (let round = 1; round <= run.rounds; round += 1) {
		const where = `seed ${run.seed}, round ${round}`;
		const sent = await killWhilePushing(headquarters, newEvent, 50 + random.fraction() * KILL_WITHIN_MS);
		headquarters = await start(run, false);
		await expectAllKnown(headquarters, sent, where);
		total.sent += sent.length;
		total.answered += sent.filter(({ isAnswered }) => isAnswered).length;
		// The balance is of all rounds: what an earlier one was sure of is looked at again.
		const now = must(await createOperator(headquarters.ready.url).find(member.id), 'the gold member');
		const expected = member.spendable + total.sent * POINTS;
		assert(now.spendable === expected, `${where}: ${now.spendable} points instead of ${expected}`);
		run.onRound?.(round, total.answered);
	}
	await headquarters.stop();
	return { answered: total.answered, unanswered: total.sent - total.answered };
}

async function start({ folder, databaseUrl }: HeadquartersKillRun, isFirst: boolean): Promise<HeadquartersProcess> {
	return startHeadquartersProcess({
		data: folder,
		members: 200,
		terminals: isFirst ? ['KOSS/Kossuth tér/T1/Till by the door'] : [],
		...(databaseUrl === undefined ? {} : { env: { DATABASE_URL: databaseUrl } }),
	});
}

type Sent = { readonly event: Event; isAnswered: boolean };

async function killWhilePushing(headquarters: HeadquartersProcess, newEvent: () => Event, afterMs: number): Promise<readonly Sent[]> {
	const all = new Map<EventId, Sent>();
	let isKilled = false;
	const warm = Promise.withResolvers<void>();
	const operator = createOperator(headquarters.ready.url);
	const pushOn = async (): Promise<void> => {
		while (!isKilled) {
			const events = Array.from({ length: EVENTS_PER_PUSH }, newEvent);
			for (const event of events) all.set(event.event_id, { event, isAnswered: false });
			const results = await push(operator, events);
			// No answer: the process is gone, and with it whether it had stored them.
			if (results === null) return;
			for (const { event_id: eventId, status } of results) {
				assert(status === 'applied', () => `a new event is applied: ${status}`);
				must(all.get(must(eventId, 'an id')), 'the event').isAnswered = true;
			}
			warm.resolve();
		}
	};
	const pushing = Promise.all(Array.from({ length: PUSHERS }, pushOn));
	// On a busy machine the first answer may take seconds: a kill before it would prove nothing.
	await Promise.race([warm.promise, pushing]);
	await pause(afterMs);
	await headquarters.kill();
	isKilled = true;
	await pushing;
	return [...all.values()];
}

type Answers = z.infer<typeof PushResponseSchema>['results'];

async function push(operator: ReturnType<typeof createOperator>, events: readonly Event[]): Promise<Answers | null> {
	try {
		const answer = await operator.call('POST', '/events/bulk', { events });
		return answer.ok ? PushResponseSchema.parse(await answer.json()).results : null;
	} catch (cause) {
		if (cause instanceof TypeError || (cause instanceof Error && cause.name === 'AbortError')) return null;
		throw cause;
	}
}

/** Sends everything again, as a terminal would: what was answered is known, what was not is stored now if it was not then. */
async function expectAllKnown(headquarters: HeadquartersProcess, sent: readonly Sent[], where: string): Promise<void> {
	const operator = createOperator(headquarters.ready.url);
	for (let from = 0; from < sent.length; from += EVENTS_PER_PUSH) {
		const chunk = sent.slice(from, from + EVENTS_PER_PUSH);
		const results = must(
			await push(
				operator,
				chunk.map(({ event }) => event),
			),
			'an answer of a headquarters that runs',
		);
		for (const [index, { event, isAnswered }] of chunk.entries()) {
			const status = results[index]?.status;
			assert(
				!isAnswered || status === 'duplicate',
				`${where}: ${event.event_id} was answered before and is now ${status ?? 'not answered'}`,
			);
			assert(status === 'duplicate' || status === 'applied', `${where}: ${event.event_id} is ${status ?? 'not answered'}`);
		}
	}
}
