import { createHash } from 'node:crypto';
import type { SnapshotFile, SnapshotManifest } from '#shared/wire/snapshot.ts';
import type { SnapshotFolder } from './folder.ts';

/** A manifest as it is served. `etag` without quotes. */
export type ServedManifest = { readonly text: string; readonly etag: string; readonly manifest: SnapshotManifest };

/** A file that may be served: only those of kept manifests are known. */
export type ServedFile = SnapshotFile & { readonly location: string };

/** The snapshots that are kept: the newest is served, the one before stays for loads that have begun. */
export type SnapshotShelf = {
	readonly served: () => ServedManifest | null;
	/** Looks a path up as it is; one that no kept manifest lists is not found, whatever lies on disk. */
	readonly find: (path: string) => ServedFile | null;
	/** Takes what is on disk. */
	readonly load: () => Promise<void>;
	/** Puts a new one in front. `isAlone`: the others go at once. */
	readonly add: (manifest: SnapshotManifest, isAlone: boolean) => Promise<void>;
};

const KEPT = 2;

export function createSnapshotShelf(folder: SnapshotFolder): SnapshotShelf {
	let kept: readonly SnapshotManifest[] = [];
	let served: ServedManifest | null = null;
	let files: ReadonlyMap<string, ServedFile> = new Map();
	const keep = async (manifests: readonly SnapshotManifest[]): Promise<void> => {
		kept = manifests.slice(0, KEPT);
		served = kept[0] === undefined ? null : serve(kept[0]);
		files = new Map(kept.flatMap((manifest) => manifest.files.map((file) => [file.path, { ...file, location: folder.locate(file.path) }])));
		await folder.removeOthers(kept.map((manifest) => manifest.snapshot));
	};
	return {
		served: () => served,
		find: (path) => files.get(path) ?? null,
		load: async () => keep(await folder.list()),
		add: async (manifest, isAlone) => keep([manifest, ...(isAlone ? [] : kept)]),
	};
}

function serve(manifest: SnapshotManifest): ServedManifest {
	const text = JSON.stringify(manifest);
	return { text, manifest, etag: createHash('sha256').update(text).digest('hex').slice(0, 32) };
}
