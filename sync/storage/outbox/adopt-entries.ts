import { ADOPTED_INCARNATION } from '../../outbox/outbox.ts';
import type { OwnPast } from '../../outbox/outbox.ts';
import type { Executor } from '../connection.ts';
import { changeOutbox } from './change-outbox.ts';
import type { Change } from './change-outbox.ts';
import type { OutboxContext } from './outbox-context.ts';
import { barcodeOf, transactionOf } from './record-entry.ts';

// Numbered behind what was adopted before; an event that is here already leaves its number unused.
const ADOPT = `
INSERT INTO entry (
	event_id, request_id, incarnation, seq, status, action, member_id, barcode, event, event_bytes, points_estimated,
	receipt_number, amount_minor, currency, transaction_id, cashier, occurred_at, monotonic, boot_id, skew,
	attempts, sent_at, applied_to, applied_ver, points, settled_at
)
SELECT value->>'$.event_id', 'adopted:' || (value->>'$.event_id'), ?2,
	(SELECT coalesce(max(seq), 0) FROM entry WHERE incarnation = ?2) + key + 1,
	'applied', value->>'$.event.action', value->>'$.member_id', value->>'$.barcode', value->>'$.event', octet_length(value->>'$.event'), value->>'$.points',
	value->>'$.receipt_number', value->>'$.amount_minor', value->>'$.currency', value->>'$.transaction_id', value->>'$.cashier',
	value->>'$.happened_at', 0, 'adopted', 0,
	1, value->>'$.stored_at', value->>'$.applied_to', value->>'$.applied_ver', value->>'$.points', value->>'$.stored_at'
FROM json_each(?1) WHERE true
ON CONFLICT (event_id) DO NOTHING`;

/** See `Outbox.adopt`. */
export function adoptEntries(context: OutboxContext, past: readonly OwnPast[], outcomesAfter: number): Promise<number> {
	const { memory } = context;
	return changeOutbox(context, async (tx): Promise<Change<number>> => {
		const added = past.length === 0 ? 0 : await insert(tx, past);
		await tx.run('UPDATE state SET outcomes_after = ?1 WHERE id = 1', [outcomesAfter]);
		return {
			value: added,
			follow: () => {
				memory.counts.applied += added;
				memory.state = { ...memory.state, outcomesAfter };
			},
		};
	});
}

async function insert(tx: Executor, past: readonly OwnPast[]): Promise<number> {
	const rows = past.map((one) => ({ ...toColumns(one), ...toReceiptColumns(one) }));
	const { changes } = await tx.run(ADOPT, [JSON.stringify(rows), ADOPTED_INCARNATION]);
	return changes;
}

function toColumns({ event, result, cashier, happenedAtMs, storedAtMs }: OwnPast): object {
	return {
		event_id: result.event_id,
		event,
		// Without `external_id` the customer is a member id.
		member_id: event.external_id === undefined ? event.customer : null,
		barcode: barcodeOf(event),
		points: result.points ?? 0,
		cashier,
		happened_at: Math.round(happenedAtMs),
		stored_at: Math.round(storedAtMs),
		applied_to: result.applied_to ?? null,
		applied_ver: result.applied_ver ?? null,
	};
}

function toReceiptColumns({ event, receipt }: OwnPast): object {
	return {
		receipt_number: receipt?.receiptNumber ?? null,
		amount_minor: receipt?.amountMinor ?? null,
		currency: receipt?.currency ?? null,
		transaction_id: receipt?.transactionId ?? transactionOf(event),
	};
}
