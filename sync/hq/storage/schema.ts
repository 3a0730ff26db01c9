import type { Clock } from '#shared/lib/clock.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import { assert } from '#shared/lib/assert.ts';
import type { Database, Queryable } from './database.ts';
import { FEED_ROUNDS } from './migrations/feed-rounds.ts';
import { LATE_ARRIVALS } from './migrations/late-arrivals.ts';
import { SCRUBBED_HASHES } from './migrations/scrubbed-hashes.ts';

/** One step of the schema. Forward only: a step that has left the house is never edited, a new one is added at the end. */
type Migration = { readonly version: number; readonly sql: string };

/**
 * Conventions: times are unix milliseconds in `bigint`; points and minor units are `bigint`; ids are `text` but for event ids (`uuid`).
 * Every member row, event and staging row carries its member's shard or id, so that a distributed PostgreSQL can spread them by hash.
 */
const MIGRATIONS: readonly Migration[] = [
	{
		version: 1,
		sql: `
CREATE TABLE hq_state (
	only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
	hq_id uuid NOT NULL DEFAULT gen_random_uuid(),
	-- Raised when headquarters was restored from a backup: every terminal then loads a new snapshot and offers its events again.
	epoch bigint NOT NULL DEFAULT 1 CHECK (epoch >= 1),
	-- Keys the hashes of pairing codes and of forgotten cards.
	secret text NOT NULL,
	programme jsonb,
	cashiers jsonb NOT NULL DEFAULT '[]',
	-- The first number of the card block that the next terminal gets.
	next_card_number bigint NOT NULL DEFAULT 0,
	-- When the first snapshot was begun, null before. From then on a terminal may hold a cursor, and imports go through the feed.
	feed_opened_at bigint,
	created_at bigint NOT NULL
);

CREATE TABLE outlet (
	id text PRIMARY KEY,
	code text NOT NULL UNIQUE,
	name text NOT NULL
);

CREATE TABLE terminal (
	id text PRIMARY KEY,
	outlet_id text NOT NULL REFERENCES outlet (id),
	code text NOT NULL,
	name text NOT NULL,
	-- Both null until it is paired. The secret is stored as it is: an HMAC cannot be checked against a hash.
	api_key text UNIQUE,
	api_secret text,
	card_prefix text,
	card_first bigint,
	card_last bigint,
	created_at bigint NOT NULL,
	paired_at bigint,
	revoked_at bigint,
	last_seen_at bigint,
	-- Our clock minus the terminal's at its last push, milliseconds.
	clock_skew_ms bigint,
	incarnation text,
	app_version text,
	protocol integer,
	-- The number of its last stored outcome. Raised under the row's lock, so that outcomes have no gaps.
	last_result_no bigint NOT NULL DEFAULT 0
);
-- A revoked terminal keeps its row, so that it hears of it; its code may be given to the next one.
CREATE UNIQUE INDEX terminal_by_code ON terminal (outlet_id, code) WHERE revoked_at IS NULL;

CREATE TABLE pairing_code (
	code_hash text PRIMARY KEY,
	terminal_id text NOT NULL REFERENCES terminal (id),
	valid_until bigint NOT NULL,
	used_at bigint
);

-- The columns of shared/wire/member-row.ts under the same names, then what only headquarters looks at.
CREATE TABLE member (
	id text PRIMARY KEY,
	-- Raised by one in every transaction that changes the row (never by the publisher).
	ver bigint NOT NULL DEFAULT 1,
	status text NOT NULL CHECK (status IN ('active', 'inactive', 'suspended', 'stub', 'opted_out', 'merged')),
	card text,
	card_status text CHECK (card_status IN ('active', 'blocked', 'replaced')),
	first_name text,
	last_name text,
	mobile text,
	email text,
	points bigint NOT NULL DEFAULT 0,
	tier text NOT NULL,
	tier_points bigint NOT NULL DEFAULT 0,
	updated_at bigint NOT NULL,
	merged_into text,
	merged_ver bigint,
	aliases jsonb NOT NULL DEFAULT '[]',
	profile jsonb NOT NULL DEFAULT '{}',
	shard integer NOT NULL,
	-- Place in the shard's feed, set by the publisher alone; 0 was never published.
	seq bigint NOT NULL DEFAULT 0,
	-- The member that holds this id's balance now; follow it to the end.
	alias_of text,
	-- Attributes besides the columns (birth_date, gender, custom ones): \`properties\` of the customer object.
	attributes jsonb NOT NULL DEFAULT '{}',
	-- By purpose: { granted, at, version, language }, the newest answer.
	consents jsonb NOT NULL DEFAULT '{}',
	-- points = earned - spent - reserved - expired, always.
	earned bigint NOT NULL DEFAULT 0,
	spent bigint NOT NULL DEFAULT 0,
	reserved bigint NOT NULL DEFAULT 0,
	expired bigint NOT NULL DEFAULT 0,
	-- The balance with which an import brought the member in; never changed afterwards. The ledger starts from here.
	opening_points bigint NOT NULL DEFAULT 0,
	opt_in_at bigint,
	opted_out_at bigint,
	purchase_total_minor bigint NOT NULL DEFAULT 0,
	purchase_count bigint NOT NULL DEFAULT 0,
	purchase_last_at bigint
) WITH (fillfactor = 80);
CREATE INDEX member_by_alias ON member (alias_of) WHERE alias_of IS NOT NULL;
CREATE INDEX member_by_shard ON member (shard, id);
-- Ask with \`seq > 0\` besides the real bound, or a prepared statement cannot use it.
CREATE INDEX member_by_feed ON member (shard, seq) WHERE seq > 0;

-- Every identifier of a member that a scanner can read. Unique across all members.
CREATE TABLE card_index (
	card text PRIMARY KEY,
	member_id text NOT NULL,
	kind text NOT NULL DEFAULT 'card' CHECK (kind IN ('card', 'pass', 'old_card')),
	status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'blocked', 'replaced'))
);
CREATE INDEX card_index_by_member ON card_index (member_id);

-- Cards of members who opted out, as keyed hashes: recognises an old enrolment that arrives late.
CREATE TABLE forgotten_card (
	card_hash text PRIMARY KEY,
	member_id text NOT NULL,
	forgotten_at bigint NOT NULL
);

-- What arrived and became final. Never deleted: the ids are the protection against doing anything twice.
CREATE TABLE event (
	event_id uuid PRIMARY KEY,
	terminal text,
	incarnation text,
	seq bigint,
	-- The member as the sender meant it (a card is resolved), before aliases. Never rewritten.
	origin_member text,
	action text,
	payload jsonb,
	content_hash text NOT NULL,
	-- Its personal data is gone; its content can no longer be compared with a repetition.
	is_scrubbed boolean NOT NULL DEFAULT false,
	status text NOT NULL CHECK (status IN ('applied', 'rejected')),
	error jsonb,
	points bigint NOT NULL DEFAULT 0,
	applied_to text,
	applied_ver bigint,
	result_no bigint,
	occurred_at bigint,
	clock_skew_ms bigint,
	effective_at bigint NOT NULL,
	recorded_at bigint NOT NULL,
	UNIQUE (terminal, incarnation, seq)
);
CREATE UNIQUE INDEX event_by_result ON event (terminal, result_no) WHERE result_no IS NOT NULL;
CREATE INDEX event_by_member ON event (applied_to, recorded_at);

CREATE TABLE sale (
	transaction_id text PRIMARY KEY,
	event_id uuid NOT NULL,
	content_hash text NOT NULL,
	member_id text NOT NULL,
	terminal text,
	currency text NOT NULL,
	amount_minor bigint NOT NULL,
	points bigint NOT NULL,
	refunded_minor bigint NOT NULL DEFAULT 0,
	points_taken_back bigint NOT NULL DEFAULT 0,
	receipt_number text,
	effective_at bigint NOT NULL
) WITH (fillfactor = 90);
CREATE INDEX sale_by_member ON sale (member_id, effective_at);

-- Double entry. Accounts: program, member:<id>, forfeited, suspense. Amounts are positive; the accounts give the direction.
CREATE TABLE ledger_entry (
	event_id uuid NOT NULL,
	debit_account text NOT NULL,
	credit_account text NOT NULL CHECK (credit_account <> debit_account),
	amount bigint NOT NULL CHECK (amount > 0),
	PRIMARY KEY (event_id, debit_account, credit_account)
);

-- Written in the transaction that changes the member; emptied by the publisher, which alone hands out feed numbers.
CREATE TABLE change_staging (
	id bigserial PRIMARY KEY,
	shard integer NOT NULL,
	member_id text NOT NULL
);
CREATE INDEX change_staging_by_shard ON change_staging (shard, id);

CREATE TABLE shard (
	shard integer PRIMARY KEY,
	last_seq bigint NOT NULL DEFAULT 0,
	-- A cursor below it may have missed purged tombstones.
	horizon bigint NOT NULL DEFAULT 0
);
-- How far an import has come, written with each of its pages, so that a broken-off one goes on behind its last page.
CREATE TABLE member_import (
	-- SHA-256 of the file's size, time of change and first megabyte, or the name of a synthetic base.
	source text PRIMARY KEY,
	-- Bytes and lines that are done with (of a synthetic base: members).
	next_byte bigint NOT NULL DEFAULT 0,
	next_line bigint NOT NULL DEFAULT 1,
	imported bigint NOT NULL DEFAULT 0,
	rejected bigint NOT NULL DEFAULT 0,
	-- Length of the list of rejected lines: what is behind it was written by a page that did not commit.
	rejected_bytes bigint NOT NULL DEFAULT 0,
	started_at bigint NOT NULL,
	finished_at bigint
);

INSERT INTO shard (shard) SELECT generate_series(0, ${SHARD_COUNT - 1});
`,
	},
	{ version: 2, sql: FEED_ROUNDS },
	{ version: 3, sql: LATE_ARRIVALS },
	{ version: 4, sql: SCRUBBED_HASHES },
];

