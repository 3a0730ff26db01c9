import { assert } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { ImportContext, ImportError, ImportOptions } from './import.ts';
import { openCheckpoint } from './import/checkpoint.ts';
import type { Checkpoint } from './import/checkpoint.ts';
import { commitPage } from './import/commit-page.ts';
import { measureProgress } from './import/progress.ts';
import { MEMBERS_PAGE_MAX } from './insert-members.ts';
import { SYNTHETIC_MEMBERS_MAX } from './synthetic-card.ts';
import { createSyntheticBase, SYNTHETIC_SEED } from './synthetic.ts';

export type SyntheticOptions = Pick<ImportOptions, 'onProgress' | 'signal'> & {
	/** Members that the base shall have; one that has more already stays as it is. */
	readonly count: number;
	readonly seed?: number;
};

/**
 * Fills headquarters with invented members up to `count`, the same way as a file is imported: page by page, resumable, and a larger
 * `count` later adds only what is missing. Resolves with the number of members added by this run.
 */
export async function importSynthetic(
	context: ImportContext,
	options: SyntheticOptions,
): Promise<Result<{ readonly added: number }, ImportError>> {
	const { count, seed = SYNTHETIC_SEED } = options;
	assert(Number.isInteger(count) && count >= 0 && count <= SYNTHETIC_MEMBERS_MAX, 'a count of members');
	const start = await openCheckpoint(context.database, `synthetic:${seed}`, { first: { byte: 0, line: 1 }, nowMs: context.clock.nowMs() });
	if (start.next.byte >= count) return ok({ added: 0 });
	const base = createSyntheticBase(seed, context.programme());
	const measure = measureProgress(context.clock, 'members', { ...start, done: start.next.byte, total: count });
	let checkpoint: Checkpoint = start;
	while (checkpoint.next.byte < count) {
		if (options.signal?.aborted === true)
			return fail({ kind: 'aborted', message: `stopped at member ${checkpoint.next.byte}; start it again to go on there` });
		const from = checkpoint.next.byte;
		const to = Math.min(count, from + MEMBERS_PAGE_MAX);
		const committed = await commitPage(context, checkpoint, {
			candidates: Array.from({ length: to - from }, (_, offset) => ({ line: from + offset + 1, member: base.member(from + offset) })),
			rejections: [],
			next: { byte: to, line: to + 1 },
			finishedAtMs: to === count ? context.clock.nowMs() : null,
			// Nobody mends an invented member; a card that is taken is counted and left out.
			writeRejections: (_, at) => Promise.resolve(at),
		});
		if (committed === null) return fail({ kind: 'other_run', message: 'the same members are being added by another run' });
		if (committed.isStaged) context.announceStaged();
		({ checkpoint } = committed);
		options.onProgress?.(measure({ ...checkpoint, done: to, total: count }));
	}
	return ok({ added: checkpoint.imported - start.imported });
}
