import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { CursorSchema } from '#shared/domain/ids.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { FeedPlace } from '../cursor.ts';
import { SegmentSchema } from './chain.ts';
import type { Segment } from './chain.ts';

/**
 * What the segments of an epoch are: the chain in the order of the feed, where it ends (the next segment begins there), and up to which place
 * opt-outs have been looked for in the files.
 */
export type SegmentIndex = { readonly segments: readonly Segment[]; readonly end: FeedPlace; readonly checked: FeedPlace };

const IndexSchema = z.object({ segments: z.array(SegmentSchema).max(10_000), end: CursorSchema, checked: CursorSchema });

/**
 * The folder `<dataDir>/segment/<epoch>`: packed files and `index.json`, which is replaced as a whole. A file that the index does not list is
 * what a crash has left, or is about to go.
 */
export type SegmentFolder = {
	/** `null` when there is none, or it cannot be read, or a file of it is missing: then the chain begins anew. */
	readonly load: () => Promise<SegmentIndex | null>;
	readonly save: (index: SegmentIndex) => Promise<void>;
	/** Writes a file; answers its path below the address of headquarters. */
	readonly write: (name: string, bytes: Uint8Array) => Promise<string>;
	readonly read: (path: string) => Promise<Buffer>;
	/** Removes everything but the index and these files, other epochs included. */
	readonly removeOthers: (paths: readonly string[]) => Promise<void>;
	readonly locate: (path: string) => string;
};

const INDEX = 'index.json';

/** Nothing is touched before the first call. */
export function createSegmentFolder(dataDir: string, epoch: number): SegmentFolder {
	const root = join(dataDir, 'segment');
	const folder = join(root, String(epoch));
	const locate = (path: string): string => join(dataDir, path);
	return {
		load: async () => {
			const text = await orNull(readFile(join(folder, INDEX), 'utf8'));
			const parsed = text === null ? null : IndexSchema.safeParse(parseOrNull(text));
			if (parsed?.success !== true) return null;
			const { segments } = parsed.data;
			const [end, checked] = [decodeCursor(parsed.data.end), decodeCursor(parsed.data.checked)];
			const sizes = await Promise.all(segments.map(async ({ path }) => (await orNull(stat(locate(path))))?.size));
			const isWhole = segments.every((segment, index) => segment.bytes === sizes[index]);
			return isWhole && end.ok && checked.ok ? { segments, end: end.value, checked: checked.value } : null;
		},
		save: async ({ segments, end, checked }) => {
			const listed = segments.map((segment) => ({ ...segment, from: encodeCursor(segment.from), to: encodeCursor(segment.to) }));
			const text = JSON.stringify({ segments: listed, end: encodeCursor(end), checked: encodeCursor(checked) });
			await writeDurably(folder, INDEX, Buffer.from(text));
		},
		write: async (name, bytes) => {
			await writeDurably(folder, name, bytes);
			return `segment/${epoch}/${name}`;
		},
		read: (path) => readFile(locate(path)),
		removeOthers: async (paths) => {
			const kept = new Set([INDEX, ...paths.map((path) => path.split('/').at(-1))]);
			const epochs = ((await orNull(readdir(root))) ?? []).filter((name) => name !== String(epoch)).map((name) => join(root, name));
			const files = ((await orNull(readdir(folder))) ?? []).filter((name) => !kept.has(name)).map((name) => join(folder, name));
			await Promise.all([...epochs, ...files].map((path) => rm(path, { recursive: true, force: true })));
		},
		locate,
	};
}

async function writeDurably(folder: string, name: string, bytes: Uint8Array): Promise<void> {
	await mkdir(folder, { recursive: true });
	const temporary = join(folder, `${name}.part`);
	const file = await open(temporary, 'w');
	try {
		await file.writeFile(bytes);
		await file.datasync();
	} finally {
		await file.close();
	}
	await rename(temporary, join(folder, name));
}

async function orNull<T>(reading: Promise<T>): Promise<T | null> {
	try {
		return await reading;
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
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
