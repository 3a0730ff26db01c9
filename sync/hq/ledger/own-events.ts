import { EventIdSchema } from '#shared/domain/ids.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { OWN_EVENTS_MAX } from '#shared/wire/own-events.ts';
import type { OwnEvent, OwnEventsResponse } from '#shared/wire/own-events.ts';
import type { HqContext } from '../context.ts';
import { describeOutcome } from './batch/apply-item.ts';
import { OUTCOME_COLUMNS } from './batch/read-stored.ts';
import type { StoredOutcome } from './batch/world.ts';

type Row = StoredOutcome & {
	readonly resultNo: number;
	readonly seq: number | null;
	readonly originMember: string | null;
	readonly namedAs: string | null;
	readonly payload: Readonly<Record<string, unknown>> | null;
	readonly occurredAtMs: number | null;
	readonly effectiveAtMs: number;
	readonly recordedAtMs: number;
	readonly receipt: { readonly receipt_number: string | null; readonly amount_minor: number; readonly currency: string } | null;
};

const READ = `
SELECT ${OUTCOME_COLUMNS}, result_no AS "resultNo", seq, origin_member AS "originMember", named_as AS "namedAs", payload, occurred_at AS "occurredAtMs",
	effective_at AS "effectiveAtMs", recorded_at AS "recordedAtMs",
	(
		SELECT jsonb_build_object('receipt_number', sale.receipt_number, 'currency', sale.currency, 'amount_minor', coalesce(
			(SELECT refund_minor FROM sale_refund WHERE sale_refund.event_id = event.event_id), sale.amount_minor))
		FROM sale WHERE sale.transaction_id = event.payload->>'transaction_id'
	) AS receipt
FROM event WHERE terminal = $1 AND result_no > $2 ORDER BY result_no LIMIT $3`;

/** A terminal's own applied events after number `after`, in the order of storing, as it sent them, with outcomes and receipts. */
export async function readOwnEvents(
	context: Pick<HqContext, 'database' | 'epoch'>,
	{ terminal, after }: { readonly terminal: string; readonly after: number },
): Promise<OwnEventsResponse> {
	const rows = await context.database.query<Row>(READ, [terminal, after, OWN_EVENTS_MAX + 1]);
	const page = rows.slice(0, OWN_EVENTS_MAX);
	return {
		hq_epoch: context.epoch,
		events: page.flatMap((row) => toOwnEvent(row) ?? []),
		next: page.at(-1)?.resultNo ?? after,
		has_more: rows.length > page.length,
	};
}

function toOwnEvent(row: Row): OwnEvent | null {
	if (row.status !== 'applied') return null;
	const event = WireEventSchema.safeParse({
		customer: row.namedAs ?? row.originMember,
		...(row.namedAs === null ? {} : { external_id: 'loyalty_barcode' }),
		action: row.action,
		data: row.payload,
		event_id: row.eventId,
		...(row.seq === null ? {} : { seq: row.seq }),
		...(row.occurredAtMs === null ? {} : { occurred_at: row.occurredAtMs }),
	});
	if (!event.success) return null;
	return {
		event: event.data,
		outcome: { ...describeOutcome(row), event_id: EventIdSchema.parse(row.eventId), result_no: row.resultNo },
		effective_at: row.effectiveAtMs,
		recorded_at: row.recordedAtMs,
		...(row.receipt === null ? {} : { receipt: row.receipt }),
	};
}
