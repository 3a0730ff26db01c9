import { must } from '#shared/lib/assert.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { EngineContext, Trouble } from './engine-context.ts';

/** Tries to compare all shards, one after each pull: in a busy chain some always move. */
const TRIES_MAX = 20;

/** Which shards could be compared this time, and which of them differ. */
export type Comparison = { readonly compared: readonly number[]; readonly differing: readonly number[] };

/**
 * Whether the replica has the same members in the same versions as headquarters, shard by shard, as far as headquarters' feed ends at the
 * replica's place. Reads all rows, in the background. Changes nothing.
 */
export async function compareDigests(ctx: EngineContext): Promise<Result<Comparison, Trouble>> {
	const own = await ctx.replica.digests();
	if (!own.ok) return fail({ from: 'disk', error: own.error });
	if (own.value === null) return ok({ compared: [], differing: [] });
	const theirs = await ctx.client.digests(own.value.cursor, ctx.signal);
	if (!theirs.ok) return fail({ from: 'line', failure: theirs.error });
	const { hq_epoch: hqEpoch, shards } = theirs.value;
	if (hqEpoch !== ctx.outbox.state().hqEpoch) return fail({ from: 'epoch', hqEpoch });
	const ours = new Map(own.value.shards.map((digest) => [digest.shard, digest]));
	const differing = shards.filter(({ shard, rows, sum }) => {
		const mine = ours.get(shard) ?? { rows: 0, sum: 0 };
		return mine.rows !== rows || mine.sum !== sum;
	});
	return ok({ compared: shards.map(({ shard }) => shard), differing: differing.map(({ shard }) => shard) });
}

/**
 * One round of comparing that was asked for: over several pulls until each shard was compared once. A shard that differs is loaded again and then
 * compared again. In memory only: what a restart interrupts is asked for again the next night.
 */
export type Rounds = {
	readonly ask: () => void;
	readonly isAsked: () => boolean;
	/** After a pull that reached the head of the feed: the shards to load again, none if all is well. `isInVain`: one of them was just loaded. */
	readonly next: (ctx: EngineContext) => Promise<Result<{ readonly shards: readonly number[]; readonly isInVain: boolean }, Trouble>>;
};

export function createRounds(): Rounds {
	let open: { readonly missing: Set<number>; readonly mended: Set<number>; tries: number } | null = null;
	return {
		ask: () => {
			open = { missing: new Set(Array.from({ length: SHARD_COUNT }, (_, shard) => shard)), mended: new Set(), tries: 0 };
		},
		isAsked: () => open !== null,
		next: async (ctx) => {
			const round = must(open, 'a round of comparing');
			round.tries += 1;
			const isLast = round.tries === TRIES_MAX;
			const result = await compareDigests(ctx);
			if (!result.ok) {
				if (isLast) open = null;
				return result;
			}
			const { compared, differing } = result.value;
			const isInVain = differing.some((shard) => round.mended.has(shard));
			for (const shard of compared) round.missing.delete(shard);
			for (const shard of differing) {
				round.missing.add(shard);
				round.mended.add(shard);
			}
			if (differing.length > 0)
				ctx.logger.error({ shards: differing, isInVain }, 'members differ from those of headquarters: they are loaded again');
			if (round.missing.size === 0 || isLast) {
				const told = { notCompared: round.missing.size, differed: round.mended.size };
				ctx.logger.info(told, 'the member data was compared with headquarters');
				ctx.onCompared?.({ ...told, members: ctx.replica.state().rows, shards: SHARD_COUNT });
				open = null;
			}
			return ok({ shards: differing, isInVain });
		},
	};
}
