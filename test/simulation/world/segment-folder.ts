import { must } from '#shared/lib/assert.ts';
import type { SegmentFolder, SegmentIndex } from '#sync/hq/feed/segments/segment-folder.ts';

/** The segments of one machine; they outlive its processes. */
export type SegmentDisk = { readonly files: Map<string, Uint8Array>; readonly indexes: Map<number, SegmentIndex> };

export function createSegmentDisk(): SegmentDisk {
	return { files: new Map(), indexes: new Map() };
}

/** The folder of one epoch in memory. `reach` is passed before every change. */
export function openSegmentFolder(
	disk: SegmentDisk,
	{ epoch, reach }: { readonly epoch: number; readonly reach: () => Promise<void> },
): SegmentFolder {
	const prefix = `segment/${epoch}/`;
	return {
		load: () => {
			const index = disk.indexes.get(epoch) ?? null;
			const isWhole = index?.segments.every(({ path, bytes }) => disk.files.get(path)?.length === bytes) ?? false;
			return Promise.resolve(isWhole ? index : null);
		},
		save: async (index) => {
			await reach();
			disk.indexes.set(epoch, index);
		},
		write: async (name, bytes) => {
			await reach();
			disk.files.set(`${prefix}${name}`, bytes);
			return `${prefix}${name}`;
		},
		read: (path) => Promise.resolve(Buffer.from(must(disk.files.get(path), 'a file of the index'))),
		removeOthers: async (paths) => {
			await reach();
			const kept = new Set(paths);
			for (const path of disk.files.keys()) if (!kept.has(path)) disk.files.delete(path);
			for (const other of disk.indexes.keys()) if (other !== epoch) disk.indexes.delete(other);
		},
		locate: (path) => path,
	};
}
