/**
 * An outbox in memory that keeps the rules of the real one: the same table of transitions, the same choice of batches, the same waits.
 * For tests of what works on an outbox. Every change is one step and is on the disk with it, as with FULL: a crash leaves a change whole or
 * not begun. `test/simulation/outbox.contract.test.ts` runs it and the real one side by side.
 */
import type { EventId, MemberId } from '#shared/domain/ids.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { must } from '#shared/lib/assert.ts';
import type { Clock, Random } from '#shared/lib/clock.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import { DiskFailure } from './disk-failure.ts';
import type { Entry, EntryStatus } from './entry.ts';
import {
	adoptRows,
	appendEvent,
	appendRecording,
	chooseBatch,
	createOutboxDisk,
	move,
	moveAll,
	ownEvents,
	parkedOutcome,
	renumber,
	reofferAll,
	resendRow,
	settleOne,
	take,
	voidRow,
} from './fake-outbox-rows.ts';
import type { OutboxDisk } from './fake-outbox-rows.ts';
import { retireRows } from './fake-retirement.ts';
import { scrubLeft, scrubRows } from './fake-scrub.ts';
import type { DrivenOutbox, Outbox, PendingPoints } from './outbox.ts';

export type FakeOutbox = DrivenOutbox &
	Pick<Outbox, 'record' | 'voidEntry' | 'retire'> & {
		/** Records an event of a member at once; `points` is what the terminal expects of it. */
		readonly add: (event: WireEvent, points?: number) => Entry;
		readonly resend: (eventId: EventId) => void;
		readonly entries: () => readonly Entry[];
		/** Own events of a member for the display rule. */
		readonly pendingPoints: (memberId: MemberId) => readonly PendingPoints[];
		/** What `Outbox.pendingPoints` answers, without waiting. */
		readonly ownEvents: (of: Parameters<Outbox['pendingPoints']>[0]) => readonly PendingPoints[];
		/** The next call of this name rejects with `cause`, once. */
		readonly failNext: (name: StepName, cause: Error) => void;
	};

type StepName = keyof DrivenOutbox | 'record' | 'voidEntry' | 'retire';
type Step = <T>(name: StepName, change: () => T) => Promise<T>;
type Store = { readonly disk: OutboxDisk; readonly clock: Clock; readonly random: Random; readonly step: Step };

export type FakeOutboxOptions = {
	readonly clock: Clock;
	readonly random: Random;
	readonly trace?: (call: string) => void;
	/** What is on the disk when it is opened; the changes go there. */
	readonly disk?: OutboxDisk;
	/**
	 * Passed before a change is on the disk and after it, before its call resolves. One that never resolves is a program that ended there, one
	 * that rejects with a `DiskFailure` before the change a disk that refuses.
	 */
	readonly gate?: (name: string, moment: 'before' | 'after') => Promise<void>;
};

