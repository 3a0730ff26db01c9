import { closeSync, fsyncSync, openSync } from 'node:fs';
import type { PGlite } from '@electric-sql/pglite';
import { NodeFS } from '@electric-sql/pglite/nodefs';

/**
 * PGlite's settings as it starts, but with real durability: it is shipped with `fsync` off (`-F`), and its folder file system has no
 * `fsync` at all. `wal_sync_method=fsync`, because `fdatasync` is an empty function in the WebAssembly build (checked with strace on 0.5.16:
 * none for 300 commits; with these settings and `DurableFolder` one for each).
 */
export function durableStartParams(shipped: readonly string[]): string[] {
	return [...shipped.filter((param) => param !== '-F'), '-c', 'fsync=on', '-c', 'wal_sync_method=fsync'];
}

/** A folder on disk for PGlite whose `fsync` reaches the disk, so that a commit survives a power cut and not only a crash. */
export class DurableFolder extends NodeFS {
	readonly #sync: (descriptor: number) => void;

	/** `sync` makes what was written to an open file durable: a parameter, so that a test can count. */
	constructor(dataDir: string, sync: (descriptor: number) => void = fsyncSync) {
		super(dataDir);
		this.#sync = sync;
	}

	override async init(pglite: PGlite, options: InitOptions): ReturnType<NodeFS['init']> {
		const { emscriptenOpts } = await super.init(pglite, options);
		return {
			emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), (module: object) => addFsync(module, this.#sync)] },
		};
	}
}

type InitOptions = Parameters<NodeFS['init']>[1];

/** A file of the mounted folder: files have a descriptor of the machine, folders have none. */
type Stream = { readonly nfd?: number; readonly node: unknown };

function addFsync(module: object, sync: (descriptor: number) => void): void {
	// Emscripten's own names; its types do not have them. Absent after an upgrade: stop, for durability would be gone in silence.
	const { NODEFS } = module as { NODEFS?: { stream_ops?: { fsync?: (stream: Stream) => number }; realPath?: (node: unknown) => string } };
	if (NODEFS?.stream_ops === undefined || NODEFS.realPath === undefined)
		throw new Error('this PGlite has no folder file system to make durable');
	const { realPath } = NODEFS;
	NODEFS.stream_ops.fsync = (stream) => {
		if (stream.nfd === undefined) syncFolder(realPath(stream.node), sync);
		else sync(stream.nfd);
		return 0;
	};
}

function syncFolder(path: string, sync: (descriptor: number) => void): void {
	// Windows cannot sync a folder and does not need to: its file system journals names.
	if (process.platform === 'win32') return;
	const descriptor = openSync(path, 'r');
	try {
		sync(descriptor);
	} finally {
		closeSync(descriptor);
	}
}
