import { createCipheriv, createDecipheriv, createHash } from 'node:crypto';
import { assert } from '#shared/lib/assert.ts';
import type { Random } from '#shared/lib/clock.ts';

export const SEAL_KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals rows of the journal (AES-256-GCM, base64). `keyId` names the key and tells nothing about it. */
export type LineSeal = {
	readonly keyId: string;
	readonly seal: (text: string) => string;
	/** `null` when it was sealed with another key, or a byte of it is wrong. */
	readonly open: (sealed: string) => string | null;
};

export function createLineSeal(key: Uint8Array, random: Random): LineSeal {
	assert(key.length === SEAL_KEY_BYTES, 'a key of 256 bits');
	return {
		keyId: createHash('sha256').update(key).digest('hex').slice(0, 16),
		seal: (text) => {
			const nonce = random.bytes(NONCE_BYTES);
			const cipher = createCipheriv('aes-256-gcm', key, nonce);
			const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
			return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64');
		},
		open: (sealed) => openSealed(key, Buffer.from(sealed, 'base64')),
	};
}

function openSealed(key: Uint8Array, sealed: Buffer): string | null {
	if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
	const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
	decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
	try {
		return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]).toString('utf8');
	} catch {
		// The tag does not fit: the caller counts the line as unreadable.
		return null;
	}
}
