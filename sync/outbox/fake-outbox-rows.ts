/** What the outbox in memory has on its disk, and the changes of its rows: those of the real statements, row by row. */
import { EventIdSchema, IncarnationSchema } from '#shared/domain/ids.ts';
import type { EventId, Incarnation, MemberId } from '#shared/domain/ids.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { must } from '#shared/lib/assert.ts';
import type { Clock, Random } from '#shared/lib/clock.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { EventResult } from '#shared/wire/push.ts';
import { deferralWaitMs, isStubForced } from './deferral.ts';
import { WAITING_STATUSES } from './entry.ts';
import type { Entry, EntryStatus, Outcome } from './entry.ts';
import { ADOPTED_INCARNATION } from './outbox.ts';
import type { Outbox, OutboxState, OwnPast, PendingPoints, Recording } from './outbox.ts';
import { planBatch } from './plan-batch.ts';
import { nextStatus } from './transitions.ts';
import type { EntryEvent } from './transitions.ts';

export type OutboxRow = Entry & {
	readonly position: number;
	readonly requestId: string | null;
	readonly deferrals: number;
	readonly deferredSinceMs: number | null;
};

/** What survives the end of the program. Rows are replaced and never changed, so that a copy of the maps is a backup. */
export type OutboxDisk = { readonly rows: Map<EventId, OutboxRow>; readonly enrolled: Map<MemberId, EventId>; state: OutboxState };

const WAITING: ReadonlySet<EntryStatus> = new Set(WAITING_STATUSES);
/** What the display rule does not count. */
const REFUSED: ReadonlySet<EntryStatus> = new Set(['rejected', 'voided', 'closed']);
const START_AGAIN = { nextAttemptAtMs: null, deferrals: 0, deferredSinceMs: null, outcome: null } as const;

export function createOutboxDisk(random: Random): OutboxDisk {
	const state: OutboxState = { incarnation: newIncarnation(random), maxSeq: 0, hqEpoch: 0, outcomesAfter: 0, skewMs: 0 };
	return { rows: new Map(), enrolled: new Map(), state };
}

/** A backup, or the folder of a copied machine. */
export function copyOutboxDisk({ rows, enrolled, state }: OutboxDisk): OutboxDisk {
	return { rows: new Map(rows), enrolled: new Map(enrolled), state };
}

type Moment = { readonly clock: Clock; readonly random: Random };

/** Appends an event of a member; `points` is what the terminal expects of it. */
export function appendEvent(
	disk: OutboxDisk,
	{ event, points }: { readonly event: WireEvent; readonly points: number },
	at: Moment,
): Entry {
	const eventId = event.event_id ?? EventIdSchema.parse(uuidV7(at.clock.nowMs(), at.random));
	return append(
		disk,
		{
			requestId: null,
			eventId,
			event,
			// A member id is any unique text, a barcode says that it is one.
			memberId: event.external_id === undefined ? memberIdOf(event) : null,
			pointsEstimated: points,
			receipt: null,
			cashier: 'c1',
		},
		at,
	);
}

/** Appends what a use case recorded; a request that is there already answers with its entry. */
export function appendRecording(disk: OutboxDisk, recording: Recording, at: Moment): Entry {
	const first = [...disk.rows.values()].find((row) => row.requestId === recording.requestId);
	return first ?? append(disk, recording, at);
}

type NewRow = Pick<OutboxRow, 'requestId' | 'eventId' | 'event' | 'memberId' | 'pointsEstimated' | 'receipt' | 'cashier'>;

function append(
	disk: OutboxDisk,
	{ requestId, eventId, event, memberId, pointsEstimated, receipt, cashier }: NewRow,
	{ clock }: Moment,
): Entry {
	const { state, rows } = disk;
	const occurredAtMs = Math.round(clock.nowMs());
	const seq = state.maxSeq + 1;
	const row: OutboxRow = {
		position: nextPosition(rows),
		requestId,
		eventId,
		incarnation: state.incarnation,
		seq,
		status: 'pending',
		action: event.action,
		memberId,
		event: WireEventSchema.parse({ ...event, event_id: eventId, seq, occurred_at: occurredAtMs }),
		pointsEstimated,
		receipt,
		cashier,
		occurredAtMs,
		monotonicMs: Math.round(clock.monotonicMs()),
		bootId: clock.bootId,
		skewMs: state.skewMs,
		attempts: 0,
		nextAttemptAtMs: null,
		sentAtMs: null,
		outcome: null,
		closing: null,
		deferrals: 0,
		deferredSinceMs: null,
	};
	disk.state = { ...state, maxSeq: seq };
	rows.set(eventId, row);
	if (row.action === 'opt_in' && memberId !== null) {
		// The newest enrolment of a member takes the place of an older one.
		disk.enrolled.delete(memberId);
		disk.enrolled.set(memberId, eventId);
	}
	return row;
}

