/** The feed and the snapshots of the headquarters in memory: one row of numbers for all shards, and a place in it that may differ by shard. */
import { CursorSchema } from '#shared/domain/ids.ts';
import type { Cursor } from '#shared/domain/ids.ts';
import { shardOf } from '#shared/domain/shard.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { DIGEST_LIMIT, memberDigest } from '#shared/wire/digest.ts';
import type { DigestsResponse } from '#shared/wire/digest.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { SnapshotFile, SnapshotManifest } from '#shared/wire/snapshot.ts';
import type { Breakdown } from './classify-failure.ts';
import { toRow } from './fake-ledger.ts';
import type { Ledger, LedgerMember } from './fake-ledger.ts';
import { breakdownOf } from './fake-line.ts';
import type { FeedPage } from './feed-page.ts';
import type { SnapshotPart } from './headquarters-client.ts';

/** Read up to `seq`, but for the shards in `others`. */
type Place = { readonly seq: number; readonly others: ReadonlyMap<number, number> };

export type FakeSnapshot = {
	readonly manifest: SnapshotManifest;
	/** Those of files of parts are added when a part is asked for. */
	readonly lines: Map<string, Uint8Array>;
	readonly members: readonly LedgerMember[];
	readonly seq: number;
};

/** `e<epoch>:<seq>` and, after a part was loaded, `;<shard>=<seq>` for each that stands elsewhere. */
export function toCursor(epoch: number, seq: number, others: Place['others'] = new Map()): Cursor {
	const apart = [...others].filter(([, other]) => other !== seq).map(([shard, other]) => `;${shard}=${other}`);
	return CursorSchema.parse(`e${epoch}:${seq}${apart.join('')}`);
}

/** The place of a cursor, or why it leads nowhere. */
export function readCursor(ledger: Ledger, cursor: Cursor): Result<Place, Breakdown> {
	const [head = '', ...apart] = cursor.slice(1).split(';');
	const [epoch, seq] = head.split(':').map(Number);
	const others = new Map(apart.map((text): [number, number] => [Number(text.split('=')[0]), Number(text.split('=')[1])]));
	if (epoch !== ledger.epoch || seq === undefined || Math.max(seq, ...others.values()) > ledger.lastSeq)
		return fail(breakdownOf({ status: 410, code: WIRE_CODES.resyncNeeded }));
	return ok({ seq, others });
}

function seqIn({ seq, others }: Place, shard: number): number {
	return others.get(shard) ?? seq;
}

function shardOfMember(member: LedgerMember): number {
	return shardOf(member.id, SHARD_COUNT);
}

/** Whether nothing has changed since the place. */
export function isAtHead(ledger: Ledger, cursor: Cursor): boolean {
	const place = readCursor(ledger, cursor);
	return place.ok && changesAfter(ledger, place.value).length === 0 && place.value.seq === ledger.lastSeq;
}

/** Members that changed after `place`, each once at its latest number. */
function changesAfter(ledger: Ledger, place: Place): readonly LedgerMember[] {
	return [...ledger.members.values()]
		.filter((member) => member.seq > seqIn(place, shardOfMember(member)) && !ledger.purged.has(member.id))
		.toSorted((a, b) => a.seq - b.seq);
}

export function readPage(
	ledger: Ledger,
	{ cursor, pageRows, nowMs }: { readonly cursor: Cursor; readonly pageRows: number; readonly nowMs: number },
): Result<FeedPage, Breakdown> {
	const place = readCursor(ledger, cursor);
	if (!place.ok) return place;
	const shards = [...ledger.horizons].flatMap(([shard, horizon]) => (seqIn(place.value, shard) < horizon ? [shard] : []));
	if (shards.length > 0) return fail(breakdownOf({ status: 410, code: WIRE_CODES.resyncNeeded, shards }));
	const changes = changesAfter(ledger, place.value);
	const page = changes.slice(0, pageRows);
	const hasMore = changes.length > page.length;
	const next = toCursor(ledger.epoch, ...advance(place.value, hasMore ? (page.at(-1)?.seq ?? 0) : ledger.lastSeq));
	const lines = page.length === 0 ? [] : [toLine(page)];
	return ok({
		header: { hq_epoch: ledger.epoch, next, has_more: hasMore, rows: page.length, lines: lines.length, server_time: nowMs },
		lines,
	});
}

/** The place after everything up to `seq` was read, whatever shard it is of. */
function advance({ seq: before, others }: Place, seq: number): [number, ReadonlyMap<number, number>] {
	return [Math.max(before, seq), new Map([...others].map(([shard, other]) => [shard, Math.max(other, seq)]))];
}

/** The digests of the shards in which nothing has changed since the place of `cursor`. */
export function readDigests(ledger: Ledger, cursor: Cursor): Result<DigestsResponse, Breakdown> {
	const place = readCursor(ledger, cursor);
	if (!place.ok) return place;
	const moved = new Set(changesAfter(ledger, place.value).map(shardOfMember));
	const members = [...ledger.members.values()];
	const shards = Array.from({ length: SHARD_COUNT }, (_, shard) => {
		const digests = members.filter((member) => shardOfMember(member) === shard).flatMap((member) => digestOf(member) ?? []);
		return { shard, rows: digests.length, sum: digests.reduce((sum, digest) => (sum + digest) % DIGEST_LIMIT, 0) };
	});
	return ok({ hq_epoch: ledger.epoch, shards: shards.filter(({ shard }) => !moved.has(shard)) });
}

