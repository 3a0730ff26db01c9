/**
 * An outbox in memory that keeps the rules of the real one: the same table of transitions, the same choice of batches, the same waits.
 * For tests of what works on an outbox; what a crash leaves is what was settled before it, since every change is one step.
 */
import { EventIdSchema, IncarnationSchema } from '#shared/domain/ids.ts';
import type { EventId, MemberId } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import type { Clock, Random } from '#shared/lib/clock.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { EventResult } from '#shared/wire/push.ts';
import { deferralWaitMs, isStubForced } from './deferral.ts';
import { WAITING_STATUSES } from './entry.ts';
import type { Entry, EntryStatus } from './entry.ts';
import type { DrivenOutbox, Outbox, OutboxState, PendingPoints } from './outbox.ts';
import { planBatch } from './plan-batch.ts';
import { nextStatus } from './transitions.ts';
import type { EntryEvent } from './transitions.ts';

export type FakeOutbox = DrivenOutbox & {
	/** Records an event of a member; `points` is what the terminal expects of it. */
	readonly add: (event: WireEvent, points?: number) => Entry;
	readonly resend: (eventId: EventId) => void;
	readonly entries: () => readonly Entry[];
	/** Own events of a member for the display rule. */
	readonly pendingPoints: (memberId: MemberId) => readonly PendingPoints[];
	/** The next call of this name rejects with `cause`, once. */
	readonly failNext: (name: keyof DrivenOutbox, cause: Error) => void;
};

type Row = Entry & { readonly position: number; readonly deferrals: number; readonly deferredSinceMs: number | null };
type Rows = Map<EventId, Row>;
const WAITING: ReadonlySet<EntryStatus> = new Set(WAITING_STATUSES);
type Store = { readonly rows: Rows; readonly enrolled: Set<MemberId>; state: OutboxState };
type Step = <T>(name: keyof DrivenOutbox, change: () => T) => Promise<T>;

export type FakeOutboxOptions = { readonly clock: Clock; readonly random: Random; readonly trace?: (call: string) => void };

