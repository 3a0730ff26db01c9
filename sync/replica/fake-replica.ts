/**
 * A replica in memory that keeps the rules of the real one: the version of a row decides, the cursor moves with the rows, a load fills
 * something new beside the old and is swapped in at once, and what of it is complete is known to the next attempt.
 */
import type { MemberId } from '#shared/domain/ids.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { MemberRowSchema } from '#shared/wire/member-row.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';
import type { Replica, ReplicaLoad, ReplicaMember, ReplicaState } from './replica.ts';

/** What an engine does with a replica. */
type Driven = Pick<Replica, 'state' | 'findById' | 'beginLoad' | 'applyPage' | 'erase' | 'onChange'>;

export type FakeReplica = Driven & {
	/** The row of a member as it is now, without waiting. */
	readonly row: (id: MemberId) => ReplicaMember | null;
	/** The next call of this name fails with `error`, once. */
	readonly failNext: (name: 'beginLoad' | 'applyPage' | 'addFile' | 'finish', error: LoyaltyError) => void;
};

type Load = { readonly manifest: SnapshotManifest; readonly members: Map<MemberId, ReplicaMember>; readonly files: Set<string> };
const EMPTY: ReplicaState = { phase: 'empty', hqEpoch: 0, rows: 0, asOfMs: 0, cursor: null, rebuiltBecause: null };

export type FakeReplicaOptions = { readonly trace?: (call: string) => void; readonly rebuiltBecause?: ReplicaState['rebuiltBecause'] };

/** `trace` hears the name of every call that changes something, before it does. */
export function createFakeReplica(options: FakeReplicaOptions = {}): FakeReplica {
	const listeners = new Set<() => void>();
	const failures = new Map<string, LoyaltyError>();
	let members = new Map<MemberId, ReplicaMember>();
	let state: ReplicaState = { ...EMPTY, rebuiltBecause: options.rebuiltBecause ?? null };
	let load: Load | null = null;

	/** One atomic step: nothing of it happens when it fails. */
	const step = async <T>(name: string, change: () => T): Promise<Result<T, LoyaltyError>> => {
		options.trace?.(name);
		const failure = failures.get(name);
		failures.delete(name);
		await Promise.resolve();
		if (failure !== undefined) return fail(failure);
		const result = change();
		for (const listener of listeners) listener();
		return ok(result);
	};
	const swapIn = ({ manifest, members: loaded }: Load): { readonly rows: number } => {
		members = loaded;
		const { hq_epoch: hqEpoch, created_at: asOfMs, cursor } = manifest;
		state = { ...state, phase: 'ready', hqEpoch, rows: members.size, asOfMs, cursor };
		load = null;
		return { rows: members.size };
	};
	const openLoad = (opened: Load): ReplicaLoad => ({
		isLoaded: (path) => opened.files.has(path),
		addFile: (path, lines) =>
			step('addFile', () => {
				const rows = readLines(lines);
				for (const row of rows) put(opened.members, row);
				opened.files.add(path);
				return { rows: rows.length };
			}),
		finish: () => step('finish', () => swapIn(opened)),
		suspend: async () => {
			await step('suspend', () => undefined);
		},
	});

	return {
		row: (id) => members.get(id) ?? null,
		failNext: (name, error) => failures.set(name, error),
		state: () => state,
		findById: (id) => Promise.resolve(members.get(id) ?? null),
		beginLoad: (manifest) =>
			step('beginLoad', () => {
				if (load?.manifest.snapshot !== manifest.snapshot) load = { manifest, members: new Map(), files: new Set() };
				state = { ...state, phase: 'loading' };
				return openLoad(load);
			}),
		applyPage: (page) => {
			if (state.phase === 'empty' || state.hqEpoch !== page.hqEpoch)
				return Promise.resolve(fail(terminalError('LINE-108', { verdict: 'retry_later' })));
			return step('applyPage', () => {
				const rows = readLines(page.lines).filter((row) => put(members, row));
				state = { ...state, hqEpoch: page.hqEpoch, rows: members.size, asOfMs: page.asOfMs, cursor: page.next };
				return { rows: rows.length, optedOut: rows.flatMap(([id, , status]) => (status === 'opted_out' ? [id] : [])) };
			});
		},
		erase: async () => {
			await step('erase', () => {
				members = new Map();
				load = null;
				state = EMPTY;
			});
		},
		onChange: (listener) => {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}

function readLines(lines: readonly Uint8Array[]): readonly MemberRow[] {
	return lines.flatMap((line) => {
		const rows: unknown = JSON.parse(new TextDecoder().decode(line));
		return MemberRowSchema.array().parse(rows);
	});
}

/** Whether the row was newer than ours. */
function put(members: Map<MemberId, ReplicaMember>, row: MemberRow): boolean {
	const [
		id,
		ver,
		status,
		card,
		cardStatus,
		firstName,
		lastName,
		mobile,
		email,
		points,
		tierId,
		tierPoints,
		updatedAtMs,
		mergedInto,
		mergedVer,
		aliases,
		profile,
	] = row;
	const known = members.get(id);
	if (known !== undefined && known.ver >= ver) return false;
	const barcodes = [
		...(card === null ? [] : [{ value: card, kind: 'card' as const, status: cardStatus ?? ('active' as const) }]),
		...aliases.map(([value, kind, aliasStatus]) => ({ value, kind, status: aliasStatus })),
	];
	const names = { firstName, lastName, mobile, email };
	members.set(id, {
		id,
		ver,
		status,
		card,
		cardStatus,
		...names,
		points,
		tierId,
		tierPoints,
		updatedAtMs,
		mergedInto,
		mergedVer,
		barcodes,
		profile,
	});
	return true;
}