function digestOf(member: LedgerMember): number | null {
	const [id, ver, status] = toRow(member);
	return memberDigest({ id, ver, status });
}

/** A closed piece of the feed: everybody whose number lay behind `from` and not behind `to` when it was written. */
export type FakeSegment = {
	readonly path: string;
	readonly from: number;
	readonly to: number;
	readonly rows: number;
	readonly line: Uint8Array;
};

/** Closes what is new since `from`; `null` when nobody is there. */
export function closeSegment(ledger: Ledger, from: number, number: number): FakeSegment | null {
	const members = changesAfter(ledger, { seq: from, others: new Map() });
	const path = `segment/${ledger.epoch}/${number}.json.gz`;
	return members.length === 0 ? null : { path, from, to: ledger.lastSeq, rows: members.length, line: toLine(members) };
}

/** The answer that names the segment in which `cursor` lies, `null` when there is none or the place leads nowhere. */
export function nameSegment(
	ledger: Ledger,
	segments: readonly FakeSegment[],
	{ cursor, nowMs }: { readonly cursor: Cursor; readonly nowMs: number },
): FeedPage | null {
	const place = readCursor(ledger, cursor);
	if (!place.ok || [...ledger.horizons].some(([shard, horizon]) => seqIn(place.value, shard) < horizon)) return null;
	const lowest = Math.min(place.value.seq, ...place.value.others.values());
	const segment = segments.find(({ from, to }) => from <= lowest && lowest < to);
	if (segment === undefined) return null;
	const { path, rows, line } = segment;
	const next = toCursor(ledger.epoch, ...advance(place.value, segment.to));
	return {
		header: {
			hq_epoch: ledger.epoch,
			next: cursor,
			has_more: true,
			rows: 0,
			lines: 0,
			server_time: nowMs,
			segment: { path, rows, bytes: line.length, sha256: '0'.repeat(64), next },
		},
		lines: [],
	};
}

export type FakeSnapshotOptions = { readonly name: string; readonly fileRows: number; readonly createdAtMs: number };

/** A snapshot of everybody as of now; its files hold members of all shards, as those of a very small base could. */
export function takeSnapshot(ledger: Ledger, { name, fileRows, createdAtMs }: FakeSnapshotOptions): FakeSnapshot {
	const members = [...ledger.members.values()].filter((member) => !ledger.purged.has(member.id));
	const lines = new Map<string, Uint8Array>();
	const files = writeFiles(lines, members, (number) => ({ path: `snapshot/${name}/0/${number}.json.gz`, shard: 0, fileRows }));
	const manifest = {
		hq_epoch: ledger.epoch,
		protocol: 1,
		snapshot: name,
		created_at: createdAtMs,
		cursor: toCursor(ledger.epoch, ledger.lastSeq),
		...sizesOf(files),
	};
	return { manifest, lines, members, seq: ledger.lastSeq };
}

/** The manifest of some shards, with the caller's own place in the others. */
export function partOfSnapshot(
	ledger: Ledger,
	snapshot: FakeSnapshot,
	{ shards, cursor, fileRows }: SnapshotPart & { readonly fileRows: number },
): Result<SnapshotManifest, Breakdown> {
	const place = readCursor(ledger, cursor);
	if (!place.ok) return place;
	const files = shards.flatMap((shard) =>
		writeFiles(
			snapshot.lines,
			snapshot.members.filter((member) => shardOfMember(member) === shard),
			(number) => ({ path: `snapshot/${snapshot.manifest.snapshot}/${shard}/part-${number}.json.gz`, shard, fileRows }),
		),
	);
	const others = new Map([...place.value.others, ...shards.map((shard) => [shard, snapshot.seq] as const)]);
	return ok({
		...snapshot.manifest,
		cursor: toCursor(ledger.epoch, place.value.seq, others),
		...sizesOf(files),
		shards: shards.map((shard) => ({ shard, seq: snapshot.seq })),
	});
}

function sizesOf(files: readonly SnapshotFile[]): Pick<SnapshotManifest, 'rows' | 'bytes' | 'files'> {
	return {
		rows: files.reduce((sum, file) => sum + file.rows, 0),
		bytes: files.reduce((sum, file) => sum + file.bytes, 0),
		files: [...files],
	};
}

type FileShape = { readonly path: string; readonly shard: number; readonly fileRows: number };

function writeFiles(
	lines: Map<string, Uint8Array>,
	members: readonly LedgerMember[],
	shapeOf: (number: number) => FileShape,
): readonly SnapshotFile[] {
	const files: SnapshotFile[] = [];
	for (let from = 0; from < members.length; from += shapeOf(0).fileRows) {
		const { path, shard, fileRows } = shapeOf(files.length);
		const rows = members.slice(from, from + fileRows);
		const line = toLine(rows);
		lines.set(path, line);
		files.push({ path, shard, rows: rows.length, bytes: line.length, sha256: '0'.repeat(64) });
	}
	return files;
}

function toLine(members: readonly LedgerMember[]): Uint8Array {
	return new TextEncoder().encode(JSON.stringify(members.map(toRow)));
}
