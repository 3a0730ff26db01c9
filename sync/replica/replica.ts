import type { Cursor, LoyaltyBarcode, MemberId } from '#shared/domain/ids.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Result } from '#shared/lib/result.ts';
import type { ShardDigest } from '#shared/wire/digest.ts';
import type { CardStatus, MemberProfile, MemberStatus } from '#shared/wire/member-row.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';

/** One member as headquarters last told it. Points are whole, times unix milliseconds. */
export type ReplicaMember = {
	readonly id: MemberId;
	readonly ver: number;
	readonly status: MemberStatus;
	readonly card: LoyaltyBarcode | null;
	readonly cardStatus: CardStatus | null;
	readonly firstName: string | null;
	readonly lastName: string | null;
	readonly mobile: string | null;
	readonly email: string | null;
	readonly points: number;
	readonly tierId: string;
	readonly tierPoints: number;
	readonly updatedAtMs: number;
	readonly mergedInto: MemberId | null;
	readonly mergedVer: number | null;
	/** All barcodes of the member with their status, the card first. */
	readonly barcodes: readonly {
		readonly value: LoyaltyBarcode;
		readonly kind: 'card' | 'pass' | 'old_card';
		readonly status: CardStatus;
	}[];
	readonly profile: MemberProfile;
};

/** What tells of a merge: whose row it is, and from which version on the winner's row has its points. */
export type MergedRow = Pick<ReplicaMember, 'id' | 'ver' | 'mergedInto' | 'mergedVer'>;

/** Tombstones of merges in one answer, far more than one person's cards. */
export const MERGED_MAX = 1000;

/**
 * What a look-up answers: a member's row, and of the same moment the tombstones of all merges that end in it, directly or over others, sorted
 * by id. Events of this terminal may still wait under their ids.
 */
export type FoundMember = ReplicaMember & { readonly merged: readonly MergedRow[] };

/** What the replica can say of itself. */
export type ReplicaState = {
	/**
	 * `empty` nothing yet · `loading` a load was begun and is neither finished nor erased, also after `suspend` and a start (look-ups answer
	 * from what was there before, if anything) · `ready`.
	 */
	readonly phase: 'empty' | 'loading' | 'ready';
	readonly hqEpoch: number;
	readonly rows: number;
	/** The member data is as of this moment; unix milliseconds, 0 when empty. */
	readonly asOfMs: number;
	readonly cursor: Cursor | null;
	/** Set when the file was found damaged (put aside) or of another version (thrown away), until a load is finished: a notice, nothing to decide. */
	readonly rebuiltBecause: 'damaged' | 'newer_version' | 'older_version' | null;
};

/** Told who is not at headquarters any more, before they leave the replica: their traces elsewhere go first. May be called again with the same. */
export type Forget = (gone: readonly GoneMember[]) => Promise<void>;

/** By what somebody may be found elsewhere. */
export type GoneMember = Pick<ReplicaMember, 'id' | 'mobile' | 'email'> & { readonly barcodes: readonly LoyaltyBarcode[] };

/**
 * A load in progress: a new file beside the old one, filled file by file of a snapshot, then indexed, searched and swapped in
 * atomically; or, with a manifest of some shards, put in the place of these in one transaction. It survives a crash: `isLoaded` tells which
 * files of the same snapshot are in.
 */
export type ReplicaLoad = {
	readonly isLoaded: (path: string) => boolean;
	/** The lines (each a JSON array of rows as bytes, never decoded) of one unpacked snapshot file, with the mark that it is in. */
	readonly addFile: (path: string, lines: readonly Uint8Array[]) => Promise<Result<{ readonly rows: number }, LoyaltyError>>;
	/**
	 * Indexes, search, checks, fsync, swap. From then on look-ups answer from the new rows. Whoever was here and is not in the load is gone, but
	 * in a load of shards those stay that came after its snapshot. DISK-106: rows are missing, the load starts over.
	 */
	readonly finish: (forget?: Forget) => Promise<Result<{ readonly rows: number }, LoyaltyError>>;
	/** Stops and keeps what is loaded for the next time. */
	readonly suspend: () => Promise<void>;
};

/** The local copy of headquarters' members. One per data folder. Owns `replica.db`, which may be thrown away at any time. */
export type Replica = {
	readonly state: () => ReplicaState;
	/** By any barcode that a member has; the exact value. `null` when nobody has it here. */
	readonly findByBarcode: (barcode: LoyaltyBarcode) => Promise<FoundMember | null>;
	readonly findById: (id: MemberId) => Promise<FoundMember | null>;
	/** `FoundMember.merged` of a member whose own row need not be here. */
	readonly findMerged: (id: MemberId) => Promise<readonly MergedRow[]>;
	/** E.164 mobile, whole or as a prefix; digits as typed are the caller's to normalise. */
	readonly findByMobile: (prefix: string, limit: number) => Promise<readonly FoundMember[]>;
	readonly findByEmail: (prefix: string, limit: number) => Promise<readonly FoundMember[]>;
	/** Every word of `text` begins a word of the name; case and accents do not matter. Tombstones are never found. */
	readonly searchByName: (text: string, limit: number) => Promise<readonly FoundMember[]>;
	/** Barcodes that begin with `part` or, from four characters on, end in it: for a card typed in part. */
	readonly searchByBarcode: (part: string, limit: number) => Promise<readonly FoundMember[]>;

	/**
	 * Goes on with a suspended load of the same snapshot (and shards), or begins a new one. With a manifest of some shards the replica stays
	 * `ready`, and its cursor must stay where it is until the load is finished. LINE-108 when there is no replica whose shards could be replaced.
	 */
	readonly beginLoad: (manifest: SnapshotManifest) => Promise<Result<ReplicaLoad, LoyaltyError>>;
	/**
	 * Lines of one feed page and the place after them, in batches, the cursor with the last batch's rows; a row of a lower or equal version
	 * changes nothing. Answers the rows that changed something and who of them has opted out (their traces elsewhere are the caller's).
	 * Fails with LINE-108 when there is no replica of this epoch, or it is damaged (then it is `empty`): load a snapshot.
	 */
	readonly applyPage: (page: {
		readonly lines: readonly Uint8Array[];
		readonly next: Cursor;
		readonly hqEpoch: number;
		readonly asOfMs: number;
	}) => Promise<Result<{ readonly rows: number; readonly optedOut: readonly MemberId[] }, LoyaltyError>>;
	/**
	 * What the rows come to by shard, at the place that they are at; `null` when there are none. Reads every row in the background: seconds for a
	 * million. Pages applied meanwhile are not in it.
	 */
	readonly digests: () => Promise<Result<{ readonly cursor: Cursor; readonly shards: readonly ShardDigest[] } | null, LoyaltyError>>;
	/** Throws the replica away (new epoch, revoked terminal): state `empty`, files gone. */
	readonly erase: () => Promise<void>;
	/** Reads the whole file, in the background: seconds for a million members. A damaged one is put aside as at a start; answers whether it was sound. */
	readonly check: () => Promise<boolean>;
	readonly onChange: (listener: () => void) => () => void;
	readonly close: () => Promise<void>;
};
