/** Which ids stand for one member. Both halves of a merge are rows of their own, often of two pages, so that either may be here first. */
import type { MemberId } from '#shared/domain/ids.ts';
import { MERGED_MAX } from './replica.ts';
import type { MergedRow, ReplicaMember } from './replica.ts';

/** Everything that stands for one member. */
export type Standing = {
	/** The version of the row of each id: the member's own, and those of the tombstones that lead to it. Under all of them events may wait. */
	readonly versions: ReadonlyMap<MemberId, number>;
	/** A tombstone is of a merge that its successor's row has not reached: the points of the other card are in neither. */
	readonly isBalanceUpdating: boolean;
};

/** `rows`: the member's own, if there is one, and the tombstones that lead to it; of one id the last counts. */
export function standingOf(rows: readonly MergedRow[]): Standing {
	const byId = new Map(rows.map((row) => [row.id, row]));
	const all = [...byId.values()];
	return {
		versions: new Map(all.map(({ id, ver }) => [id, ver])),
		isBalanceUpdating: all.some(({ mergedInto: winner, mergedVer }) => winner !== null && (byId.get(winner)?.ver ?? 0) < (mergedVer ?? 0)),
	};
}

/** The tombstones among `rows` that lead to the member `id`, sorted by id: what a look-up answers as `merged`. A circle ends. */
export function mergedInto(rows: Iterable<ReplicaMember>, id: MemberId): readonly MergedRow[] {
	const byWinner = new Map<MemberId, MergedRow[]>();
	for (const { id: loser, ver, status, mergedInto: winner, mergedVer } of rows) {
		if (status !== 'merged' || winner === null) continue;
		const row = { id: loser, ver, mergedInto: winner, mergedVer };
		const others = byWinner.get(winner);
		if (others === undefined) byWinner.set(winner, [row]);
		else others.push(row);
	}
	const found = new Map<MemberId, MergedRow>();
	const ahead = [...(byWinner.get(id) ?? [])];
	for (let next = ahead.shift(); next !== undefined && found.size < MERGED_MAX; next = ahead.shift()) {
		if (found.has(next.id)) continue;
		found.set(next.id, next);
		ahead.push(...(byWinner.get(next.id) ?? []));
	}
	return [...found.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
