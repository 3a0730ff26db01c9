import type { SafeStorage } from 'electron';
import { assert } from '#shared/lib/assert.ts';
import type { Logger, SecretBox } from '../ports.ts';

/** The asynchronous part of Electron's `safeStorage`; the synchronous one is gone in Electron 46. */
export type Keyring = Pick<
	SafeStorage,
	'isAsyncEncryptionAvailable' | 'encryptStringAsync' | 'decryptStringAsync' | 'getSelectedStorageBackend'
>;

/** Linux without a running secret service: Electron would "encrypt" with a password that is in its source. */
const UNPROTECTED: readonly ReturnType<Keyring['getSelectedStorageBackend']>[] = ['basic_text', 'unknown'];
const PLAIN_LENGTH_MAX = 65_536;

/** Secrets sealed by the system's keyring, or `null` when this machine has none that protects. Only after `ready`. */
export async function openKeyringSecretBox(of: {
	readonly keyring: Keyring;
	readonly platform: NodeJS.Platform;
	readonly logger: Logger;
}): Promise<SecretBox | null> {
	const { keyring, platform, logger } = of;
	if (!(await keyring.isAsyncEncryptionAvailable())) return null;
	if (platform === 'linux' && UNPROTECTED.includes(keyring.getSelectedStorageBackend())) return null;
	return {
		seal: async (plain) => {
			assert(plain.length <= PLAIN_LENGTH_MAX, 'a secret is small');
			return new Uint8Array(await keyring.encryptStringAsync(plain));
		},
		open: async (sealed) => {
			try {
				const { result, shouldReEncrypt } = await keyring.decryptStringAsync(Buffer.from(sealed));
				return { plain: result, isStale: shouldReEncrypt };
			} catch (cause) {
				logger.warn({ err: cause }, 'the keyring does not open what it sealed');
				return null;
			}
		},
	};
}
