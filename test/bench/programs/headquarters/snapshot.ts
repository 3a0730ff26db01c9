import type { HqContext } from '#sync/hq/context.ts';
import { createPublisher } from '#sync/hq/feed/publisher.ts';
import { createSnapshotService } from '#sync/hq/feed/snapshot.ts';
import type { Values } from '../../runner/outcome.ts';
import { watchEventLoop } from '../../runner/sample.ts';

/** Writes one snapshot of all members, packed and flushed. */
export async function measureSnapshot(context: HqContext): Promise<Values> {
	const snapshots = createSnapshotService(context, createPublisher(context));
	await snapshots.start();
	const loop = watchEventLoop();
	const startedAt = performance.now();
	const { rows, bytes } = await snapshots.prepare();
	const seconds = (performance.now() - startedAt) / 1000;
	const pauses = loop.end();
	await snapshots.stop();
	return { rowsPerS: rows / seconds, snapshotS: seconds, bytesPerMember: bytes / rows, ...pauses };
}
