import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readlinkSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import type { Server } from 'node:net';
import path from 'node:path';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Timers } from '#shared/lib/clock.ts';
import { hasErrorCode } from '../error-code.ts';

/**
 * The lock of a data folder: one process has it, from `lockDataFolder` until it releases it or dies, however it dies.
 *
 * The holder listens on a socket of its own in the folder (`lock-<random>`), and the symbolic link `lock` names that socket. Creating a
 * link is atomic, so that of several starters one wins; a holder that died leaves a link to a socket that refuses connections, and is
 * replaced. On Windows a named pipe does the same with the system's help and leaves nothing behind.
 */
export type DataFolderLock = { readonly release: () => Promise<void> };

/** The kernel's limit for a socket's path is 104 bytes on macOS and 108 on Linux. */
const SOCKET_PATH_BYTES_MAX = 103;
/** Between two starters that both replace a dead holder the later wins; after this long the earlier one has noticed. */
const SETTLE_MS = 250;
const ANSWER_MS_MAX = 1_000;
const ATTEMPTS_MAX = 5;

/** Fails with DISK-105 when another process has the folder, which must exist. */
export async function lockDataFolder(folder: string, timers: Timers): Promise<Result<DataFolderLock, LoyaltyError>> {
	const real = realpathSync(folder);
	return process.platform === 'win32' ? lockPipe(real) : lockSocket(real, timers);
}

async function lockSocket(folder: string, timers: Timers): Promise<Result<DataFolderLock, LoyaltyError>> {
	const name = `lock-${randomBytes(4).toString('hex')}`;
	const link = path.join(folder, 'lock');
	const socket = path.join(folder, name);
	if (Buffer.byteLength(socket) > SOCKET_PATH_BYTES_MAX) {
		return refuse(`the path of the data folder is longer than ${SOCKET_PATH_BYTES_MAX - name.length - 1} bytes: choose a shorter one`);
	}
	const server = await listen(socket);
	const release = async (): Promise<void> => {
		if (readLink(link) === name) rmSync(link, { force: true });
		// Closing also removes the socket's file.
		await close(server);
	};
	for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
		const claim = await claimLink({ folder, link, name });
		if (claim === 'taken') break;
		if (claim === 'replaced') await settle(timers);
		if (readLink(link) !== name) continue;
		removeDeadSockets(folder, name);
		return ok({ release });
	}
	await close(server);
	return refuse('another process has the data folder');
}

/** `contested`: another starter was faster just now; look again. */
type Claim = 'created' | 'replaced' | 'taken' | 'contested';

async function claimLink(at: { readonly folder: string; readonly link: string; readonly name: string }): Promise<Claim> {
	const holder = readLink(at.link);
	if (holder === null) return createLink(at.link, at.name) ? 'created' : 'contested';
	if (await isAnswered(path.join(at.folder, path.basename(holder)))) return 'taken';
	const draft = path.join(at.folder, `${at.name}.link`);
	symlinkSync(at.name, draft);
	// Looked at once more in the same breath: another starter may have replaced the dead holder while we waited for its answer.
	if (readLink(at.link) === holder) {
		renameSync(draft, at.link);
		return 'replaced';
	}
	rmSync(draft, { force: true });
	return 'contested';
}

function createLink(link: string, name: string): boolean {
	try {
		symlinkSync(name, link);
		return true;
	} catch (cause) {
		if (hasErrorCode(cause, 'EEXIST')) return false;
		throw cause;
	}
}

function readLink(link: string): string | null {
	try {
		return readlinkSync(link);
	} catch (cause) {
		if (hasErrorCode(cause, 'ENOENT')) return null;
		throw cause;
	}
}

/** What processes that were killed left behind. Sockets of starters that are still trying answer, and stay. */
function removeDeadSockets(folder: string, own: string): void {
	for (const entry of readdirSync(folder)) {
		if (!/^lock-[0-9a-f]{8}$/.test(entry) || entry === own) continue;
		const socket = path.join(folder, entry);
		void isAnswered(socket).then((isAlive) => {
			if (!isAlive) rmSync(socket, { force: true });
		});
	}
}

async function isAnswered(socket: string): Promise<boolean> {
	return new Promise((resolve) => {
		const connection = connect(socket);
		const answer = (isAlive: boolean): void => {
			connection.destroy();
			resolve(isAlive);
		};
		connection.once('connect', () => {
			answer(true);
		});
		connection.once('error', (cause) => {
			// A full backlog is a holder that is busy, not dead.
			answer(hasErrorCode(cause, 'EAGAIN'));
		});
		connection.setTimeout(ANSWER_MS_MAX, () => {
			answer(true);
		});
	});
}

async function settle(timers: Timers): Promise<void> {
	await new Promise<void>((resolve) => {
		timers.after(SETTLE_MS, resolve);
	});
}

async function lockPipe(folder: string): Promise<Result<DataFolderLock, LoyaltyError>> {
	const name = createHash('sha256').update(folder.toLowerCase()).digest('hex').slice(0, 32);
	try {
		const server = await listen(`\\\\.\\pipe\\regulars-${name}`);
		return ok({ release: async () => close(server) });
	} catch (cause) {
		if (hasErrorCode(cause, 'EADDRINUSE')) return refuse('another process has the data folder');
		throw cause;
	}
}

async function listen(address: string): Promise<Server> {
	const server = createServer((connection) => {
		connection.destroy();
	});
	// The lock alone must not keep a process alive that has nothing left to do.
	server.unref();
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(address, resolve);
	});
	return server;
}

async function close(server: Server): Promise<void> {
	const closed = once(server, 'close');
	server.close();
	await closed;
}

function refuse(detail: string): Result<never, LoyaltyError> {
	return fail(terminalError('DISK-105', { detail }));
}
