import type { SegmentFolder } from '#sync/hq/feed/segments/segment-folder.ts';
import type { SnapshotFolder } from '#sync/hq/feed/snapshot/folder.ts';
import { createSegmentDisk, openSegmentFolder } from './segment-folder.ts';
import type { SegmentDisk } from './segment-folder.ts';
import { createSnapshotDisk, openSnapshotFolder } from './snapshot-folder.ts';
import type { SnapshotDisk } from './snapshot-folder.ts';

/** What a machine of headquarters keeps in files; it outlives its processes. */
export type HeadquartersDisk = { readonly snapshots: SnapshotDisk; readonly segments: SegmentDisk };

export function createHeadquartersDisk(): HeadquartersDisk {
	return { snapshots: createSnapshotDisk(), segments: createSegmentDisk() };
}

/** The folders of an epoch. `reach` is passed before every change of a file. */
export function openFolders(
	{ snapshots, segments }: HeadquartersDisk,
	at: { readonly epoch: number; readonly reach: () => Promise<void> },
): { readonly snapshots: SnapshotFolder; readonly segments: SegmentFolder } {
	return { snapshots: openSnapshotFolder(snapshots, at), segments: openSegmentFolder(segments, at) };
}

/** The bytes of a file by where it lies. */
export function fileAt({ snapshots, segments }: HeadquartersDisk, location: string): Uint8Array | null {
	return snapshots.files.get(location) ?? segments.files.get(location) ?? null;
}
