import { EventIdSchema } from '#shared/domain/ids.ts';
import { OUTCOMES_MAX } from '#shared/wire/limits.ts';
import type { OutcomesResponse } from '#shared/wire/outcomes.ts';
import type { HqContext } from '../context.ts';
import { describeOutcome } from './batch/apply-item.ts';
import { OUTCOME_COLUMNS } from './batch/read-stored.ts';
import type { StoredOutcome } from './batch/world.ts';

/** A terminal's stored outcomes after number `after`, oldest first, at most `most` (`OUTCOMES_MAX`). Without gaps: a number that is missing is not there yet. */
export async function readOutcomes(
	context: Pick<HqContext, 'database' | 'epoch'>,
	{ terminal, after, most = OUTCOMES_MAX }: { readonly terminal: string; readonly after: number; readonly most?: number },
): Promise<OutcomesResponse> {
	const rows = await context.database.query<StoredOutcome & { readonly resultNo: number; readonly recordedAtMs: number }>(
		`SELECT ${OUTCOME_COLUMNS}, result_no AS "resultNo", recorded_at AS "recordedAtMs" FROM event WHERE terminal = $1 AND result_no > $2 ORDER BY result_no LIMIT $3`,
		[terminal, after, most + 1],
	);
	const page = rows.slice(0, most);
	return {
		hq_epoch: context.epoch,
		results: page.map((row) => ({
			...describeOutcome(row),
			event_id: EventIdSchema.parse(row.eventId),
			result_no: row.resultNo,
			recorded_at: row.recordedAtMs,
		})),
		next: page.at(-1)?.resultNo ?? after,
		has_more: rows.length > page.length,
	};
}
