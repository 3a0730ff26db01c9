/** Pushes that something is torn out of, and the question afterwards what became of each event. */
import { setTimeout as pause } from 'node:timers/promises';
import type { z } from 'zod';
import { EventIdSchema } from '#shared/domain/ids.ts';
import type { EventId } from '#shared/domain/ids.ts';
import { assert, must } from '#shared/lib/assert.ts';
import type { Random } from '#shared/lib/clock.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { PushResponseSchema } from '#shared/wire/push.ts';
import type { createOperator } from '../support/operator.ts';

const EVENTS_PER_PUSH = 20;
const POINTS = 3;
/** Pushes under way at once, so that a kill always cuts some off. */
const PUSHERS = 3;

type Event = { readonly event_id: EventId; readonly customer: string; readonly action: string; readonly data: object };
type Sent = { readonly event: Event; isAnswered: boolean };
type Operator = ReturnType<typeof createOperator>;

/** Points for a member, under a new id. */
export function newEvent(customer: string, random: Random): Event {
	return {
		event_id: EventIdSchema.parse(uuidV7(Date.now(), random)),
		customer,
		action: 'point_add',
		data: { points: POINTS, reason: 'durability' },
	};
}

export type Strike = {
	readonly operator: Operator;
	readonly newEvent: () => Event;
	readonly afterMs: number;
	readonly strike: () => Promise<void>;
};

/** Pushes without a pause until `strike` has struck. Answers what was sent, and what of it headquarters had answered. */
export async function pushUntilStruck({ operator, newEvent: next, afterMs, strike }: Strike): Promise<readonly Sent[]> {
	const all = new Map<EventId, Sent>();
	let isStruck = false;
	const warm = Promise.withResolvers<void>();
	const pushOn = async (): Promise<void> => {
		while (!isStruck) {
			const events = Array.from({ length: EVENTS_PER_PUSH }, next);
			for (const event of events) all.set(event.event_id, { event, isAnswered: false });
			const results = await push(operator, events);
			// No answer, or none that says it: whether they were stored is gone with what was struck.
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
	await strike();
	isStruck = true;
	await pushing;
	return [...all.values()];
}

type Answers = z.infer<typeof PushResponseSchema>['results'];

async function push(operator: Operator, events: readonly Event[]): Promise<Answers | null> {
	try {
		const answer = await operator.call('POST', '/events/bulk', { events });
		return answer.ok ? PushResponseSchema.parse(await answer.json()).results : null;
	} catch (cause) {
		if (cause instanceof TypeError || (cause instanceof Error && cause.name === 'AbortError')) return null;
		throw cause;
	}
}

export type Judge = {
	/** After a strike, with everything running again. Throws with `where` when something of `sent` is lost or counts twice. */
	readonly judge: (operator: Operator, sent: readonly Sent[], where: string) => Promise<void>;
	readonly total: { sent: number; answered: number };
};

/** Judges the points of `member`, who gets none from anybody else, over all rounds: what an earlier one was sure of is looked at again. */
export function createJudge(member: { readonly id: string; readonly spendable: number }): Judge {
	const total = { sent: 0, answered: 0 };
	return {
		total,
		judge: async (operator, sent, where) => {
			await expectAllKnown(operator, sent, where);
			total.sent += sent.length;
			total.answered += sent.filter(({ isAnswered }) => isAnswered).length;
			const now = must(await operator.find(member.id), 'the member');
			const expected = member.spendable + total.sent * POINTS;
			assert(now.spendable === expected, `${where}: ${now.spendable} points instead of ${expected}`);
		},
	};
}

/** Sends everything again, as a terminal would: what was answered is known, what was not is stored now if it was not then. */
async function expectAllKnown(operator: Operator, sent: readonly Sent[], where: string): Promise<void> {
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