/** The advisory lock under which headquarters processes that start together take turns at the schema. */
const MIGRATION_LOCK = 7_246_001;

/**
 * Brings the database up to this program's schema, one transaction per step, and refuses one that a newer program has written.
 * Several processes may call it at once.
 */
export async function migrate(database: Database, clock: Pick<Clock, 'nowMs'>): Promise<void> {
	await database.exec('CREATE TABLE IF NOT EXISTS schema_version (version integer PRIMARY KEY, applied_at bigint NOT NULL)');
	const newest = MIGRATIONS.at(-1)?.version ?? 0;
	const current = await versionOf(database);
	if (current > newest) throw new Error(`the database has schema version ${current}, this program knows ${newest}: start a newer program`);
	for (const [index, migration] of MIGRATIONS.entries()) {
		assert(migration.version === index + 1, 'migrations are numbered from 1 without gaps');
		if (migration.version > current) await database.tx((tx) => apply(tx, migration, clock.nowMs()));
	}
}

async function apply(tx: Queryable, migration: Migration, nowMs: number): Promise<void> {
	await tx.query('SELECT pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
	if ((await versionOf(tx)) >= migration.version) return;
	// A step over a large table may take longer than any request.
	await tx.exec('SET LOCAL statement_timeout = 0');
	await tx.exec(migration.sql);
	await tx.query('INSERT INTO schema_version (version, applied_at) VALUES ($1, $2)', [migration.version, nowMs]);
}

async function versionOf(database: Queryable): Promise<number> {
	const [row] = await database.query<{ version: number }>('SELECT coalesce(max(version), 0)::int AS version FROM schema_version');
	return row?.version ?? 0;
}
