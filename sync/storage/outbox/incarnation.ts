import type { Incarnation } from '#shared/domain/ids.ts';
import { numberIn } from '../columns.ts';
import type { Executor } from '../connection.ts';
import { WAITING_IN_SQL } from './outbox-context.ts';

/** The part of the outbox's state that a new incarnation changes. */
export type Renumbered = { readonly incarnation: Incarnation; readonly maxSeq: number };

const RENUMBER = `
	UPDATE entry SET
		incarnation = ?1, seq = place.seq,
		event = json_set(event, '$.seq', place.seq), event_bytes = octet_length(json_set(event, '$.seq', place.seq))
	FROM (
		SELECT position AS of_position, row_number() OVER (ORDER BY position) AS seq
		FROM entry INDEXED BY entry_open WHERE status <> 'applied' AND status IN (${WAITING_IN_SQL})
	) AS place
	WHERE entry.position = place.of_position`;

/**
 * Begins a new incarnation: entries that wait keep their ids and their order and are numbered from 1; settled ones stay as headquarters
 * knows them. Afterwards every entry that waits is of the current incarnation.
 */
export async function renumberWaiting(tx: Executor, incarnation: Incarnation): Promise<Renumbered> {
	const { changes: maxSeq } = await tx.run(RENUMBER, [incarnation]);
	await tx.run('UPDATE state SET incarnation = ?1, max_seq = ?2 WHERE id = 1', [incarnation, maxSeq]);
	return { incarnation, maxSeq };
}

/** Whether an entry waits that is not of `incarnation`. */
export async function isAnyWaitingOutside(tx: Executor, incarnation: Incarnation): Promise<boolean> {
	const row = await tx.get(
		`SELECT EXISTS (
			SELECT 1 FROM entry INDEXED BY entry_open WHERE status <> 'applied' AND status IN (${WAITING_IN_SQL}) AND incarnation <> ?1
		) AS found`,
		[incarnation],
	);
	return numberIn(row, 'found') === 1;
}
