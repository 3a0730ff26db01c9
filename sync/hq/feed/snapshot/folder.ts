import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { SnapshotManifestSchema } from '#shared/wire/snapshot.ts';
import type { SnapshotManifest } from '#shared/wire/snapshot.ts';

/**
 * The folder `<dataDir>/snapshot/<epoch>`: one folder per snapshot, its files and, last, `manifest.json`. Every file is written under another
 * name, synced and renamed, and never changed afterwards. What a crash leaves is a folder without a manifest; `removeOthers` takes it away.
 */
export type SnapshotFolder = {
	/** The whole snapshots of this epoch, the newest first. */
	readonly list: () => Promise<SnapshotManifest[]>;
	readonly begin: (name: string) => Promise<void>;
	/** Returns the path below the address of headquarters. */
	readonly write: (name: string, file: string, bytes: Buffer) => Promise<string>;
	readonly finish: (manifest: SnapshotManifest) => Promise<void>;
	/** Removes everything but these snapshots, other epochs' included. */
	readonly removeOthers: (names: readonly string[]) => Promise<void>;
	/** Where a file of a manifest lies on this machine. */
	readonly locate: (path: string) => string;
};

const MANIFEST = 'manifest.json';

/** Nothing is touched before the first call. */
export function createSnapshotFolder(dataDir: string, epoch: number): SnapshotFolder {
	const root = join(dataDir, 'snapshot');
	const folder = join(root, String(epoch));
	return {
		list: async () => {
			const manifests = await Promise.all((await namesIn(folder)).map((name) => readManifest(join(folder, name), epoch)));
			return manifests
				.filter((manifest) => manifest !== null)
				.toSorted((left, right) => right.created_at - left.created_at || (right.snapshot > left.snapshot ? 1 : -1));
		},
		begin: async (name) => {
			await mkdir(join(folder, name), { recursive: true });
		},
		write: async (name, file, bytes) => {
			await writeDurably(join(folder, name, file), bytes);
			return `snapshot/${epoch}/${name}/${file}`;
		},
		finish: async (manifest) => {
			await writeDurably(join(folder, manifest.snapshot, MANIFEST), Buffer.from(JSON.stringify(SnapshotManifestSchema.parse(manifest))));
		},
		removeOthers: async (names) => {
			const epochs = (await namesIn(root)).filter((name) => name !== String(epoch)).map((name) => join(root, name));
			const snapshots = (await namesIn(folder)).filter((name) => !names.includes(name)).map((name) => join(folder, name));
			await Promise.all([...epochs, ...snapshots].map((path) => rm(path, { recursive: true, force: true })));
		},
		locate: (path) => join(dataDir, path),
	};
}

async function namesIn(folder: string): Promise<string[]> {
	try {
		return await readdir(folder);
	} catch (error) {
		if (isMissing(error)) return [];
		throw error;
	}
}

/** The manifest, or null when the snapshot is unfinished, of another form, or lacks bytes of a file. */
async function readManifest(folder: string, epoch: number): Promise<SnapshotManifest | null> {
	const text = await readOrNull(join(folder, MANIFEST));
	const parsed = text === null ? null : SnapshotManifestSchema.safeParse(parseOrNull(text));
	if (parsed?.success !== true || parsed.data.hq_epoch !== epoch) return null;
	const sizes = await Promise.all(parsed.data.files.map((file) => sizeOf(join(folder, file.path.split('/').at(-1) ?? ''))));
	return parsed.data.files.every((file, index) => file.bytes === sizes[index]) ? parsed.data : null;
}

async function readOrNull(path: string): Promise<string | null> {
	try {
		return await readFile(path, 'utf8');
	} catch (error) {
		if (isMissing(error)) return null;
		throw error;
	}
}

function parseOrNull(text: string): unknown {
	try {
		return JSON.parse(text);
	} catch (error) {
		if (error instanceof SyntaxError) return null;
		throw error;
	}
}

async function sizeOf(path: string): Promise<number | null> {
	try {
		return (await stat(path)).size;
	} catch (error) {
		if (isMissing(error)) return null;
		throw error;
	}
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
	const temporary = `${path}.part`;
	const file = await open(temporary, 'w');
	try {
		await file.writeFile(bytes);
		await file.datasync();
	} finally {
		await file.close();
	}
	await rename(temporary, path);
}

/** Not there, or a file where a folder is looked for. */
function isMissing(error: unknown): boolean {
	return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
}
