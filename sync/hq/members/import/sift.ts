import { forgottenCardHash } from '../../ledger/batch/forget-card.ts';
import type { Queryable } from '../../storage/database.ts';
import type { NewMember } from '../new-member.ts';

/** A member with the line that it comes from. */
export type Candidate = { readonly line: number; readonly member: NewMember };
export type Rejection = { readonly line: number; readonly reason: string };

/** Ids and cards that members have. */
export type TakenKeys = { readonly ids: ReadonlySet<string>; readonly cards: ReadonlySet<string> };

/** Cards of members who left, with the moment of it, unix milliseconds. */
export type ForgottenCards = ReadonlyMap<string, number>;

export const NOTHING_TAKEN: TakenKeys = { ids: new Set(), cards: new Set() };

/** Which of the candidates' ids and cards are taken. */
export async function findTaken(tx: Queryable, candidates: readonly Candidate[]): Promise<TakenKeys> {
	// Each list is one text parameter: neither ids nor cards hold a line end.
	const find = async (sql: string, values: readonly string[]): Promise<ReadonlySet<string>> => {
		const rows = values.length === 0 ? [] : await tx.query<{ value: string }>(sql, [values.join('\n')]);
		return new Set(rows.map((row) => row.value));
	};
	return {
		ids: await find(
			'SELECT id AS value FROM member WHERE id = ANY (string_to_array($1::text, chr(10)))',
			candidates.map(({ member }) => member.id),
		),
		cards: await find(
			'SELECT card AS value FROM card_index WHERE card = ANY (string_to_array($1::text, chr(10)))',
			candidates.flatMap(cardsOf),
		),
	};
}

/** Which of the candidates' cards belonged to members who left. They are kept as hashes, so each card is hashed, once anybody has left. */
export async function findForgotten(tx: Queryable, candidates: readonly Candidate[], secret: string): Promise<ForgottenCards> {
	const [facts] = await tx.query<{ has_any: boolean }>('SELECT EXISTS (SELECT 1 FROM forgotten_card) AS has_any');
	if (facts?.has_any !== true) return new Map();
	const cards = new Map(candidates.flatMap(cardsOf).map((card) => [forgottenCardHash(card, secret), card]));
	const rows = await tx.query<{ card_hash: string; forgotten_at: number }>(
		'SELECT card_hash, forgotten_at FROM forgotten_card WHERE card_hash = ANY (string_to_array($1::text, chr(10)))',
		[[...cards.keys()].join('\n')],
	);
	return new Map(rows.map((row) => [cards.get(row.card_hash) ?? '', row.forgotten_at]));
}

/** Parts the members who may come in from those who may not: an id or card is taken, in the database or earlier in the page, or its holder left. */
export function sift(
	candidates: readonly Candidate[],
	known: TakenKeys & { readonly forgotten: ForgottenCards },
): { readonly fresh: readonly Candidate[]; readonly refused: readonly Rejection[] } {
	const seen = new Map<string, number>();
	const fresh: Candidate[] = [];
	const refused: Rejection[] = [];
	for (const candidate of candidates) {
		const reason = takenKey(candidate, known) ?? forgottenKey(candidate, known.forgotten) ?? repeatedKey(candidate, seen);
		if (reason === null) fresh.push(candidate);
		else refused.push({ line: candidate.line, reason });
	}
	return { fresh, refused };
}

function takenKey(candidate: Candidate, taken: TakenKeys): string | null {
	if (taken.ids.has(candidate.member.id)) return 'id belongs to a member already';
	return cardsOf(candidate).some((card) => taken.cards.has(card)) ? 'loyalty_barcode belongs to a member already' : null;
}

/** An old list must not bring back who left. Whoever joined with the card afterwards is somebody new. */
function forgottenKey(candidate: Candidate, forgotten: ForgottenCards): string | null {
	const joinedAtMs = candidate.member.optInAtMs ?? 0;
	return cardsOf(candidate).some((card) => joinedAtMs <= (forgotten.get(card) ?? -1))
		? 'loyalty_barcode is that of a member who opted out'
		: null;
}

/** Notes the candidate's keys; a reason when the page had one of them before. */
function repeatedKey({ line, member }: Candidate, seen: Map<string, number>): string | null {
	const keys = [['id', `id ${member.id}`], ...cardsOf({ line, member }).map((card) => ['loyalty_barcode', `card ${card}`])] as const;
	for (const [column, key] of keys) {
		const earlier = seen.get(key);
		if (earlier !== undefined) return `${column} is that of line ${earlier}`;
	}
	for (const [, key] of keys) seen.set(key, line);
	return null;
}

function cardsOf({ member }: Candidate): string[] {
	const aliases = member.aliases.map(([value]) => value);
	return member.card === null ? aliases : [member.card, ...aliases];
}
