import type { SnapshotManifest } from '#shared/wire/snapshot.ts';
import type { SnapshotFolder } from '#sync/hq/feed/snapshot/folder.ts';

/** The files of one machine's snapshots; they outlive its processes. */
export type SnapshotDisk = { readonly files: Map<string, Uint8Array>; readonly manifests: Map<string, SnapshotManifest> };

export function createSnapshotDisk(): SnapshotDisk {
	return { files: new Map(), manifests: new Map() };
}

/** The folder of one epoch in memory. A snapshot without a manifest is none, as on a disk. `reach` is passed before every change. */
export function openSnapshotFolder(
	disk: SnapshotDisk,
	{ epoch, reach }: { readonly epoch: number; readonly reach: () => Promise<void> },
): SnapshotFolder {
	const prefix = `snapshot/${epoch}/`;
	return {
		list: () =>
			Promise.resolve(
				[...disk.manifests]
					.filter(([path]) => path.startsWith(prefix))
					.map(([, manifest]) => manifest)
					.toSorted((left, right) => right.created_at - left.created_at || (right.snapshot > left.snapshot ? 1 : -1)),
			),
		begin: () => reach(),
		write: async (name, file, bytes) => {
			await reach();
			const path = `${prefix}${name}/${file}`;
			disk.files.set(path, bytes);
			return path;
		},
		finish: async (manifest) => {
			await reach();
			disk.manifests.set(`${prefix}${manifest.snapshot}`, manifest);
		},
		removeOthers: async (names) => {
			await reach();
			const kept = names.map((name) => `${prefix}${name}`);
			const isKept = (path: string): boolean => kept.some((folder) => path === folder || path.startsWith(`${folder}/`));
			for (const path of disk.files.keys()) if (!isKept(path)) disk.files.delete(path);
			for (const path of disk.manifests.keys()) if (!isKept(path)) disk.manifests.delete(path);
		},
		locate: (path) => path,
	};
}
