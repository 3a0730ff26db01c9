import { CursorSchema } from '#shared/domain/ids.ts';
import type { Programme } from '#shared/domain/programme.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Result } from '#shared/lib/result.ts';
import { SNAPSHOT_LINE_ROWS_MAX } from '#shared/wire/limits.ts';
import { PROTOCOL_VERSION } from '#shared/wire/protocol-version.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';
import type { Replica } from '#sync/replica/replica.ts';
import { trainingMembers } from './training-members.ts';

/** Fills an empty replica with the training members, in the way in which a snapshot of headquarters fills it. */
export async function loadTraining(
	replica: Replica,
	programme: Programme,
	nowMs: number,
): Promise<Result<{ readonly rows: number }, LoyaltyError>> {
	const rows = trainingMembers(programme, nowMs);
	const lines: Uint8Array[] = [];
	for (let from = 0; from < rows.length; from += SNAPSHOT_LINE_ROWS_MAX) {
		lines.push(new TextEncoder().encode(JSON.stringify(rows.slice(from, from + SNAPSHOT_LINE_ROWS_MAX))));
	}
	const file = { path: 'snapshot/training/0.json.gz', shard: 0, rows: rows.length, bytes: 0, sha256: '0'.repeat(64) };
	const manifest: SnapshotManifest = {
		hq_epoch: 1,
		protocol: PROTOCOL_VERSION,
		snapshot: 'training',
		created_at: nowMs,
		cursor: CursorSchema.parse('training'),
		rows: rows.length,
		bytes: 0,
		files: [file],
	};
	const load = await replica.beginLoad(manifest);
	if (!load.ok) return load;
	const added = await load.value.addFile(file.path, lines);
	return added.ok ? load.value.finish() : added;
}
