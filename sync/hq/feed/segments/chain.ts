import { z } from 'zod';
import { CursorSchema } from '#shared/domain/ids.ts';
import type { FeedPlace } from '../cursor.ts';
import { decodeCursor } from '../cursor.ts';

/** How long a time a segment stands for: made each minute, merged by the hour and by the day. */
export const LEVELS = ['minute', 'hour', 'day'] as const;
export type Level = (typeof LEVELS)[number];

const LEVEL_MS: Readonly<Record<Level, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

const PlaceSchema = CursorSchema.transform((cursor, refusal): FeedPlace => {
	const place = decodeCursor(cursor);
	if (place.ok) return place.value;
	refusal.addIssue('no cursor of this form');
	return z.NEVER;
});

/** A piece of the feed that is closed: the members whose number lies behind `from` and not behind `to`, in every shard, as of its writing. */
export const SegmentSchema = z.object({
	path: z.string().min(1),
	level: z.enum(LEVELS),
	from: PlaceSchema,
	to: PlaceSchema,
	rows: z.int().min(1),
	bytes: z.int().min(1),
	sha256: z.string().regex(/^[0-9a-f]{64}$/),
	closedAtMs: z.int(),
});
export type Segment = z.infer<typeof SegmentSchema>;

/** Fewer numbers behind than this are read from the database: a page is as quick as a file. */
export const BEHIND_MIN = 1_000;

/** Whether one place is at or behind another in every shard. */
export function isWithin(place: FeedPlace, limit: FeedPlace): boolean {
	return place.seqs.every((seq, shard) => seq <= (limit.seqs[shard] ?? 0));
}

/** The further place of both, shard by shard. */
export function furtherOf(left: FeedPlace, right: FeedPlace): FeedPlace {
	return { epoch: left.epoch, seqs: left.seqs.map((seq, shard) => Math.max(seq, right.seqs[shard] ?? 0)) };
}

/** Numbers between two places. */
function distance(from: FeedPlace, to: FeedPlace): number {
	return to.seqs.reduce((sum, seq, shard) => sum + Math.max(0, seq - (from.seqs[shard] ?? 0)), 0);
}

/**
 * The segment that a terminal at `place` reads next: the first that has something for it, if nothing lies in between and at least half of it is
 * new. `null`: the database answers, as it does to all who are less than `behindMin` numbers behind.
 */
export function chooseSegment(
	chain: readonly Segment[],
	place: FeedPlace,
	{ head, behindMin }: { readonly head: FeedPlace; readonly behindMin: number },
): Segment | null {
	if (distance(place, head) < behindMin) return null;
	const next = chain.find((segment) => !isWithin(segment.to, place));
	if (next === undefined || !isWithin(next.from, place)) return null;
	return distance(place, next.to) * 2 >= distance(next.from, next.to) ? next : null;
}

/** Segments of a level that can become one of the next: those that follow each other in an hour, or a day, that is over. */
export type Merge = { readonly level: Level; readonly segments: readonly Segment[] };

/** The oldest merge that is due, or `null`. What is alone in its hour only changes its level, which is a merge of one. */
export function planMerge(chain: readonly Segment[], nowMs: number): Merge | null {
	for (const [index, level] of LEVELS.slice(1).entries()) {
		const periodOf = (segment: Segment): number => Math.floor(segment.closedAtMs / LEVEL_MS[level]);
		const current = Math.floor(nowMs / LEVEL_MS[level]);
		const first = chain.findIndex((segment) => segment.level === LEVELS[index] && periodOf(segment) < current);
		const start = chain[first];
		if (start === undefined) continue;
		const segments = [start];
		for (const segment of chain.slice(first + 1)) {
			const isNext = segment.level === start.level && periodOf(segment) === periodOf(start);
			const last = segments.at(-1);
			if (!isNext || last === undefined || !isWithin(segment.from, last.to)) break;
			segments.push(segment);
		}
		return { level, segments };
	}
	return null;
}

/** The chain with `replacements` in the place of `replaced`, which follow each other. Where nothing is left, the one before reaches over it. */
export function replaceIn(chain: readonly Segment[], replaced: readonly Segment[], replacements: readonly Segment[]): readonly Segment[] {
	const [first, last] = [replaced[0], replaced.at(-1)];
	if (first === undefined || last === undefined) return chain;
	const at = chain.indexOf(first);
	const before = chain[at - 1];
	const result = chain.toSpliced(at, replaced.length, ...replacements);
	if (replacements.length > 0 || before === undefined || !isWithin(first.from, before.to)) return result;
	return result.with(at - 1, { ...before, to: last.to });
}
