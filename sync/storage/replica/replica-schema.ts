/**
 * The schema of `replica.db`. There are no migrations: a file of another version is thrown away and loaded again, so every change of a
 * statement in this file raises `REPLICA_VERSION`.
 */
import { MEMBER_COLUMNS } from '#shared/wire/member-row.ts';

export const REPLICA_VERSION = 3;

/** Marks the file as ours: `RgRe`. */
export const REPLICA_APPLICATION_ID = 0x52_67_52_65;

/** Digits at the end of a barcode by which it can be found. */
export const BARCODE_END_LENGTH = 4;

/**
 * `member` has one row per member, in the order of the snapshot and of arrival; tombstones keep their row, without anything personal.
 * The index of merges is there from the start: it has tombstones alone, and to make it afterwards would mean to read all rows once more.
 * `aliases` and `profile` are JSONB: a third less to write and to store than text. `sync_state` is one row: where in the feed we are, and
 * in a load which snapshot it is.
 */
export const TABLES = `
CREATE TABLE member (
	rid INTEGER PRIMARY KEY,
	id TEXT NOT NULL,
	ver INTEGER NOT NULL,
	status TEXT NOT NULL CHECK (status IN ('active', 'inactive', 'suspended', 'stub', 'opted_out', 'merged')),
	card TEXT,
	card_status TEXT CHECK (card_status IN ('active', 'blocked', 'replaced')),
	first_name TEXT,
	last_name TEXT,
	mobile TEXT,
	email TEXT,
	points INTEGER NOT NULL,
	tier TEXT NOT NULL,
	tier_points INTEGER NOT NULL,
	updated_at INTEGER NOT NULL,
	merged_into TEXT,
	merged_ver INTEGER,
	aliases BLOB NOT NULL,
	profile BLOB NOT NULL,
	shard INTEGER NOT NULL,
	seq INTEGER NOT NULL
) STRICT;

CREATE INDEX member_merged ON member (merged_into) WHERE merged_into IS NOT NULL;

CREATE TABLE sync_state (
	id INTEGER PRIMARY KEY CHECK (id = 1),
	snapshot TEXT NOT NULL,
	hq_epoch INTEGER NOT NULL,
	cursor TEXT NOT NULL,
	as_of INTEGER NOT NULL,
	rows_removed INTEGER NOT NULL DEFAULT 0,
	is_complete INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE loaded_file (path TEXT PRIMARY KEY, rows INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;

export const ID_INDEX = 'CREATE UNIQUE INDEX member_id ON member (id)';

/**
 * What is made after the rows are in, each text in a transaction of its own and harmless to repeat after a crash. Triggers come last:
 * from then on the feed's changes keep aliases and the search right. There is no ANALYZE on purpose: the figures of a young shop's few
 * members would make SQLite scan the table for ever after, while without figures it goes by the indexes from the first row on.
 */
export const FINISHING = [
	'CREATE INDEX IF NOT EXISTS member_card ON member (card) WHERE card IS NOT NULL',
	`CREATE INDEX IF NOT EXISTS member_card_end ON member (substr(card, -${BARCODE_END_LENGTH})) WHERE card IS NOT NULL`,
	'CREATE INDEX IF NOT EXISTS member_mobile ON member (mobile) WHERE mobile IS NOT NULL',
	'CREATE INDEX IF NOT EXISTS member_email ON member (email COLLATE NOCASE) WHERE email IS NOT NULL',
	`DROP TABLE IF EXISTS alias;
	CREATE TABLE alias (value TEXT NOT NULL, rid INTEGER NOT NULL, PRIMARY KEY (value, rid)) STRICT, WITHOUT ROWID;
	INSERT OR IGNORE INTO alias SELECT alias.value->>0, member.rid FROM member, jsonb_each(member.aliases) AS alias
		WHERE member.aliases <> jsonb('[]') ORDER BY 1;
	CREATE INDEX alias_end ON alias (substr(value, -${BARCODE_END_LENGTH}));`,
	// Without secure-delete a deleted name stays in the index until its segment is merged. With it, `detail = none` loses rows (SQLite 3.53.4):
	// rows 1 'anna' and 2, each deleted and written again as 'anna maria' in one transaction, leave row 1 alone under 'anna'.
	`DROP TABLE IF EXISTS member_name;
	CREATE VIRTUAL TABLE member_name USING fts5 (
		first_name, last_name, content = 'member', content_rowid = 'rid',
		prefix = '2 3 4 5', detail = column, columnsize = 0, tokenize = 'unicode61 remove_diacritics 2'
	);
	INSERT INTO member_name (member_name, rank) VALUES ('secure-delete', 1);
	INSERT INTO member_name (member_name) VALUES ('rebuild');`,
	`DROP TRIGGER IF EXISTS member_inserted;
	CREATE TRIGGER member_inserted AFTER INSERT ON member BEGIN
		INSERT INTO member_name (rowid, first_name, last_name) VALUES (new.rid, new.first_name, new.last_name);
		INSERT OR IGNORE INTO alias SELECT value->>0, new.rid FROM jsonb_each(new.aliases);
	END;
	DROP TRIGGER IF EXISTS member_renamed;
	CREATE TRIGGER member_renamed AFTER UPDATE OF first_name, last_name ON member
	WHEN old.first_name IS NOT new.first_name OR old.last_name IS NOT new.last_name BEGIN
		INSERT INTO member_name (member_name, rowid, first_name, last_name) VALUES ('delete', old.rid, old.first_name, old.last_name);
		INSERT INTO member_name (rowid, first_name, last_name) VALUES (new.rid, new.first_name, new.last_name);
	END;
	DROP TRIGGER IF EXISTS member_aliased;
	CREATE TRIGGER member_aliased AFTER UPDATE OF aliases ON member WHEN old.aliases IS NOT new.aliases BEGIN
		DELETE FROM alias WHERE rid = old.rid AND value IN (SELECT value->>0 FROM jsonb_each(old.aliases));
		INSERT OR IGNORE INTO alias SELECT value->>0, new.rid FROM jsonb_each(new.aliases);
	END;
	DROP TRIGGER IF EXISTS member_removed;
	CREATE TRIGGER member_removed AFTER DELETE ON member BEGIN
		INSERT INTO member_name (member_name, rowid, first_name, last_name) VALUES ('delete', old.rid, old.first_name, old.last_name);
		DELETE FROM alias WHERE rid = old.rid AND value IN (SELECT value->>0 FROM jsonb_each(old.aliases));
	END;`,
];

/** Columns by which a member is known to people; empty in a tombstone, whatever headquarters sent. */
const PERSONAL: ReadonlySet<string> = new Set(['card', 'card_status', 'first_name', 'last_name', 'mobile', 'email']);
const IS_TOMBSTONE = `value->>${MEMBER_COLUMNS.indexOf('status')} IN ('merged', 'opted_out')`;

/** The columns of a row, out of `value` of `jsonb_each(line)`: a JSON array in the order of `MEMBER_COLUMNS`. */
export const COLUMNS_OF_VALUE = MEMBER_COLUMNS.map((column, index) => {
	if (PERSONAL.has(column)) return `CASE WHEN ${IS_TOMBSTONE} THEN NULL ELSE value->>${index} END`;
	if (column === 'aliases') return `CASE WHEN ${IS_TOMBSTONE} THEN jsonb('[]') ELSE jsonb_extract(value, '$[${index}]') END`;
	if (column === 'profile') return `CASE WHEN ${IS_TOMBSTONE} THEN jsonb('{}') ELSE jsonb_extract(value, '$[${index}]') END`;
	return `value->>${index}`;
});

export const COLUMN_NAMES = MEMBER_COLUMNS.join(', ');
