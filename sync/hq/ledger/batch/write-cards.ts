import type { Queryable } from '../../storage/database.ts';
import { forgottenCardHash } from './forget-card.ts';
import type { World } from './world.ts';

const COLUMNS = 'card, member_id, kind, status';
const INPUT = 'jsonb_to_recordset($1::jsonb) AS input (card text, member_id text, kind text, status text)';
const INSERT = `INSERT INTO card_index (${COLUMNS}) SELECT ${COLUMNS} FROM ${INPUT} ORDER BY card`;
const UPDATE = `UPDATE card_index SET member_id = input.member_id, kind = input.kind, status = input.status FROM ${INPUT} WHERE card_index.card = input.card`;

/** Writes the cards that were given, moved or taken away. */
export async function writeCards(tx: Queryable, world: World, secret: string): Promise<void> {
	if (world.releasedCards.size > 0) await releaseCards(tx, world, secret);
	const isKnown = (card: string): boolean => world.knownCards.has(card) && !world.releasedCards.has(card);
	const records = [...world.changedCards.values()].map((entry) => ({
		card: entry.card,
		member_id: entry.memberId,
		kind: entry.kind,
		status: entry.status,
	}));
	const known = records.filter((record) => isKnown(record.card));
	// Inserted, never overwritten: a card that another transaction gave away meanwhile fails here and the request is run again.
	const fresh = records.filter((record) => !isKnown(record.card));
	if (fresh.length > 0) await tx.query(INSERT, [JSON.stringify(fresh)]);
	if (known.length > 0) await tx.query(UPDATE, [JSON.stringify(known)]);
}

async function releaseCards(tx: Queryable, world: World, secret: string): Promise<void> {
	await tx.query('DELETE FROM card_index WHERE card = ANY($1::text[])', [[...world.releasedCards.keys()]]);
	const forgotten = [...world.releasedCards].map(([card, memberId]) => ({
		card_hash: forgottenCardHash(card, secret),
		member_id: memberId,
		forgotten_at: world.forgottenCards.get(card) ?? world.nowMs,
	}));
	await tx.query(
		`INSERT INTO forgotten_card (card_hash, member_id, forgotten_at)
		SELECT card_hash, member_id, forgotten_at FROM jsonb_to_recordset($1::jsonb) AS input (card_hash text, member_id text, forgotten_at bigint) ORDER BY card_hash
		ON CONFLICT (card_hash) DO UPDATE SET member_id = excluded.member_id, forgotten_at = excluded.forgotten_at`,
		[JSON.stringify(forgotten)],
	);
}
