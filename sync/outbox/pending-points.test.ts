import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EventIdSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { ENTRY_STATUSES } from './entry.ts';
import type { PendingPoints } from './outbox.ts';
import { shownPoints } from './pending-points.ts';

const random = seededRandom(1);
const MEMBER = MemberIdSchema.parse('m1');

function event(change: Partial<PendingPoints>): PendingPoints {
	const eventId = EventIdSchema.parse(uuidV7(1_000_000, random));
	return { eventId, memberId: MEMBER, barcode: null, points: 10, status: 'pending', appliedTo: null, appliedVer: null, ...change };
}

test('an event without an outcome is shown on top of the balance', () => {
	expect(shownPoints({ points: 100 }, [event({}), event({ points: -3, status: 'deferred' })], () => 5)).toEqual({
		confirmed: 100,
		pending: 7,
	});
});

test('an applied event counts until the row has the version with its effect', () => {
	const applied = [event({ status: 'applied', appliedTo: MEMBER, appliedVer: 6 })];
	expect(shownPoints({ points: 100 }, applied, () => 5).pending).toBe(10);
	expect(shownPoints({ points: 110 }, applied, () => 6).pending).toBe(0);
	expect(shownPoints({ points: 130 }, applied, () => 7).pending).toBe(0);
});

test('the version that counts is that of the member who got the effect', () => {
	const winner = MemberIdSchema.parse('winner');
	const applied = [event({ status: 'applied', appliedTo: winner, appliedVer: 2 })];
	const versions = new Map([
		[MEMBER, 9],
		[winner, 1],
	]);
	expect(shownPoints({ points: 0 }, applied, (id) => versions.get(id) ?? null).pending).toBe(10);
	versions.set(winner, 2);
	expect(shownPoints({ points: 10 }, applied, (id) => versions.get(id) ?? null).pending).toBe(0);
});

test('a member who is not in the replica shows own events alone', () => {
	const events = [event({}), event({ status: 'applied', appliedTo: MEMBER, appliedVer: 1 })];
	expect(shownPoints(null, events, () => null)).toEqual({ confirmed: 0, pending: 20 });
});

test('what was refused, taken back, or applied by a vendor without versions never counts', () => {
	const events = [event({ status: 'rejected' }), event({ status: 'voided' }), event({ status: 'applied' })];
	expect(shownPoints({ points: 5 }, events, () => 1)).toEqual({ confirmed: 5, pending: 0 });
});

type Own = { readonly points: number; readonly isAccepted: boolean };

/**
 * A history of one member: own events reach headquarters in some order, others change the balance, outcomes and pages arrive later or not at
 * all. At every moment the sum on screen is headquarters' balance at the row's version plus every own event that is not in it (I7).
 */
test('I7: the sum is right at every moment, provided outcomes are stored before the page that holds their effect', () => {
	const step = fc.oneof(
		{
			weight: 4,
			arbitrary: fc.record({ kind: fc.constant('record' as const), points: fc.integer({ min: -50, max: 100 }), isAccepted: fc.boolean() }),
		},
		{ weight: 4, arbitrary: fc.record({ kind: fc.constant('push' as const), isAnswerLost: fc.boolean() }) },
		{ weight: 2, arbitrary: fc.record({ kind: fc.constant('other' as const), points: fc.integer({ min: -50, max: 100 }) }) },
		{ weight: 3, arbitrary: fc.record({ kind: fc.constant('pull' as const) }) },
	);
	fc.assert(
		fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
			const hq = { balance: 0, ver: 1, balances: [0, 0], outcomes: new Map<number, { ver: number } | 'rejected'>() };
			const own: Own[] = [];
			const known = new Map<number, { ver: number } | 'rejected'>();
			const row = { ver: 1, points: 0 };
			let sent = 0;
			const change = (points: number): void => {
				hq.balance += points;
				hq.ver += 1;
				hq.balances[hq.ver] = hq.balance;
			};
			const push = (isAnswerLost: boolean): void => {
				const next = own[sent];
				if (next === undefined) return;
				if (next.isAccepted) change(next.points);
				hq.outcomes.set(sent, next.isAccepted ? { ver: hq.ver } : 'rejected');
				const outcome = hq.outcomes.get(sent);
				if (!isAnswerLost && outcome !== undefined) known.set(sent, outcome);
				sent += 1;
			};
			const pull = (): void => {
				const page = { ver: hq.ver, points: hq.balance };
				for (const [index, outcome] of hq.outcomes) known.set(index, outcome);
				Object.assign(row, page);
			};
			for (const taken of steps) {
				if (taken.kind === 'record') own.push(taken);
				else if (taken.kind === 'push') push(taken.isAnswerLost);
				else if (taken.kind === 'other') change(taken.points);
				else pull();

				const events = own.map(({ points }, index) => {
					const outcome = known.get(index);
					if (outcome === undefined) return event({ points });
					if (outcome === 'rejected') return event({ points, status: 'rejected' });
					return event({ points, status: 'applied', appliedTo: MEMBER, appliedVer: outcome.ver });
				});
				const shown = shownPoints(row, events, () => row.ver);
				const notIn = own
					.map(({ points }, index) => ({ points, told: known.get(index), true: hq.outcomes.get(index) }))
					.filter(
						({ told, true: outcome }) => told !== 'rejected' && (outcome === undefined || outcome === 'rejected' || outcome.ver > row.ver),
					)
					.reduce((sum, { points }) => sum + points, 0);
				expect(shown.confirmed + shown.pending).toBe((hq.balances[row.ver] ?? 0) + notIn);
			}
		}),
		{ numRuns: 300 },
	);
});

test('no status makes an event count twice or a waiting one vanish', () => {
	for (const status of ENTRY_STATUSES) {
		const { pending } = shownPoints({ points: 0 }, [event({ status })], () => 1);
		expect([0, 10]).toContain(pending);
		expect(pending === 10).toBe(['pending', 'sending', 'deferred', 'unknown', 'parked'].includes(status));
	}
});