/** Behind the newest, which is never deleted. */
function nextPosition(rows: OutboxDisk['rows']): number {
	return ([...rows.values()].at(-1)?.position ?? 0) + 1;
}

function memberIdOf(event: WireEvent): MemberId {
	// The schema's union says "member id or barcode"; without `external_id` it is the former.
	return event.customer as MemberId;
}

/** Moves a row by the table of transitions; `false` when that changes nothing. */
export function move(
	{ rows }: OutboxDisk,
	{ eventId, event }: { readonly eventId: EventId; readonly event: EntryEvent },
	more: Partial<OutboxRow>,
): boolean {
	const row = rows.get(eventId);
	const status = row === undefined ? null : nextStatus(row.status, event);
	if (row === undefined || status === null) return false;
	rows.set(eventId, { ...row, ...more, status });
	return true;
}

/** How many rows `event` moves. */
export function moveAll(disk: OutboxDisk, event: EntryEvent, more: Partial<OutboxRow>): number {
	return [...disk.rows.keys()].filter((eventId) => move(disk, { eventId, event }, more)).length;
}

/** The next batch, not marked yet. */
export function chooseBatch({ rows }: OutboxDisk, limit: Parameters<Outbox['takeBatch']>[0]): readonly EventId[] {
	const plan = planBatch(limit);
	const all = [...rows.values()].filter((row) => WAITING.has(row.status));
	for (const row of all) {
		const bytes = Buffer.byteLength(JSON.stringify(row.event));
		if (!plan.offer({ ...row, barcode: barcodeOf(row.event), transactionId: transactionOf(row.event), bytes })) break;
	}
	const positions = new Set(plan.positions());
	return all.filter((row) => positions.has(row.position)).map((row) => row.eventId);
}

export function take(disk: OutboxDisk, eventId: EventId, nowMs: number): Entry {
	move(disk, { eventId, event: 'take' }, { sentAtMs: Math.round(nowMs), nextAttemptAtMs: null });
	const row = must(disk.rows.get(eventId), 'the entry that was taken');
	return isStubForced(row.deferredSinceMs, nowMs) ? { ...row, event: { ...row.event, force_stub: true } } : row;
}

export type KeyedResult = EventResult & { readonly event_id: EventId };

/** One answer's effect; whether it changed anything. */
export function settleOne(disk: OutboxDisk, result: KeyedResult, at: number): boolean {
	const row = disk.rows.get(result.event_id);
	if (row === undefined) return false;
	const nowMs = Math.round(at);
	const attempts = row.attempts + 1;
	const { eventId } = row;
	const outcome: Outcome = { appliedTo: null, appliedVer: null, points: null, error: result.error ?? null, settledAtMs: nowMs };
	switch (result.status) {
		case 'deferred': {
			const nextAttemptAtMs = nowMs + deferralWaitMs(row.deferrals);
			const deferral = { deferrals: row.deferrals + 1, deferredSinceMs: row.deferredSinceMs ?? nowMs, nextAttemptAtMs };
			return move(disk, { eventId, event: 'deferred' }, { attempts, outcome, ...deferral });
		}
		case 'fork':
			// It is sent again at its new place: no outcome, but for one that is deferred all the same.
			return move(
				disk,
				{ eventId, event: 'fork' },
				{ attempts, nextAttemptAtMs: null, outcome: row.status === 'deferred' ? outcome : null },
			);
		case 'applied':
		case 'duplicate': {
			const effect = { appliedTo: result.applied_to ?? null, appliedVer: result.applied_ver ?? null, points: result.points ?? null };
			return move(disk, { eventId, event: result.status }, { attempts, nextAttemptAtMs: null, outcome: { ...outcome, ...effect } });
		}
		default:
			return move(disk, { eventId, event: result.status }, { attempts, nextAttemptAtMs: null, outcome });
	}
}

/** Why an entry was parked, as the real outbox stores it. */
export function parkedOutcome(why: LoyaltyError, nowMs: number): Outcome {
	const error = { type: why.code, code: WIRE_CODES.internal, message: (why.detail ?? why.code).slice(0, 500) };
	return { appliedTo: null, appliedVer: null, points: null, error, settledAtMs: Math.round(nowMs) };
}

/** A new incarnation for everything that waits, in its order. */
export function renumber(disk: OutboxDisk, random: Random): number {
	const incarnation = newIncarnation(random);
	const waiting = [...disk.rows.values()].filter((row) => WAITING.has(row.status));
	for (const [index, row] of waiting.entries()) {
		const seq = index + 1;
		disk.rows.set(row.eventId, { ...row, incarnation, seq, event: { ...row.event, seq } });
	}
	disk.state = { ...disk.state, incarnation, maxSeq: waiting.length };
	return waiting.length;
}

