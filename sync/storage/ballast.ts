import { open, rename, rm, statfs } from 'node:fs/promises';
import path from 'node:path';
import { assert } from '#shared/lib/assert.ts';
import type { Random, Timers } from '#shared/lib/clock.ts';
import { sizeOfFile, syncFolder, systemCode } from './data-folder.ts';

/**
 * Room that is kept on the disk for the day on which it is full: a file that is worth nothing and is given up so that sales go on. Owns
 * `ballast` of the data folder. It is made in the background, and made again when there is room for it several times over.
 */
export type Ballast = {
	/** Gives its room to whoever was refused. `false` when there is none, or the disk has room and something else refused. */
	readonly release: () => Promise<boolean>;
	/** There is no ballast, because the disk has no room for it. */
	readonly isMissing: () => boolean;
	/** Called when `isMissing` changes. Returns the way to stop. */
	readonly onChange: (listener: () => void) => () => void;
	/** Resolves when what is being made is made or given up. */
	readonly settled: () => Promise<void>;
	readonly close: () => Promise<void>;
};

export type BallastOptions = {
	readonly folder: string;
	readonly bytes: number;
	readonly random: Random;
	readonly timers: Timers;
	/** Free room of the disk for this account, in bytes; the system's answer but in tests. */
	readonly freeBytes?: () => Promise<number>;
};

/** Incompressible, so that a file system that packs its files keeps as much room as was asked for. */
const BLOCK_BYTES = 1 << 20;
/** A disk with more room than this has not refused a recording for want of it. */
const SHORT_BYTES = 16 * 1024 ** 2;
/** Made only where so many times its size would be free: it must not be what fills the disk. */
const ROOM_FACTOR = 4;
const LOOK_AGAIN_MS = 10 * 60_000;

type State = {
	readonly options: Required<BallastOptions>;
	readonly file: string;
	readonly listeners: Set<() => void>;
	isMissing: boolean;
	isClosed: boolean;
	isReleasing: boolean;
	making: Promise<void>;
	cancel: () => void;
};

/** Begins to make the ballast if it is not there. Never fails: without it a terminal works as well. */
export function openBallast(options: BallastOptions): Ballast {
	const { folder } = options;
	const state: State = {
		options: { freeBytes: () => freeBytesOf(folder), ...options },
		file: path.join(folder, 'ballast'),
		listeners: new Set(),
		isMissing: false,
		isClosed: false,
		isReleasing: false,
		making: Promise.resolve(),
		cancel: () => {},
	};
	keep(state);
	return {
		release: () => release(state),
		isMissing: () => state.isMissing,
		onChange: (listener) => {
			state.listeners.add(listener);
			return () => state.listeners.delete(listener);
		},
		settled: async () => state.making,
		close: async () => {
			state.isClosed = true;
			state.listeners.clear();
			state.cancel();
			await state.making;
		},
	};
}

async function freeBytesOf(folder: string): Promise<number> {
	const { bavail, bsize } = await statfs(folder);
	return bavail * bsize;
}

/** Makes it now if there is room, and looks again later if not. */
function keep(state: State): void {
	state.making = make(state).then((isThere) => {
		setMissing(state, !isThere);
		if (isThere || state.isClosed) return;
		state.cancel = state.options.timers.after(LOOK_AGAIN_MS, () => {
			keep(state);
		});
	});
}

function setMissing(state: State, isMissing: boolean): void {
	if (state.isMissing === isMissing) return;
	state.isMissing = isMissing;
	for (const listener of state.listeners) queueMicrotask(listener);
}

async function make(state: State): Promise<boolean> {
	const { file, options } = state;
	const draft = `${file}.new`;
	try {
		if ((await sizeOfFile(file)) === options.bytes) return true;
		await rm(draft, { force: true });
		if ((await options.freeBytes()) < options.bytes * ROOM_FACTOR) return false;
		const isWhole = await fill(state, draft);
		if (isWhole) {
			await rename(draft, file);
			await syncFolder(options.folder);
		} else {
			await rm(draft, { force: true });
		}
		return isWhole;
	} catch (cause) {
		if (systemCode(cause) === null) throw cause;
		await rm(draft, { force: true });
		return false;
	}
}

async function fill(state: State, draft: string): Promise<boolean> {
	const { bytes, random } = state.options;
	const block = random.bytes(Math.min(BLOCK_BYTES, bytes));
	const handle = await open(draft, 'w', 0o600);
	try {
		for (let written = 0; written < bytes;) {
			if (state.isClosed || state.isReleasing) return false;
			const { bytesWritten } = await handle.write(block, 0, Math.min(block.length, bytes - written));
			assert(bytesWritten > 0, 'a write that does not fail writes something');
			written += bytesWritten;
		}
		await handle.sync();
		return true;
	} finally {
		await handle.close();
	}
}

async function release(state: State): Promise<boolean> {
	const { file, options } = state;
	try {
		if ((await options.freeBytes()) > SHORT_BYTES) return false;
		state.isReleasing = true;
		await state.making;
		if ((await sizeOfFile(file)) === null) return false;
		await rm(file, { force: true });
		await syncFolder(options.folder);
	} catch (cause) {
		if (systemCode(cause) === null) throw cause;
		return false;
	} finally {
		state.isReleasing = false;
	}
	setMissing(state, true);
	state.cancel();
	if (!state.isClosed)
		state.cancel = options.timers.after(LOOK_AGAIN_MS, () => {
			keep(state);
		});
	return true;
}
