/**
 * A replica in memory that keeps the rules of the real one: the version of a row decides, the cursor moves with the rows, a load fills
 * something new beside the old and is swapped in at once, and what of it is complete is known to the next attempt. After a power cut the
 * last changes may be missing, rows and cursor together, as with NORMAL. `test/simulation/replica.contract.test.ts` runs it and the real one
 * side by side.
 */
import type { Cursor, MemberId } from '#shared/domain/ids.ts';
import { shardOf } from '#shared/domain/shard.ts';
import { must } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { DIGEST_LIMIT, memberDigest } from '#shared/wire/digest.ts';
import type { ShardDigest } from '#shared/wire/digest.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import { MemberRowSchema } from '#shared/wire/member-row.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';
import { DiskRefusal } from './fake-refusal.ts';
import { memberOfRow } from './member-of-row.ts';
import { mergedInto } from './merged-rows.ts';
import type { FoundMember, GoneMember, Replica, ReplicaLoad, ReplicaMember, ReplicaState } from './replica.ts';

/** What an engine does with a replica. */
type Driven = Pick<Replica, 'state' | 'findById' | 'findMerged' | 'beginLoad' | 'applyPage' | 'digests' | 'erase' | 'onChange'>;

export type FakeReplica = Driven & {
	/** What `findById` answers, without waiting. */
	readonly find: (id: MemberId) => FoundMember | null;
	/** The row of a member as it is now. */
	readonly row: (id: MemberId) => ReplicaMember | null;
	readonly rows: () => readonly ReplicaMember[];
	/** A member is here as it should not be, or not at all: what a bug or a bad disk would do. */
	readonly corrupt: (id: MemberId, change: Partial<ReplicaMember> | null) => void;
	/** The next call of this name fails with `error`, once. */
	readonly failNext: (name: 'beginLoad' | 'applyPage' | 'addFile' | 'finish', error: LoyaltyError) => void;
};

/** A replica as of some commit. */
type Committed = {
	readonly members: ReadonlyMap<MemberId, ReplicaMember>;
	readonly place: { readonly hqEpoch: number; readonly cursor: Cursor; readonly asOfMs: number };
};

type Load = {
	readonly manifest: SnapshotManifest;
	readonly members: Map<MemberId, ReplicaMember>;
	/** Complete files with their rows. */
	readonly files: Map<string, number>;
	/** Nothing is missing but the exchange of the files. */
	readonly isComplete: boolean;
};

/** What survives the end of the program. */
export type ReplicaDisk = {
	/** The first is on the disk whatever happens, the later ones are still in the log alone; empty when there is no replica. */
	commits: readonly Committed[];
	load: Load | null;
	/** Of some shards, beside the replica that they belong to. */
	shardLoad: Load | null;
};

export function createReplicaDisk(): ReplicaDisk {
	return { commits: [], load: null, shardLoad: null };
}

/** A backup, or the folder of a copied machine. */
export function copyReplicaDisk({ commits, load, shardLoad }: ReplicaDisk): ReplicaDisk {
	return { commits, load: copyLoad(load), shardLoad: copyLoad(shardLoad) };
}

function copyLoad(load: Load | null): Load | null {
	return load === null ? null : { ...load, members: new Map(load.members), files: new Map(load.files) };
}

/** What a load that is gone on with must have been begun for. */
function nameOf(manifest: SnapshotManifest | null): string {
	return JSON.stringify([manifest?.hq_epoch, manifest?.snapshot, manifest?.shards, manifest?.shards === undefined ? '' : manifest.cursor]);
}

/** The power fails: of the changes that are in the log alone the first `share` (0 to 1) are there afterwards. */
export function cutPower(disk: ReplicaDisk, share: number): void {
	const last = Math.floor(Math.max(0, disk.commits.length - 1) * share);
	disk.commits = disk.commits.slice(last, last + 1);
}

export type FakeReplicaOptions = {
	readonly trace?: (call: string) => void;
	readonly rebuiltBecause?: ReplicaState['rebuiltBecause'];
	/** What is on the disk when it is opened; the changes go there. */
	readonly disk?: ReplicaDisk;
	/**
	 * Passed before a change is on the disk and after it. One that never resolves is a program that ended there, one that rejects with a
	 * `DiskRefusal` before the change a disk that refuses.
	 */
	readonly gate?: (name: string, moment: 'before' | 'after') => Promise<void>;
};

type Store = { readonly disk: ReplicaDisk; readonly step: <T>(name: string, change: () => T) => Promise<Result<T, LoyaltyError>> };

