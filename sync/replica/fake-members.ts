import { CursorSchema } from '#shared/domain/ids.ts';
import { shardOf } from '#shared/domain/shard.ts';
import type { Random } from '#shared/lib/clock.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { SHARD_COUNT, SNAPSHOT_FILE_ROWS_MAX, SNAPSHOT_LINE_ROWS_MAX } from '#shared/wire/limits.ts';
import { MEMBER_COLUMNS, MemberRowSchema } from '#shared/wire/member-row.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';

const FIRST_NAMES = ['Anna', 'Béla', 'Zsófia', 'Émile', 'Ödön', 'Jürgen', 'Siobhán', 'Łukasz', 'Chloe', 'Mary Ann'];
const LAST_NAMES = ['Nagy', 'Kovács', "O'Neil", 'Smith-Jones', 'Müller', 'García', 'Őry', 'Tóth', 'de la Cruz', 'Varga'];
const START_MS = Date.UTC(2026, 0, 1);

/** Columns of a row by their name on the wire. */
export type MemberColumns = Partial<Record<(typeof MEMBER_COLUMNS)[number], unknown>>;

const BLANK: MemberColumns = {
	ver: 1,
	status: 'active',
	card: null,
	card_status: null,
	first_name: null,
	last_name: null,
	mobile: null,
	email: null,
	points: 0,
	tier: 'base',
	tier_points: 0,
	updated_at: START_MS,
	merged_into: null,
	merged_ver: null,
	aliases: [],
	profile: {},
	seq: 1,
};

/** A row as headquarters writes it; what is not given is blank, a card is active. */
export function memberRow(columns: MemberColumns & { readonly id: string }): MemberRow {
	const cardStatus = (columns.card ?? null) === null ? null : 'active';
	const whole: MemberColumns = { ...BLANK, card_status: cardStatus, shard: shardOf(columns.id, SHARD_COUNT), ...columns };
	return MemberRowSchema.parse(MEMBER_COLUMNS.map((column) => whole[column]));
}

/** Members that are different from each other in every look-up, sorted by card like a snapshot. */
export function memberRows(count: number, random: Random = seededRandom(1)): readonly MemberRow[] {
	const pick = <T>(values: readonly T[], index: number): T | undefined => values[index % values.length];
	return Array.from({ length: count }, (_, index) =>
		memberRow({
			id: uuidV7(START_MS + index, random),
			ver: 1 + Math.floor(random.fraction() * 20),
			card: `29${String(index).padStart(11, '0')}`,
			first_name: pick(FIRST_NAMES, index),
			last_name: `${pick(LAST_NAMES, Math.floor(index / FIRST_NAMES.length))} ${index.toString(26).replaceAll(/\d/g, (digit) => 'qrstuvwxyz'[Number(digit)] ?? '')}`,
			mobile: `+36${String(200_000_000 + index)}`,
			email: `Member.${index}@Example.com`,
			points: Math.floor(random.fraction() * 10_000),
			aliases: index % 20 === 0 ? [[`PASS-${index}`, 'pass', 'active']] : [],
			profile: { language: 'hu', consents: { terms: true }, rewards: [{ id: 'r1', name: 'Free coffee', cost: 100 }] },
			seq: index + 1,
		}),
	);
}

/** Rows as lines of a file or page: JSON arrays as bytes. */
export function toLines(rows: readonly MemberRow[], rowsPerLine: number = SNAPSHOT_LINE_ROWS_MAX): readonly Uint8Array[] {
	const lines = [];
	for (let start = 0; start < rows.length; start += rowsPerLine) {
		lines.push(new TextEncoder().encode(JSON.stringify(rows.slice(start, start + rowsPerLine))));
	}
	return lines;
}

export type FakeSnapshot = { readonly manifest: SnapshotManifest; readonly files: ReadonlyMap<string, readonly Uint8Array[]> };

/** A snapshot of these rows, unpacked. */
export function snapshotOf(
	rows: readonly MemberRow[],
	options: { readonly name?: string; readonly hqEpoch?: number; readonly fileRows?: number } = {},
): FakeSnapshot {
	const { name = 's1', hqEpoch = 1, fileRows = SNAPSHOT_FILE_ROWS_MAX } = options;
	const files = new Map<string, readonly Uint8Array[]>();
	const listed = [];
	for (let start = 0; start < rows.length; start += fileRows) {
		const part = rows.slice(start, start + fileRows);
		const path = `snapshot/${name}/${files.size}.json.gz`;
		files.set(path, toLines(part));
		listed.push({ path, shard: 0, rows: part.length, bytes: 0, sha256: '0'.repeat(64) });
	}
	const manifest = {
		hq_epoch: hqEpoch,
		protocol: 1,
		snapshot: name,
		created_at: START_MS,
		cursor: CursorSchema.parse(`cursor-${name}`),
		rows: rows.length,
		bytes: 0,
		files: listed,
	};
	return { manifest, files };
}