/** `trace` hears the name of every call that changes something, before it does. */
export function createFakeOutbox(options: FakeOutboxOptions): FakeOutbox {
	const { clock, random } = options;
	const state: OutboxState = { incarnation: newIncarnation(random), maxSeq: 0, hqEpoch: 0, outcomesAfter: 0, skewMs: 0 };
	const store: Store = { rows: new Map(), enrolled: new Set(), state };
	const { rows } = store;
	const listeners = new Set<() => void>();
	const failures = new Map<string, Error>();
	const tell = (): void => listeners.forEach((listener) => listener());

	/** One atomic step: nothing of it happens when it fails. */
	const step: Step = async (name, change) => {
		options.trace?.(name);
		const failure = failures.get(name);
		failures.delete(name);
		await Promise.resolve();
		if (failure !== undefined) throw failure;
		const result = change();
		tell();
		return result;
	};

	return {
		...drive(store, step, random),
		add: (event, points = 0) => {
			const entry = newRow(event, { clock, random, state: store.state, points, position: rows.size + 1 });
			store.state = { ...store.state, maxSeq: entry.seq };
			rows.set(entry.eventId, entry);
			if (entry.action === 'opt_in' && entry.memberId !== null) store.enrolled.add(entry.memberId);
			tell();
			return entry;
		},
		resend: (eventId) => {
			move(rows, { eventId, event: 'resend' }, { nextAttemptAtMs: null, outcome: null });
			tell();
		},
		entries: () => [...rows.values()],
		pendingPoints: (memberId) =>
			[...rows.values()].filter((row) => row.memberId === memberId || row.outcome?.appliedTo === memberId).map(toPendingPoints),
		failNext: (name, cause) => failures.set(name, cause),
		onChange: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}

function drive(store: Store, step: Step, random: Random): Omit<DrivenOutbox, 'onChange'> {
	const { rows } = store;
	return {
		state: () => store.state,
		saveState: (change) =>
			step('saveState', () => {
				store.state = { ...store.state, ...change };
			}),
		recoverSending: () =>
			step('recoverSending', () => count(rows, ({ eventId }) => move(rows, { eventId, event: 'recover' }, { nextAttemptAtMs: null }))),
		takeBatch: async (limit) => {
			const taken = takeFrom(rows, limit);
			// An empty look changes nothing and tells nobody.
			if (taken.length === 0) return [];
			return step('takeBatch', () => taken.map((eventId) => take(rows, eventId, limit.nowMs)));
		},
		settle: (results, nowMs) =>
			step('settle', () => {
				for (const result of results) settleOne(rows, result, nowMs);
				if (results.some((result) => result.status === 'fork')) renumber(store, random);
			}),
		release: (eventIds, atMs) =>
			step('release', () => {
				for (const eventId of eventIds) move(rows, { eventId, event: 'release' }, { nextAttemptAtMs: atMs === 0 ? null : atMs });
			}),
		park: (eventId, _why, nextAttemptAtMs) => step('park', () => void move(rows, { eventId, event: 'park' }, { nextAttemptAtMs })),
		reoffer: (hqEpoch) =>
			step('reoffer', () => {
				if (hqEpoch === store.state.hqEpoch) return 0;
				store.state = { ...store.state, hqEpoch, outcomesAfter: 0 };
				return count(rows, ({ eventId }) => move(rows, { eventId, event: 'reoffer' }, { outcome: null, nextAttemptAtMs: null }));
			}),
		renewIncarnation: () => step('renewIncarnation', () => renumber(store, random)),
		nextAttemptAtMs: () => {
			const times = [...rows.values()].flatMap((row) => row.nextAttemptAtMs ?? []);
			return Promise.resolve(times.length === 0 ? null : Math.min(...times));
		},
		counts: () => Promise.resolve(countByStatus(rows)),
		enrolledMembers: (limit) => Promise.resolve([...store.enrolled].slice(0, limit)),
		scrubMembers: (memberIds) =>
			step('scrubMembers', () => {
				for (const row of rows.values())
					if (row.memberId !== null && memberIds.includes(row.memberId)) rows.set(row.eventId, scrubbed(row));
				for (const memberId of memberIds) store.enrolled.delete(memberId);
			}),
		forgetEnrolments: (memberIds) => step('forgetEnrolments', () => memberIds.forEach((memberId) => store.enrolled.delete(memberId))),
	};
}

/** A new incarnation for everything that waits, in its order. */
function renumber(store: Store, random: Random): number {
	const incarnation = newIncarnation(random);
	const waiting = [...store.rows.values()].filter((row) => WAITING.has(row.status));
	waiting.forEach((row, index) => store.rows.set(row.eventId, { ...row, incarnation, seq: index + 1 }));
	store.state = { ...store.state, incarnation, maxSeq: waiting.length };
	return waiting.length;
}

type NewRow = {
	readonly clock: Clock;
	readonly random: Random;
	readonly state: OutboxState;
	readonly points: number;
	readonly position: number;
};

function newRow(event: WireEvent, { clock, random, state, points, position }: NewRow): Row {
	const occurredAtMs = clock.nowMs();
	const eventId = event.event_id ?? EventIdSchema.parse(uuidV7(occurredAtMs, random));
	const seq = state.maxSeq + 1;
	const whole = WireEventSchema.parse({ ...event, event_id: eventId, seq, occurred_at: occurredAtMs });
	return {
		position,
		eventId,
		incarnation: state.incarnation,
		seq,
		status: 'pending',
		action: event.action,
		// A member id is any unique text, a barcode says that it is one.
		memberId: event.external_id === undefined ? memberIdOf(event) : null,
		event: whole,
		pointsEstimated: points,
		receipt: null,
		cashier: 'c1',
		occurredAtMs,
		monotonicMs: Math.round(clock.monotonicMs()),
		bootId: clock.bootId,
		skewMs: state.skewMs,
		attempts: 0,
		nextAttemptAtMs: null,
		sentAtMs: null,
		outcome: null,
		deferrals: 0,
		deferredSinceMs: null,
	};
}

function memberIdOf(event: WireEvent): MemberId {
	// The schema's union says "member id or barcode"; without `external_id` it is the former.
	return event.customer as MemberId;
}

function move(rows: Rows, { eventId, event }: { readonly eventId: EventId; readonly event: EntryEvent }, more: Partial<Row>): boolean {
	const row = rows.get(eventId);
	const status = row === undefined ? null : nextStatus(row.status, event);
	if (row === undefined || status === null) return false;
	rows.set(eventId, { ...row, ...more, status });
	return true;
}

function takeFrom(rows: Rows, limit: Parameters<Outbox['takeBatch']>[0]): readonly EventId[] {
	const plan = planBatch(limit);
	const all = [...rows.values()].filter((row) => WAITING.has(row.status));
	for (const row of all) {
		const barcode = row.event.external_id === undefined ? null : row.event.customer;
		const transactionId =
			'transaction_id' in row.event.data && typeof row.event.data.transaction_id === 'string' ? row.event.data.transaction_id : null;
		if (!plan.offer({ ...row, barcode, transactionId, bytes: JSON.stringify(row.event).length })) break;
	}
	const positions = new Set(plan.positions());
	return all.filter((row) => positions.has(row.position)).map((row) => row.eventId);
}

function take(rows: Rows, eventId: EventId, nowMs: number): Entry {
	move(rows, { eventId, event: 'take' }, { sentAtMs: nowMs });
	const row = must(rows.get(eventId), 'the entry that was taken');
	return isStubForced(row.deferredSinceMs, nowMs) ? { ...row, event: { ...row.event, force_stub: true } } : row;
}

function settleOne(rows: Rows, result: EventResult & { readonly event_id: EventId }, nowMs: number): void {
	const row = rows.get(result.event_id);
	if (row === undefined) return;
	const attempts = row.attempts + 1;
	if (result.status === 'deferred') {
		const nextAttemptAtMs = nowMs + deferralWaitMs(row.deferrals);
		move(
			rows,
			{ eventId: row.eventId, event: 'deferred' },
			{
				attempts,
				deferrals: row.deferrals + 1,
				deferredSinceMs: row.deferredSinceMs ?? nowMs,
				nextAttemptAtMs,
			},
		);
		return;
	}
	if (result.status === 'fork' || result.status === 'mismatch') {
		move(rows, { eventId: row.eventId, event: result.status }, { attempts, nextAttemptAtMs: null });
		return;
	}
	const outcome = {
		appliedTo: result.applied_to ?? null,
		appliedVer: result.applied_ver ?? null,
		points: result.points ?? null,
		error: result.error ?? null,
		settledAtMs: nowMs,
	};
	move(rows, { eventId: row.eventId, event: result.status }, { attempts, outcome, nextAttemptAtMs: null });
}

/** Without names and contacts; the id stays. */
function scrubbed(row: Row): Row {
	if (row.event.action !== 'opt_in' && row.event.action !== 'profile') return row;
	return { ...row, event: { ...row.event, data: {} } };
}

function toPendingPoints(row: Row): PendingPoints {
	const { eventId, memberId, status, outcome } = row;
	return {
		eventId,
		memberId,
		barcode: null,
		points: outcome?.points ?? row.pointsEstimated,
		status,
		appliedTo: outcome?.appliedTo ?? null,
		appliedVer: outcome?.appliedVer ?? null,
	};
}

function countByStatus(rows: Rows): Readonly<Record<EntryStatus, number>> {
	const counts = { pending: 0, sending: 0, applied: 0, rejected: 0, deferred: 0, unknown: 0, parked: 0, voided: 0 } satisfies Record<
		EntryStatus,
		number
	>;
	for (const row of rows.values()) counts[row.status] += 1;
	return counts;
}

function count(rows: Rows, change: (row: Row) => boolean): number {
	return [...rows.values()].filter(change).length;
}

function newIncarnation(random: Random): Entry['incarnation'] {
	return IncarnationSchema.parse(Array.from(random.bytes(8), (byte) => byte.toString(16).padStart(2, '0')).join(''));
}
