/** The outbox in memory against the real one on SQLite: the same random calls, and after every one the same entries, the same state, the same answers. */
import { expect, test } from 'vitest';
import { LoyaltyBarcodeSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { must } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import type { OutcomeStatus } from '#shared/wire/push.ts';
import type { Entry } from '#sync/outbox/entry.ts';
import { createFakeOutbox } from '#sync/outbox/fake-outbox.ts';
import { answer, applied } from '#sync/outbox/fake-recordings.ts';
import { LIST_MAX } from '#sync/outbox/outbox.ts';
import type { DrivenOutbox, Outbox, OutboxState, Recording } from '#sync/outbox/outbox.ts';
import { openFresh } from '#sync/storage/outbox/fake-opened-outbox.ts';
import type { OpenedOutbox } from '#sync/storage/outbox/fake-opened-outbox.ts';

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const STEPS = 120;
const MINUTE_MS = 60_000;
const MEMBERS = ['m1', 'm2', 'm3'];
const STATUSES: readonly OutcomeStatus[] = [
	'applied',
	'applied',
	'applied',
	'duplicate',
	'rejected',
	'deferred',
	'deferred',
	'fork',
	'mismatch',
];

/** What both offer and the simulation uses. */
type Compared = Omit<DrivenOutbox, 'onChange'> & Pick<Outbox, 'record' | 'voidEntry' | 'retire'>;
type Call = (outbox: Compared) => Promise<unknown>;

/** Incarnations are random: they are compared by the order in which they came up. */
function anonymous<T extends Pick<Entry, 'incarnation'> | OutboxState>(values: readonly T[], seen: Map<string, number>): readonly object[] {
	return values.map((value) => {
		if (!seen.has(value.incarnation)) seen.set(value.incarnation, seen.size);
		return { ...value, incarnation: seen.get(value.incarnation) };
	});
}

/** The entry that a recording led to. */
async function nameOf(recorded: ReturnType<Compared['record']>): Promise<string> {
	const result = await recorded;
	return result.ok ? result.value.eventId : result.error.code;
}

type Draw = { readonly below: (limit: number) => number; readonly oneOf: <T>(values: readonly T[]) => T };

function drawCall(draw: Draw, opened: OpenedOutbox, recorded: Recording[]): Call {
	const { recordings, time } = opened;
	const nowMs = time.clock.nowMs();
	const some = (): Recording['eventId'][] => recorded.filter(() => draw.below(5) === 0).map(({ eventId }) => eventId);
	const record = (recording: Recording): Call => {
		recorded.push(recording);
		return (outbox) => nameOf(outbox.record(recording));
	};
	const one = recorded[draw.below(Math.max(1, recorded.length))];
	const member = MemberIdSchema.parse(draw.oneOf(MEMBERS));
	const calls: readonly (() => Call)[] = [
		() => record(recordings.sale({ memberId: member, points: draw.below(50) })),
		() => record(recordings.sale({ barcode: 'CARD-1' })),
		() => record(recordings.enrolment({ memberId: member, barcode: 'CARD-2' })),
		() => record(draw.below(2) === 0 ? recordings.profile(member, 'Ann') : recordings.optOut(member)),
		() =>
			record(
				one === undefined || one.receipt === null
					? recordings.sale()
					: recordings.refund(one, draw.below(2) === 0 ? {} : { amountMinor: 100, points: -1 }),
			),
		() => (one === undefined ? (outbox) => outbox.counts() : (outbox) => nameOf(outbox.record(one))),
		...Array.from({ length: 4 }, () => () => {
			const limit = { events: 1 + draw.below(6), bytes: 2_000 + draw.below(20_000), nowMs };
			return (outbox: Compared) =>
				outbox.takeBatch(limit).then((entries) => entries.map(({ eventId, event }) => [eventId, event.force_stub]));
		}),
		...Array.from({ length: 4 }, () => () => {
			const results = some().map((eventId) => {
				const status = draw.oneOf(STATUSES);
				return status === 'applied' ? applied(eventId, draw.oneOf(MEMBERS), 1 + draw.below(9)) : answer(eventId, status);
			});
			return (outbox: Compared) => outbox.settle(results, nowMs);
		}),
		() => {
			const [eventIds, atMs] = [some(), draw.below(2) === 0 ? 0 : nowMs + draw.below(5 * MINUTE_MS)];
			return (outbox) => outbox.release(eventIds, atMs);
		},
		() => (outbox) =>
			one === undefined
				? outbox.counts()
				: outbox.voidEntry(one.eventId).then((result) => [result.ok, result.ok ? null : result.error.code]),
		() => {
			const atMs = nowMs + draw.below(10 * MINUTE_MS);
			return (outbox) =>
				one === undefined ? outbox.counts() : outbox.park(one.eventId, terminalError('LINE-107', { detail: 'a defect' }), atMs);
		},
		() => (outbox) => outbox.recoverSending(),
		() => {
			const hqEpoch = 1 + draw.below(4);
			return (outbox) => outbox.reoffer(hqEpoch);
		},
		() => (outbox) => outbox.recoverSending().then(() => outbox.renewIncarnation()),
		() => {
			const change = { outcomesAfter: draw.below(50), skewMs: draw.below(900) };
			return (outbox) => outbox.saveState(change);
		},
		() => (outbox) => (draw.below(1) === 0 ? outbox.scrubMembers([member]) : outbox.counts()),
		() => (outbox) => outbox.forgetEnrolments([member]),
		() => (outbox) => outbox.nextAttemptAtMs(),
		() => {
			const beforeMs = nowMs - draw.below(60 * MINUTE_MS);
			return (outbox) => outbox.retire(beforeMs);
		},
	];
	return draw.oneOf(calls)();
}

test.each(SEEDS)('the outbox in memory answers and keeps what the real one does (seed %i)', async (seed) => {
	const opened = await openFresh({ seed });
	const { outbox: real, time } = opened;
	const fake = createFakeOutbox({ clock: time.clock, random: seededRandom(seed + 1_000) });
	const random = seededRandom(seed * 77);
	const below = (limit: number): number => Math.floor(random.fraction() * limit);
	const draw: Draw = { below, oneOf: (values) => must(values[below(values.length)], 'one of them') };
	const recorded: Recording[] = [];
	const [seenReal, seenFake] = [new Map<string, number>(), new Map<string, number>()];
	const of = { memberIds: MEMBERS.map((id) => MemberIdSchema.parse(id)), barcodes: [LoyaltyBarcodeSchema.parse('CARD-1')] };
	for (let step = 0; step < STEPS; step += 1) {
		const call = drawCall(draw, opened, recorded);
		const [answeredFake, answeredReal] = [await call(fake), await call(real)];
		expect(answeredFake).toEqual(answeredReal);
		const entries = (await real.list({ limit: LIST_MAX })).toReversed();
		expect(anonymous(fake.entries(), seenFake), `step ${step}`).toMatchObject(anonymous(entries, seenReal));
		expect(anonymous([fake.state()], seenFake)).toEqual(anonymous([real.state()], seenReal));
		expect(await fake.counts()).toEqual(await real.counts());
		expect(await fake.nextAttemptAtMs()).toBe(await real.nextAttemptAtMs());
		expect((await fake.enrolledMembers(10)).toSorted()).toEqual((await real.enrolledMembers(10)).toSorted());
		const pending = await real.pendingPoints(of);
		expect(fake.ownEvents(of).toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1))).toEqual(
			pending.toSorted((a, b) => (a.eventId < b.eventId ? -1 : 1)),
		);
		await time.advance(below(3 * MINUTE_MS));
	}
	expect(recorded.length).toBeGreaterThan(15);
});
