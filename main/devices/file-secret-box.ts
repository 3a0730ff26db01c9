import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { chmod, link, mkdir, open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { assert } from '#shared/lib/assert.ts';
import type { SecretBox } from '../ports.ts';
import { hasErrorCode } from '../error-code.ts';

/** First byte of everything sealed here. */
const VERSION = 1;
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES;
const PLAIN_LENGTH_MAX = 65_536;

/**
 * A secret box without a keyring: AES-256-GCM under a key in a file that only this account may read (mode 0600; systemd may place it
 * elsewhere through `LoadCredential`). It keeps the terminal's key out of backups of `outbox.db` and out of other accounts' sight.
 * It does not protect against whoever has the whole disk. The key file is made once and never changed.
 */
export async function openFileSecretBox(keyFile: string): Promise<SecretBox> {
	const key = await readOrMakeKey(keyFile);
	return {
		seal: async (plain) => {
			assert(plain.length <= PLAIN_LENGTH_MAX, 'a secret is small');
			const nonce = randomBytes(NONCE_BYTES);
			const cipher = createCipheriv('aes-256-gcm', key, nonce);
			const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
			return Promise.resolve(new Uint8Array(Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body])));
		},
		open: async (sealed) => Promise.resolve(openSealed(key, sealed)),
	};
}

function openSealed(key: Buffer, sealed: Uint8Array): { readonly plain: string; readonly isStale: boolean } | null {
	if (sealed.length < HEAD_BYTES || sealed[0] !== VERSION) return null;
	const bytes = Buffer.from(sealed);
	const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(1, 1 + NONCE_BYTES), { authTagLength: TAG_BYTES });
	decipher.setAuthTag(bytes.subarray(1 + NONCE_BYTES, HEAD_BYTES));
	try {
		const plain = Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES)), decipher.final()]);
		return { plain: plain.toString('utf8'), isStale: false };
	} catch {
		// The tag does not fit: another machine's key, or damage. The caller pairs again.
		return null;
	}
}

async function readOrMakeKey(keyFile: string): Promise<Buffer> {
	const found = await readKey(keyFile);
	if (found !== null) return found;
	await mkdir(path.dirname(keyFile), { recursive: true, mode: 0o700 });
	// Written whole under another name first: a crash must not leave half a key, and two starters must agree on one.
	const draft = `${keyFile}.${randomBytes(6).toString('hex')}`;
	const file = await open(draft, 'wx', 0o600);
	try {
		await file.writeFile(randomBytes(KEY_BYTES));
		await file.sync();
	} finally {
		await file.close();
	}
	try {
		await link(draft, keyFile);
	} catch (cause) {
		if (!hasErrorCode(cause, 'EEXIST')) throw cause;
	} finally {
		await rm(draft, { force: true });
	}
	const made = await readKey(keyFile);
	assert(made !== null, 'the key file is there');
	return made;
}

async function readKey(keyFile: string): Promise<Buffer | null> {
	let key: Buffer;
	try {
		key = await readFile(keyFile);
	} catch (cause) {
		if (hasErrorCode(cause, 'ENOENT')) return null;
		throw cause;
	}
	if (key.length !== KEY_BYTES)
		throw new Error(`${keyFile} is no key of ${KEY_BYTES} bytes: restore it, or remove it and pair the terminal again`);
	await narrowRights(keyFile);
	return key;
}

/** A copy tool may have widened the rights. On a read-only file system (systemd credentials) they are right and cannot be set. */
async function narrowRights(keyFile: string): Promise<void> {
	try {
		await chmod(keyFile, 0o600);
	} catch (cause) {
		if (!hasErrorCode(cause, 'EROFS', 'EPERM')) throw cause;
	}
}