/** `trace` hears the name of every call that changes something, before it does. */
export function createFakeReplica(options: FakeReplicaOptions = {}): FakeReplica {
	const { disk = createReplicaDisk(), gate = () => Promise.resolve() } = options;
	const listeners = new Set<() => void>();
	const failures = new Map<string, LoyaltyError>();
	let { rebuiltBecause = null } = options;
	if (disk.load?.isComplete === true) swapIn(disk, disk.load);

	/** One atomic step: nothing of it happens when it fails. */
	const step: Store['step'] = async (name, change) => {
		options.trace?.(name);
		const failure = failures.get(name);
		failures.delete(name);
		try {
			await gate(name, 'before');
		} catch (cause) {
			if (cause instanceof DiskRefusal) return fail(cause.error);
			throw cause;
		}
		if (failure !== undefined) return fail(failure);
		const result = change();
		await gate(name, 'after');
		for (const listener of listeners) listener();
		return ok(result);
	};
	const store: Store = { disk, step };
	const newest = (): Committed | null => disk.commits.at(-1) ?? null;
	return {
		...answerLookUps(newest),
		corrupt: (id, change) => {
			const { members: before, place } = must(newest(), 'a replica to corrupt');
			const members = new Map(before);
			members.delete(id);
			if (change !== null) members.set(id, { ...must(before.get(id), 'a member to corrupt'), ...change });
			disk.commits = [...disk.commits.slice(0, -1), { members, place }];
		},
		failNext: (name, error) => failures.set(name, error),
		state: () => ({ ...stateOf(disk), rebuiltBecause }),
		beginLoad: async (manifest) => {
			if (manifest.shards !== undefined && newest()?.place.hqEpoch !== manifest.hq_epoch)
				return fail(terminalError('LINE-108', { verdict: 'retry_later' }));
			return step('beginLoad', () => {
				const slot = manifest.shards === undefined ? 'load' : 'shardLoad';
				if (nameOf(disk[slot]?.manifest ?? null) !== nameOf(manifest))
					disk[slot] = { manifest, members: new Map(), files: new Map(), isComplete: false };
				return openLoad(store, must(disk[slot], 'the load that was begun'), () => {
					rebuiltBecause = null;
				});
			});
		},
		applyPage: (page) => applyPage(store, page),
		digests: async () => {
			const committed = newest();
			return ok(committed === null ? null : { cursor: committed.place.cursor, shards: digestsOf([...committed.members.values()]) });
		},
		erase: async () => {
			const erased = await step('erase', () => {
				Object.assign(disk, createReplicaDisk());
			});
			// It has no `Result`: what the system says is thrown.
			if (!erased.ok) throw new DiskRefusal(erased.error);
		},
		onChange: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}

function answerLookUps(newest: () => Committed | null): Pick<FakeReplica, 'find' | 'row' | 'rows' | 'findById' | 'findMerged'> {
	const findMerged = (id: MemberId): FoundMember['merged'] => mergedInto(newest()?.members.values() ?? [], id);
	const find = (id: MemberId): FoundMember | null => {
		const member = newest()?.members.get(id);
		return member === undefined ? null : { ...member, merged: findMerged(id) };
	};
	return {
		find,
		row: (id) => newest()?.members.get(id) ?? null,
		rows: () => [...(newest()?.members.values() ?? [])],
		findById: (id) => Promise.resolve(find(id)),
		findMerged: (id) => Promise.resolve(findMerged(id)),
	};
}

function digestsOf(members: readonly ReplicaMember[]): readonly ShardDigest[] {
	const shards = new Map<number, ShardDigest>();
	for (const member of members) {
		const digest = memberDigest(member);
		if (digest === null) continue;
		const shard = shardOf(member.id, SHARD_COUNT);
		const { rows, sum } = shards.get(shard) ?? { rows: 0, sum: 0 };
		shards.set(shard, { shard, rows: rows + 1, sum: (sum + digest) % DIGEST_LIMIT });
	}
	return [...shards.values()];
}

function stateOf({ commits, load }: ReplicaDisk): Omit<ReplicaState, 'rebuiltBecause'> {
	const newest = commits.at(-1);
	const settled = newest === undefined ? 'empty' : 'ready';
	const place = newest?.place ?? { hqEpoch: 0, cursor: null, asOfMs: 0 };
	return { phase: load === null ? settled : 'loading', rows: newest?.members.size ?? 0, ...place };
}

/** Line by line, each a change of its own; the cursor goes with the last one. */
async function applyPage(
	{ disk, step }: Store,
	{ lines, next, hqEpoch, asOfMs }: Parameters<Replica['applyPage']>[0],
): ReturnType<Replica['applyPage']> {
	if (disk.commits.at(-1)?.place.hqEpoch !== hqEpoch) return fail(terminalError('LINE-108', { verdict: 'retry_later' }));
	const changed: ReplicaMember[] = [];
	for (const [index, line] of (lines.length === 0 ? [null] : lines).entries()) {
		const isLast = index >= lines.length - 1;
		const applied = await step('applyPage', () => {
			const before = must(disk.commits.at(-1), 'a replica under a page');
			const members = new Map(before.members);
			changed.push(...(line === null ? [] : readLine(line)).filter((member) => put(members, member)));
			disk.commits = [...disk.commits, { members, place: isLast ? { hqEpoch, cursor: next, asOfMs } : before.place }];
		});
		if (!applied.ok) return applied;
	}
	// A name that is gone is gone from the log too.
	if (changed.some(({ status }) => status === 'opted_out' || status === 'merged')) disk.commits = disk.commits.slice(-1);
	return ok({ rows: changed.length, optedOut: changed.flatMap(({ id, status }) => (status === 'opted_out' ? [id] : [])) });
}

function openLoad({ disk, step }: Store, load: Load, onFinished: () => void): ReplicaLoad {
	const rowsOf = new Map(load.manifest.files.map((file) => [file.path, file.rows]));
	return {
		isLoaded: (path) => load.files.has(path),
		addFile: async (path, lines) => {
			const known = load.files.get(path);
			if (known !== undefined) return ok({ rows: known });
			const members = lines.flatMap(readLine);
			const expected = rowsOf.get(path) ?? members.length;
			if (members.length !== expected) return fail(terminalError('DISK-106', { verdict: 'retry_later', detail: 'rows are missing' }));
			return step('addFile', () => {
				for (const member of members) put(load.members, member);
				load.files.set(path, members.length);
				return { rows: members.length };
			});
		},
		finish: async (forget = () => Promise.resolve()) => {
			const rows = [...load.files.values()].reduce((sum, count) => sum + count, 0);
			if (load.manifest.files.every(({ path }) => load.files.has(path)) && rows !== load.manifest.rows) {
				disk[load.manifest.shards === undefined ? 'load' : 'shardLoad'] = null;
				return fail(terminalError('DISK-106', { verdict: 'retry_later', detail: `${rows} rows instead of ${load.manifest.rows}` }));
			}
			const gone = goneBy(disk, load);
			if (load.manifest.shards !== undefined) {
				if (gone.length > 0) await forget(gone.map(contactsOf));
				return step('finish', () => replaceShards(disk, load, gone));
			}
			const complete = { ...load, isComplete: true };
			const finished = await step('finish', () => {
				disk.load = complete;
			});
			if (!finished.ok) return finished;
			if (gone.length > 0) await forget(gone.map(contactsOf));
			return step('swap', () => {
				swapIn(disk, complete);
				onFinished();
				return { rows: load.members.size };
			});
		},
		suspend: async () => {
			await step('suspend', () => undefined);
		},
	};
}

function swapIn(disk: ReplicaDisk, { manifest, members }: Load): void {
	const { hq_epoch: hqEpoch, created_at: asOfMs, cursor } = manifest;
	disk.commits = [{ members, place: { hqEpoch, cursor, asOfMs } }];
	disk.load = null;
}

/** Who is here and not in the load; in a load of shards only those of the shards that are not younger than its snapshot. */
function goneBy(disk: ReplicaDisk, { manifest, members: loaded }: Load): readonly ReplicaMember[] {
	const seqs = manifest.shards === undefined ? null : new Map(manifest.shards.map(({ shard, seq }) => [shard, seq]));
	const here = [...(disk.commits.at(-1)?.members.values() ?? [])];
	const isOld = (member: ReplicaMember): boolean =>
		seqs === null || (seqOf.get(member) ?? 0) <= (seqs.get(shardOf(member.id, SHARD_COUNT)) ?? -1);
	return here.filter((member) => !loaded.has(member.id) && isOld(member));
}

function contactsOf({ id, mobile, email, barcodes }: ReplicaMember): GoneMember {
	return { id, mobile, email, barcodes: barcodes.map(({ value }) => value) };
}

function replaceShards(disk: ReplicaDisk, { manifest, members: loaded }: Load, gone: readonly ReplicaMember[]): { readonly rows: number } {
	const { members: before, place } = must(disk.commits.at(-1), 'a replica whose shards are replaced');
	const members = new Map(before);
	for (const { id } of gone) members.delete(id);
	for (const member of loaded.values()) if ((members.get(member.id)?.ver ?? 0) <= member.ver) members.set(member.id, member);
	// The log is emptied.
	disk.commits = [{ members, place: { ...place, cursor: manifest.cursor } }];
	disk.shardLoad = null;
	return { rows: loaded.size };
}

/** A member's number in the feed, which nobody else asks for. */
const seqOf = new WeakMap<ReplicaMember, number>();

/** Its place in `MEMBER_COLUMNS`. */
const SEQ_COLUMN = 18;
const RowsSchema = MemberRowSchema.array();
/** Lines that were read: the same page goes to every terminal. */
const LINES_MAX = 500;
const linesRead = new Map<string, readonly ReplicaMember[]>();

function readLine(line: Uint8Array): readonly ReplicaMember[] {
	const text = new TextDecoder().decode(line);
	const known = linesRead.get(text);
	if (known !== undefined) return known;
	const members = RowsSchema.parse(JSON.parse(text)).map(readRow);
	if (linesRead.size === LINES_MAX) linesRead.clear();
	linesRead.set(text, members);
	return members;
}

/** Whether the row was newer than ours. */
function put(members: Map<MemberId, ReplicaMember>, member: ReplicaMember): boolean {
	const known = members.get(member.id);
	if (known !== undefined && known.ver >= member.ver) return false;
	members.set(member.id, member);
	return true;
}

function readRow(row: MemberRow): ReplicaMember {
	const member = memberOfRow(row);
	seqOf.set(member, row[SEQ_COLUMN]);
	return member;
}