/** `trace` hears the name of every call that changes something, before it does. */
export function createFakeOutbox(options: FakeOutboxOptions): FakeOutbox {
	const { clock, random, disk = createOutboxDisk(options.random), gate = () => Promise.resolve() } = options;
	const listeners = new Set<() => void>();
	const failures = new Map<string, Error>();
	const tell = (): void => listeners.forEach((listener) => listener());

	/** One atomic step: nothing of it happens when it fails. */
	const step: Step = async (name, change) => {
		options.trace?.(name);
		const failure = failures.get(name);
		failures.delete(name);
		await gate(name, 'before');
		if (failure !== undefined) throw failure;
		const result = change();
		await gate(name, 'after');
		tell();
		return result;
	};
	const store: Store = { disk, clock, random, step };

	return {
		...drive(store),
		...answerCashiers(store),
		add: (event, points = 0) => {
			const entry = appendEvent(disk, { event, points }, { clock, random });
			tell();
			return entry;
		},
		resend: (eventId) => {
			resendRow(disk, eventId, random);
			tell();
		},
		entries: () => [...disk.rows.values()],
		ownEvents: (of) => ownEvents(disk, of),
		pendingPoints: (memberId) => ownEvents(disk, { memberIds: [memberId], barcodes: [] }),
		failNext: (name, cause) => failures.set(name, cause),
		onChange: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}

function answerCashiers({ disk, clock, random, step }: Store): Pick<Outbox, 'record' | 'voidEntry' | 'retire'> {
	return {
		retire: (beforeMs) => step('retire', () => retireRows(disk, beforeMs)),
		record: (recording) => asResult(step('record', () => ok(appendRecording(disk, recording, { clock, random })))),
		voidEntry: (eventId) =>
			asResult(
				step('voidEntry', () => {
					const isVoided = disk.rows.get(eventId)?.status === 'voided' || voidRow(disk, eventId);
					if (isVoided) return ok(must(disk.rows.get(eventId), 'the entry that was voided'));
					return fail(terminalError(disk.rows.has(eventId) ? 'SALE-107' : 'OUTBOX-101', { eventId }));
				}),
			),
	};
}

async function asResult<T>(change: Promise<Result<T, LoyaltyError>>): Promise<Result<T, LoyaltyError>> {
	try {
		return await change;
	} catch (cause) {
		if (cause instanceof DiskFailure) return fail(cause.error);
		throw cause;
	}
}

function drive({ disk, clock, random, step }: Store): Omit<DrivenOutbox, 'onChange'> {
	return {
		state: () => disk.state,
		saveState: (change) =>
			step('saveState', () => {
				const state = { ...disk.state, ...change };
				disk.state = { ...state, skewMs: Math.round(state.skewMs) };
			}),
		recoverSending: () => step('recoverSending', () => moveAll(disk, 'recover', {})),
		takeBatch: async (limit) => {
			// An empty look changes nothing and tells nobody.
			if (chooseBatch(disk, limit).length === 0) return [];
			return step('takeBatch', () => chooseBatch(disk, limit).map((eventId) => take(disk, eventId, limit.nowMs)));
		},
		settle: (results, nowMs) =>
			step('settle', () => {
				const changed = results.filter((result) => settleOne(disk, result, nowMs));
				if (changed.some((result) => result.status === 'fork')) renumber(disk, random);
				scrubLeft(disk, results);
				return results.map((result) => result.event_id).filter((eventId) => !disk.rows.has(eventId));
			}),
		release: (eventIds, atMs) =>
			step('release', () => {
				const nextAttemptAtMs = atMs === 0 ? null : Math.round(atMs);
				for (const eventId of eventIds) move(disk, { eventId, event: 'release' }, { nextAttemptAtMs });
			}),
		park: (eventId, why, atMs) =>
			step('park', () => {
				move(disk, { eventId, event: 'park' }, { nextAttemptAtMs: Math.round(atMs), outcome: parkedOutcome(why, clock.nowMs()) });
			}),
		reoffer: (hqEpoch) => step('reoffer', () => (hqEpoch === disk.state.hqEpoch ? 0 : reofferAll(disk, hqEpoch, random))),
		renewIncarnation: () => step('renewIncarnation', () => renumber(disk, random)),
		adopt: (past, outcomesAfter) => step('adopt', () => adoptRows(disk, past, outcomesAfter)),
		nextAttemptAtMs: () => {
			const times = [...disk.rows.values()].flatMap((row) => row.nextAttemptAtMs ?? []);
			return Promise.resolve(times.length === 0 ? null : Math.min(...times));
		},
		counts: () => Promise.resolve(countByStatus(disk)),
		enrolledMembers: (limit) => Promise.resolve([...disk.enrolled.keys()].slice(0, limit)),
		scrubMembers: (memberIds, traces) => step('scrubMembers', () => scrubRows(disk, memberIds, traces)),
		forgetEnrolments: (memberIds) =>
			step('forgetEnrolments', () => {
				for (const memberId of memberIds) disk.enrolled.delete(memberId);
			}),
	};
}

function countByStatus({ rows }: OutboxDisk): Readonly<Record<EntryStatus, number>> {
	const counts = {
		pending: 0,
		sending: 0,
		applied: 0,
		rejected: 0,
		deferred: 0,
		unknown: 0,
		parked: 0,
		voided: 0,
		closed: 0,
	} satisfies Record<EntryStatus, number>;
	for (const row of rows.values()) counts[row.status] += 1;
	return counts;
}
