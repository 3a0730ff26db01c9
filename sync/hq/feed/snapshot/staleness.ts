import { must } from '#shared/lib/assert.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';
import type { HqContext } from '../../context.ts';
import { decodeCursor } from '../cursor.ts';
import { shardsBehind } from '../feed-page.ts';
import type { Heads } from '../publish-round.ts';

/**
 * Why a snapshot is made again. `import`: it lacks whole files of members, `behind_horizon`: nobody could read on from its place; terminals
 * wait for the new one. `aged`, `moved`: it still does, while the new one is made.
 */
export type Staleness = 'import' | 'behind_horizon' | 'aged' | 'moved';

/** Whether terminals must not load it any more. */
export function isUseless(staleness: Staleness | null): boolean {
	return staleness === 'import' || staleness === 'behind_horizon';
}

const AGE_MAX_MS = 86_400_000;
/** Feed rows since the snapshot as a share of its rows, and the least that counts. */
const MOVED_SHARE_MAX = 0.2;
const MOVED_MIN = 1_000;

export type StalenessContext = Pick<HqContext, 'database' | 'clock'>;

/** Judges a snapshot by what has happened since; null when it is good. */
export async function judgeSnapshot(context: StalenessContext, manifest: SnapshotManifest, heads: Heads): Promise<Staleness | null> {
	const cursor = decodeCursor(manifest.cursor);
	if (!cursor.ok) return 'aged';
	const rows = await context.database.query<{ is_imported: boolean }>(
		'SELECT EXISTS (SELECT 1 FROM member_import WHERE finished_at > $1) AS is_imported',
		[manifest.created_at],
	);
	if (must(rows[0], 'one row of facts').is_imported) return 'import';
	if (shardsBehind(cursor.value, heads).length > 0) return 'behind_horizon';
	if (context.clock.nowMs() - manifest.created_at > AGE_MAX_MS) return 'aged';
	const moved = heads.seqs.reduce((sum, seq, shard) => sum + seq - (cursor.value.seqs[shard] ?? 0), 0);
	return moved > Math.max(MOVED_MIN, manifest.rows * MOVED_SHARE_MAX) ? 'moved' : null;
}

/** Whether somebody opted out since: then the snapshot holds data that must go. Reads all changes since, so not for every request. */
export async function holdsForgottenMembers(context: Pick<StalenessContext, 'database'>, manifest: SnapshotManifest): Promise<boolean> {
	const cursor = decodeCursor(manifest.cursor);
	if (!cursor.ok) return true;
	const rows = await context.database.query<{ has_left: boolean }>(
		`SELECT EXISTS (
			SELECT 1 FROM unnest(string_to_array($1, ',')::bigint[]) WITH ORDINALITY AS c(seq, place)
			JOIN member m ON m.shard = c.place - 1 AND m.seq > 0 AND m.seq > c.seq
			WHERE m.status = 'opted_out'
		) AS has_left`,
		[cursor.value.seqs.join(',')],
	);
	return must(rows[0], 'one row of facts').has_left;
}
