import { describe, expect, test } from 'vitest';
import { EventIdSchema } from '#shared/domain/ids.ts';
import type { EventId } from '#shared/domain/ids.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { PUSH_EVENTS_MAX } from '#shared/wire/limits.ts';
import { afterFault, afterRefusal, afterSuccess, afterTaking, INITIAL_BATCH_POLICY, nextLimit, PARKED_RETRY_MS } from './batch-policy.ts';
import type { BatchPolicy, Consequence } from './batch-policy.ts';

const MINUTE_MS = 60_000;
const ids = (count: number): readonly EventId[] =>
	Array.from({ length: count }, (_, index) => EventIdSchema.parse(`0192f0c0-0000-7000-8000-${String(index).padStart(12, '0')}`));
const [ONE] = ids(1);
const at = (nowMs: number): { nowMs: number; random: ReturnType<typeof seededRandom> } => ({ nowMs, random: seededRandom(nowMs + 1) });

/** Fails over one entry again and again, at the pace that the policy itself sets, until it is parked. */
function crashUntilParked(): { readonly crashes: number; readonly tookMs: number; readonly last: Consequence } {
	let policy: BatchPolicy = INITIAL_BATCH_POLICY;
	for (let crashes = 1, nowMs = 0; ; crashes += 1) {
		const consequence = afterFault(policy, ids(1), at(nowMs));
		if (consequence.action === 'park') return { crashes, tookMs: nowMs, last: consequence };
		policy = consequence.policy;
		nowMs += Math.max(consequence.entryDelayMs, consequence.laneDelayMs);
	}
}

test('begins with the largest batch that the wire allows', () => {
	expect(nextLimit(INITIAL_BATCH_POLICY, 0)).toBe(PUSH_EVENTS_MAX);
});

describe('a refusal of the whole request', () => {
	test('halves at once, down to one', () => {
		let policy = INITIAL_BATCH_POLICY;
		const sizes = [];
		for (let size = PUSH_EVENTS_MAX; size > 1; size = nextLimit(policy, 0)) {
			const consequence = afterRefusal(policy, ids(size), 0);
			expect(consequence).toMatchObject({ action: 'release', entryDelayMs: 0, laneDelayMs: 0 });
			({ policy } = consequence);
			sizes.push(nextLimit(policy, 0));
		}
		expect(sizes).toEqual([250, 125, 62, 31, 15, 7, 3, 1]);
	});

	test('of one entry parks it for an hour, and then takes it alone', () => {
		const { policy, action, entryDelayMs } = afterRefusal({ ...INITIAL_BATCH_POLICY, limit: 250 }, ids(1), 1_000);
		expect({ action, entryDelayMs }).toEqual({ action: 'park', entryDelayMs: PARKED_RETRY_MS });
		expect(nextLimit(policy, 1_000 + PARKED_RETRY_MS - 1)).toBe(250);
		expect(nextLimit(policy, 1_000 + PARKED_RETRY_MS)).toBe(1);
	});
});

describe('a fault of headquarters', () => {
	test('is put up with twice, then the batch is halved at each', () => {
		let policy = INITIAL_BATCH_POLICY;
		const limits = [];
		for (let fault = 0; fault < 6; fault += 1) {
			const consequence = afterFault(policy, ids(nextLimit(policy, 0)), at(fault));
			expect(consequence.action).toBe('release');
			({ policy } = consequence);
			limits.push(nextLimit(policy, 0));
		}
		expect(limits).toEqual([500, 500, 250, 125, 62, 31]);
	});

	test('lets the lane wait with full jitter below a ceiling, and searches at the pace of a first retry', () => {
		const delays = Array.from(
			{ length: 200 },
			(_, seed) => afterFault({ ...INITIAL_BATCH_POLICY, faultsInRow: 8 }, ids(2), at(seed)).laneDelayMs,
		);
		expect(Math.max(...delays)).toBeLessThan(1_000);
		const alone = Array.from(
			{ length: 200 },
			(_, seed) => afterFault({ ...INITIAL_BATCH_POLICY, faultsInRow: 8 }, ids(1), at(seed)).laneDelayMs,
		);
		expect(Math.max(...alone)).toBeLessThan(60_000);
		expect(Math.max(...alone)).toBeGreaterThan(40_000);
	});

	test('over one entry makes it step aside from the third time on, the others go on', () => {
		let policy = INITIAL_BATCH_POLICY;
		const delays = [];
		for (let fault = 0; fault < 7; fault += 1) {
			const consequence = afterFault(policy, ids(1), at(fault));
			({ policy } = consequence);
			delays.push(consequence.entryDelayMs);
		}
		expect(delays).toEqual([0, 0, 30_000, 60_000, 120_000, 240_000, 300_000]);
		expect(nextLimit(policy, 7)).toBe(PUSH_EVENTS_MAX);
		expect(nextLimit(policy, 300_006)).toBe(1);
	});

	test('over one entry eight times and for half an hour parks it, not before', () => {
		const { crashes, tookMs, last } = crashUntilParked();
		expect(crashes).toBeGreaterThanOrEqual(8);
		expect(tookMs).toBeGreaterThanOrEqual(30 * MINUTE_MS);
		expect(tookMs).toBeLessThan(40 * MINUTE_MS);
		expect(last.entryDelayMs).toBe(PARKED_RETRY_MS);
	});

	test('over a parked entry parks it again at once', () => {
		const { last, tookMs } = crashUntilParked();
		expect(afterFault(last.policy, ids(1), at(tookMs + PARKED_RETRY_MS)).action).toBe('park');
	});

	test('over many entries alone is not remembered for ever', () => {
		let policy = INITIAL_BATCH_POLICY;
		for (const eventId of ids(1_000)) ({ policy } = afterFault(policy, [eventId], at(0)));
		expect(policy.suspects.size).toBeLessThanOrEqual(200);
	});
});

test('a success doubles the batch, ends the row of faults and clears whom it sent', () => {
	const suspicious = afterFault({ ...INITIAL_BATCH_POLICY, limit: 100 }, ids(1), at(0)).policy;
	const after = afterSuccess(suspicious, ids(1));
	expect(after).toEqual({ limit: 200, faultsInRow: 0, suspects: new Map() });
	expect(afterSuccess(after, []).limit).toBe(400);
	expect(afterSuccess({ ...after, limit: 400 }, []).limit).toBe(PUSH_EVENTS_MAX);
});

test('a suspect that is due and does not come (its outcome was pulled) does not keep the batches small', () => {
	const { policy } = afterFault(INITIAL_BATCH_POLICY, ids(1), at(0));
	expect(nextLimit(policy, 10)).toBe(1);
	expect(nextLimit(afterTaking(policy, [], 10), 10)).toBe(PUSH_EVENTS_MAX);
	expect(afterTaking(policy, ids(1), 10)).toBe(policy);
	expect(ONE !== undefined && policy.suspects.has(ONE)).toBe(true);
});