/** Adds what headquarters has of this terminal; how many were missing. */
export function adoptRows(disk: OutboxDisk, past: readonly OwnPast[], outcomesAfter: number): number {
	const missing = past.filter(({ result }) => !disk.rows.has(result.event_id));
	for (const [index, { event, result, receipt, cashier, happenedAtMs, storedAtMs }] of missing.entries()) {
		const eventId = result.event_id;
		disk.rows.set(eventId, {
			position: nextPosition(disk.rows),
			requestId: `adopted:${eventId}`,
			eventId,
			incarnation: ADOPTED_INCARNATION,
			seq: disk.rows.size + index + 1,
			status: 'applied',
			action: event.action,
			memberId: event.external_id === undefined ? memberIdOf(event) : null,
			event,
			pointsEstimated: result.points ?? 0,
			receipt,
			cashier,
			occurredAtMs: Math.round(happenedAtMs),
			monotonicMs: 0,
			bootId: 'adopted',
			skewMs: 0,
			attempts: 1,
			nextAttemptAtMs: null,
			sentAtMs: Math.round(storedAtMs),
			outcome: {
				appliedTo: result.applied_to ?? null,
				appliedVer: result.applied_ver ?? null,
				points: result.points ?? null,
				error: null,
				settledAtMs: Math.round(storedAtMs),
			},
			closing: null,
			deferrals: 0,
			deferredSinceMs: null,
		});
	}
	disk.state = { ...disk.state, outcomesAfter };
	return missing.length;
}

/** Offers everything again. */
export function reofferAll(disk: OutboxDisk, hqEpoch: number, random: Random): number {
	const count = moveAll(disk, 'reoffer', START_AGAIN);
	joinWaiting(disk, random);
	disk.state = { ...disk.state, hqEpoch, outcomesAfter: 0 };
	return count;
}

/** What waits of earlier incarnations gets a new one together with everybody else who waits. */
function joinWaiting(disk: OutboxDisk, random: Random): void {
	const isMixed = [...disk.rows.values()].some((row) => WAITING.has(row.status) && row.incarnation !== disk.state.incarnation);
	if (isMixed) renumber(disk, random);
}

/** A person sends it once more. */
export function resendRow(disk: OutboxDisk, eventId: EventId, random: Random): boolean {
	const isMoved = move(disk, { eventId, event: 'resend' }, START_AGAIN);
	if (isMoved) joinWaiting(disk, random);
	return isMoved;
}

/** The cashier takes it back, unless it was ever sent. */
export function voidRow(disk: OutboxDisk, eventId: EventId): boolean {
	const row = disk.rows.get(eventId);
	if (row?.sentAtMs !== null || !move(disk, { eventId, event: 'void' }, { nextAttemptAtMs: null })) return false;
	for (const [memberId, enrolment] of disk.enrolled) if (enrolment === eventId) disk.enrolled.delete(memberId);
	return true;
}

/** All own events that the display rule may count. */
export function countedEvents({ rows }: OutboxDisk): readonly PendingPoints[] {
	const counted: PendingPoints[] = [];
	for (const { eventId, memberId, event, status, outcome, pointsEstimated } of rows.values()) {
		const points = outcome?.points ?? pointsEstimated;
		if (points === 0 || REFUSED.has(status)) continue;
		const [appliedTo, appliedVer] = [outcome?.appliedTo ?? null, outcome?.appliedVer ?? null];
		counted.push({ eventId, memberId, barcode: barcodeOf(event), points, status, appliedTo, appliedVer });
	}
	return counted;
}

/** Own events for the display rule, as `Outbox.pendingPoints` chooses them. */
export function ownEvents(disk: OutboxDisk, of: Parameters<Outbox['pendingPoints']>[0]): readonly PendingPoints[] {
	const ids = new Set(of.memberIds);
	const barcodes = new Set<string>(of.barcodes);
	return countedEvents(disk).filter(({ memberId, barcode, appliedTo }) => {
		const isByBarcode = memberId === null && barcode !== null && barcodes.has(barcode);
		return isByBarcode || (memberId !== null && ids.has(memberId)) || (appliedTo !== null && ids.has(appliedTo));
	});
}

/** The barcode that an event names: as its customer, or as the card of the member it is about. */
function barcodeOf(event: WireEvent): PendingPoints['barcode'] {
	// The schema's union again: with `external_id` it is a barcode.
	if (event.external_id === 'loyalty_barcode') return event.customer as NonNullable<PendingPoints['barcode']>;
	return event.action === 'opt_in' || event.action === 'profile' ? (event.data.loyalty_barcode ?? null) : null;
}

function transactionOf(event: WireEvent): string | null {
	return event.action === 'checkout' || event.action === 'refund' || event.action === 'partial_refund' ? event.data.transaction_id : null;
}

function newIncarnation(random: Random): Incarnation {
	return IncarnationSchema.parse(Buffer.from(random.bytes(8)).toString('hex'));
}
