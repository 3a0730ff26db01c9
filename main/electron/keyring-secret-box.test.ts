import { expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { createFakeLogger } from '../fake-logger.ts';
import { createFakeKeyring } from './fake-electron.ts';
import { openKeyringSecretBox } from './keyring-secret-box.ts';

const logger = createFakeLogger();

test('what was sealed opens again', async () => {
	const box = must(await openKeyringSecretBox({ keyring: createFakeKeyring(), platform: 'linux', logger }), 'a box');
	const sealed = await box.seal('{"key":"ä"}');
	expect(sealed).toBeInstanceOf(Uint8Array);
	expect(await box.open(sealed)).toEqual({ plain: '{"key":"ä"}', isStale: false });
});

test('after the keyring turned its key the secret opens and wants to be sealed again', async () => {
	const keyring = createFakeKeyring();
	const box = must(await openKeyringSecretBox({ keyring, platform: 'linux', logger }), 'a box');
	const sealed = await box.seal('secret');
	keyring.state.key += 1;
	const opened = must(await box.open(sealed), 'the secret');
	expect(opened).toEqual({ plain: 'secret', isStale: true });
	expect(await box.open(await box.seal(opened.plain))).toEqual({ plain: 'secret', isStale: false });
});

test('what another machine sealed does not open and is logged', async () => {
	const own = createFakeLogger();
	const box = must(await openKeyringSecretBox({ keyring: createFakeKeyring(), platform: 'win32', logger: own }), 'a box');
	expect(await box.open(new Uint8Array([1, 2, 3]))).toBeNull();
	expect(own.lines).toMatchObject([{ level: 'warn' }]);
});

test.each([
	{ platform: 'linux', store: 'gnome_libsecret', isAvailable: true, isOpen: true },
	{ platform: 'linux', store: 'kwallet6', isAvailable: true, isOpen: true },
	{ platform: 'linux', store: 'basic_text', isAvailable: true, isOpen: false },
	{ platform: 'linux', store: 'unknown', isAvailable: true, isOpen: false },
	{ platform: 'linux', store: 'gnome_libsecret', isAvailable: false, isOpen: false },
	{ platform: 'win32', store: 'basic_text', isAvailable: true, isOpen: true },
	{ platform: 'darwin', store: 'basic_text', isAvailable: false, isOpen: false },
] as const)('$platform with $store, available $isAvailable, has a box: $isOpen', async ({ platform, store, isAvailable, isOpen }) => {
	const keyring = createFakeKeyring();
	keyring.state.store = store;
	keyring.state.isAvailable = isAvailable;
	expect((await openKeyringSecretBox({ keyring, platform, logger })) !== null).toBe(isOpen);
});
