import type { HqContext } from '../../context.ts';
import { isRetryable } from '../../storage/database.ts';
import type { Queryable } from '../../storage/database.ts';
import { insertMembers } from '../insert-members.ts';
import { lockCheckpoint, moveCheckpoint } from './checkpoint.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Place } from './records.ts';
import { findForgotten, findTaken, NOTHING_TAKEN, sift } from './sift.ts';
import type { Candidate, Rejection } from './sift.ts';

export type CommitContext = Pick<HqContext, 'database' | 'secret'>;

/** One page, ready to be stored. */
export type PageToCommit = {
	readonly candidates: readonly Candidate[];
	readonly rejections: readonly Rejection[];
	readonly next: Place;
	/** Set with the last page. */
	readonly finishedAtMs: number | null;
	/** Writes the list of rejected lines from byte `at` and returns its length then. Called before the commit, again when it is repeated. */
	readonly writeRejections: (rejections: readonly Rejection[], at: number) => Promise<number>;
};

/** Beyond it the other side of the conflict is no passing one. */
const ATTEMPTS_MAX = 5;

/**
 * Stores a page with its checkpoint in one transaction. Members whose id or card is taken, in the database or earlier in the page, are
 * rejected. `null`: another run of this import is ahead.
 *
 * Terminals that hold a cursor learn of the members through the feed: they are staged here and the publisher numbers them.
 * Before the first snapshot no cursor exists and nothing is staged, so that a fresh database does not carry a million feed rows
 * that nobody reads. `feed_opened_at` decides, read under a share lock: who opens the feed waits for this page, and sees it.
 */
export async function commitPage(
	{ database, secret }: CommitContext,
	before: Checkpoint,
	page: PageToCommit,
): Promise<{ readonly checkpoint: Checkpoint; readonly isStaged: boolean } | null> {
	for (let attempt = 1; ; attempt += 1) {
		try {
			// Awaited here, so that a conflict is caught here.
			return await database.tx((tx) => storePage(tx, { before, page, secret, isRepeated: attempt > 1 }));
		} catch (error) {
			if (error instanceof OtherRunAhead) return null;
			// An id or a card is taken: the next attempt looks for it.
			if (!isRetryable(error) || attempt === ATTEMPTS_MAX) throw error;
		}
	}
}

/** Rolls the page back: the place from which it was read is no longer the checkpoint's. */
class OtherRunAhead extends Error {
	override readonly name = 'OtherRunAhead';
}

type Attempt = { readonly before: Checkpoint; readonly page: PageToCommit; readonly secret: string; readonly isRepeated: boolean };

async function storePage(tx: Queryable, { before, page, secret, isRepeated }: Attempt) {
	// A page that a power cut takes back is read again, for its checkpoint goes with it. The last page syncs for all before it.
	if (page.finishedAtMs === null) await tx.exec('SET LOCAL synchronous_commit = off');
	// Before anything is written, the list of rejected lines included.
	if (!(await lockCheckpoint(tx, before))) throw new OtherRunAhead();
	const isStaged = await isFeedOpen(tx);
	// Taken keys are rare, and asking for them costs a quarter of the page: only after the database has refused it.
	const taken = isRepeated ? await findTaken(tx, page.candidates) : NOTHING_TAKEN;
	const { fresh, refused } = sift(page.candidates, { ...taken, forgotten: await findForgotten(tx, page.candidates, secret) });
	const rejections = [...page.rejections, ...refused].sort((left, right) => left.line - right.line);
	await insertMembers(
		tx,
		fresh.map(({ member }) => member),
		isStaged,
	);
	const checkpoint = {
		...before,
		next: page.next,
		imported: before.imported + fresh.length,
		rejected: before.rejected + rejections.length,
		rejectedBytes: rejections.length === 0 ? before.rejectedBytes : await page.writeRejections(rejections, before.rejectedBytes),
		finishedAtMs: page.finishedAtMs,
	};
	await moveCheckpoint(tx, checkpoint);
	return { checkpoint, isStaged };
}

async function isFeedOpen(tx: Queryable): Promise<boolean> {
	const [state] = await tx.query<{ is_open: boolean }>('SELECT feed_opened_at IS NOT NULL AS is_open FROM hq_state FOR SHARE');
	return state?.is_open ?? false;
}
