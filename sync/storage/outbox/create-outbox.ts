import type { Outbox } from '../../outbox/outbox.ts';
import { adoptEntries } from './adopt-entries.ts';
import { changeOutbox, readOutbox } from './change-outbox.ts';
import {
	closeRefused,
	findEntry,
	parkEntry,
	recoverSending,
	releaseEntries,
	resendEntry,
	retireEntries,
	voidEntry,
} from './change-entries.ts';
import { findEnrolment, forgetEnrolments, readEnrolledMembers, searchEnrolments } from './enrolments.ts';
import type { OutboxContext } from './outbox-context.ts';
import { findSales, listEntries, readLastCardNumber, readNextAttempt, readPendingPoints, summarizeShift } from './outbox-queries.ts';
import { countCorrected, findCorrections } from './corrections.ts';
import { proveByCashier, proveEntries } from './proof.ts';
import { renewIncarnation, reofferSettled, saveState } from './outbox-state.ts';
import { findRecorded, recordEntry } from './record-entry.ts';
import { scrubMembers } from './scrub.ts';
import { settleResults } from './settle-results.ts';
import { takeBatch } from './take-batch.ts';

/** Puts the parts of an opened `outbox.db` together. */
export function createOutbox(parts: Omit<OutboxContext, 'noteChange'>): Outbox {
	const listeners = new Set<() => void>();
	const context: OutboxContext = {
		...parts,
		noteChange: () => {
			parts.checkpointer.noteCommit();
			// Apart from the call that made the change: what a listener throws is not that call's failure.
			for (const listener of listeners) queueMicrotask(listener);
		},
	};
	return {
		record: (recording) => recordEntry(context, recording),
		findByRequest: (requestId) => readOutbox(context, (reader) => findRecorded(reader, requestId)),
		voidEntry: (eventId) => voidEntry(context, eventId),
		resend: (eventId) => resendEntry(context, eventId),
		closeRefused: (order) => closeRefused(context, order),

		get: (eventId) => readOutbox(context, (reader) => findEntry(reader, eventId)),
		list: (query) => readOutbox(context, (reader) => listEntries(reader, query)),
		counts: () => countEntries(context),
		proof: (sinceMs) => readOutbox(context, (reader) => proveEntries(reader, sinceMs)),
		proofByCashier: (sinceMs) => readOutbox(context, (reader) => proveByCashier(reader, sinceMs)),
		corrections: (eventIds) => readOutbox(context, (reader) => findCorrections(reader, eventIds)),
		countCorrected: () => readOutbox(context, countCorrected),
		shiftSummary: (sinceMs) => readOutbox(context, (reader) => summarizeShift(reader, sinceMs)),
		findSales: (receiptNumber) => readOutbox(context, (reader) => findSales(reader, receiptNumber)),
		pendingPoints: (of) => readOutbox(context, (reader) => readPendingPoints(reader, of)),
		findEnrolment: (by) => readOutbox(context, (reader) => findEnrolment(reader, by)),
		searchEnrolments: (text, limit) => readOutbox(context, (reader) => searchEnrolments(reader, text, limit)),
		lastCardNumber: () => readOutbox(context, readLastCardNumber),

		state: () => context.memory.state,
		saveState: (change) => saveState(context, change),

		recoverSending: () => recoverSending(context),
		takeBatch: (limit) => takeBatch(context, limit),
		settle: (results, nowMs) => settleResults(context, results, nowMs),
		release: (eventIds, nextAttemptAtMs) => releaseEntries(context, eventIds, nextAttemptAtMs),
		park: (eventId, why, nextAttemptAtMs) => parkEntry(context, { eventId, why, nextAttemptAtMs }),
		reoffer: (hqEpoch) => reofferSettled(context, hqEpoch),
		renewIncarnation: () => renewIncarnation(context),
		adopt: (past, outcomesAfter) => adoptEntries(context, past, outcomesAfter),
		nextAttemptAtMs: () => readOutbox(context, readNextAttempt),
		enrolledMembers: (limit) => readOutbox(context, (reader) => readEnrolledMembers(reader, limit)),
		forgetEnrolments: (memberIds) => forgetEnrolments(context, memberIds),
		scrubMembers: (memberIds, traces) => scrubMembers(context, memberIds, traces),
		retire: (beforeMs) => retireEntries(context, beforeMs),

		onChange: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
		close: () => closeOutbox(context, listeners),
	};
}

/** Out of memory while it mirrors the file, which is read again after a failed write. */
async function countEntries(context: OutboxContext): Promise<OutboxContext['memory']['counts']> {
	if (!context.memory.isExact) await changeOutbox(context, () => Promise.resolve({ value: undefined, follow: null }));
	return { ...context.memory.counts };
}

async function closeOutbox({ writer, reader, checkpointer }: OutboxContext, listeners: Set<() => void>): Promise<void> {
	listeners.clear();
	await checkpointer.close();
	await reader.close();
	// Last, so that the one which empties the log into the file is the durable one.
	await writer.close();
}
