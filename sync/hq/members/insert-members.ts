import { shardOf } from '#shared/domain/shard.ts';
import { assert } from '#shared/lib/assert.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { Queryable } from '../storage/database.ts';
import type { NewMember } from './new-member.ts';

/**
 * Members of one page. 2,000 are about 1 MB of text: large enough that the statement's own cost vanishes, small enough that an
 * embedded database, which does one thing at a time, answers others every tenth of a second.
 */
export const MEMBERS_PAGE_MAX = 2_000;

// A page is bound as tab-separated text, one line per member: PostgreSQL takes it apart three times as fast as JSON records
// (10 against 30 µs a member on PGlite), and only `aliases` and `profile` are parsed as JSON. U+0001 stands for null.
const NULL = '\u0001';
const FIELDS = String.raw`SELECT string_to_array(line, E'\t', E'\x01') AS f FROM string_to_table($1::text, E'\n') AS line OFFSET 0`;

const INSERT_MEMBERS = `
INSERT INTO member (id, status, card, card_status, first_name, last_name, mobile, email, points, tier, tier_points,
	updated_at, opt_in_at, aliases, profile, shard, earned, spent, opening_points)
SELECT f[1], f[2], f[3], f[4], f[5], f[6], f[7], f[8], f[9]::bigint, f[10], f[11]::bigint,
	f[12]::bigint, f[13]::bigint, f[14]::jsonb, f[15]::jsonb, f[16]::integer, greatest(f[9]::bigint, 0), greatest(-f[9]::bigint, 0), f[9]::bigint
FROM (${FIELDS}) AS input`;

const INSERT_CARDS = `INSERT INTO card_index (card, member_id, kind, status) SELECT f[1], f[2], f[3], f[4] FROM (${FIELDS}) AS input`;

const STAGE = `INSERT INTO change_staging (shard, member_id) SELECT f[16]::integer, f[1] FROM (${FIELDS}) AS input`;

/**
 * Adds one page of members with their cards in the caller's transaction. Ids and cards must be new: one that is taken fails the
 * statement with 23505. The balance becomes the member's opening balance, from which the ledger goes on, so that points are conserved.
 * `isStaged`: the members also go through the change feed.
 */
export async function insertMembers(tx: Queryable, members: readonly NewMember[], isStaged: boolean): Promise<void> {
	if (members.length === 0) return;
	// By shard, so that the members of a shard lie together on disk: a snapshot reads shard by shard.
	const placed = members
		.map((member) => ({ member, shard: shardOf(member.id, SHARD_COUNT) }))
		.sort((left, right) => left.shard - right.shard);
	const lines = placed.map(({ member, shard }) => memberLine(member, shard)).join('\n');
	await tx.query(INSERT_MEMBERS, [lines]);
	const cards = members.flatMap(cardLines).join('\n');
	if (cards !== '') await tx.query(INSERT_CARDS, [cards]);
	if (isStaged) await tx.query(STAGE, [lines]);
}

function memberLine(member: NewMember, shard: number): string {
	return [
		member.id,
		member.status,
		text(member.card),
		text(member.cardStatus),
		text(member.firstName),
		text(member.lastName),
		text(member.mobile),
		text(member.email),
		member.points,
		member.tier,
		member.tierPoints,
		member.updatedAtMs,
		member.optInAtMs ?? NULL,
		// JSON escapes control characters, so that neither holds a tab or a line end.
		JSON.stringify(member.aliases),
		JSON.stringify(member.profile),
		shard,
	].join('\t');
}

function cardLines(member: NewMember): string[] {
	const aliases = member.aliases.map(([value, kind, status]) => [value, member.id, kind, status].join('\t'));
	return member.card === null ? aliases : [[member.card, member.id, 'card', member.cardStatus ?? 'active'].join('\t'), ...aliases];
}

function text(value: string | null): string {
	if (value === null) return NULL;
	assert(!/\p{Cc}/u.test(value), 'a new member holds no control characters');
	return value;
}
