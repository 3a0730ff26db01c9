import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { must } from '#shared/lib/assert.ts';
import { PairResponseSchema } from '#shared/wire/pairing.ts';
import { createFakeLogger } from '../../fake-logger.ts';
import type { SecretBox } from '../../ports.ts';
import { TRAINING_PROGRAMME } from '../training/training-programme.ts';
import { openTerminalFiles } from './config.ts';
import type { TerminalFiles } from './config.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

const SECRET = 'not-a-real-secret-of-anyone';
const pairing = PairResponseSchema.parse({
	terminal: '0190f3a0-7c1e-7000-8000-00000000a001',
	terminal_code: 'T1',
	terminal_name: 'Till by the door',
	outlet: { id: 'out-1', code: 'KOSS', name: 'Kossuth tér' },
	api_key: 'terminal-0190f3a0',
	api_secret: SECRET,
	card_block: { prefix: '29', first: 10_000, last: 10_999 },
	hq_epoch: 1,
});
const HQ_URL = 'http://127.0.0.1:4000';

let folder = '';
let logger = createFakeLogger();

beforeEach(async () => {
	folder = await mkdtemp(join(tmpdir(), 'regulars-config-'));
	logger = createFakeLogger();
});
afterEach(async () => {
	await rm(folder, { recursive: true, force: true });
});

/** Seals for one machine: what another one sealed stays shut. Not encryption, but nobody reads the plain text in it. */
function boxOf(machine: string, isStale = false): SecretBox {
	const mask = (bytes: Uint8Array): Uint8Array => bytes.map((byte) => byte ^ 0x5a);
	return {
		seal: async (plain) => Promise.resolve(mask(new TextEncoder().encode(`${machine}:${plain}`))),
		open: async (sealed) => {
			const [sealedBy, ...plain] = new TextDecoder().decode(mask(sealed)).split(':');
			return Promise.resolve(sealedBy === machine || isStale ? { plain: plain.join(':'), isStale: sealedBy !== machine } : null);
		},
	};
}

function openFiles(secretBox = boxOf('this')): TerminalFiles {
	return openTerminalFiles({ folder, secretBox, logger });
}

test('a pairing is there after a restart, with its secret sealed and opened again', async () => {
	expect(await openFiles().readConfig()).toBeNull();
	await openFiles().savePairing(pairing, HQ_URL);
	const files = openFiles();
	const config = must(await files.readConfig(), 'the config');
	expect(config).toMatchObject({
		hqUrl: HQ_URL,
		terminal: pairing.terminal,
		terminalCode: 'T1',
		outlet: pairing.outlet,
		cardBlock: pairing.card_block,
	});
	expect(await files.openSecret(config)).toBe(SECRET);
});

test('the secret is in no file in the clear, and the file is this account’s alone', async () => {
	await openFiles().savePairing(pairing, HQ_URL);
	const path = join(folder, 'terminal.json');
	const text = await readFile(path, 'utf8');
	expect(text).not.toContain(SECRET);
	expect(text).not.toContain(Buffer.from(SECRET).toString('base64'));
	expect((await stat(path)).mode & 0o777).toBe(0o600);
	expect(await readdir(folder)).toEqual(['terminal.json']);
});

test('a secret that was sealed on another machine cannot be opened', async () => {
	const config = await openFiles().savePairing(pairing, HQ_URL);
	expect(await openFiles(boxOf('another')).openSecret(config)).toBeNull();
});

test('a secret under an old key is sealed anew', async () => {
	const config = await openFiles(boxOf('old')).savePairing(pairing, HQ_URL);
	const files = openFiles(boxOf('new', true));
	expect(await files.openSecret(config)).toBe(SECRET);
	expect(await openFiles(boxOf('new')).openSecret(must(await files.readConfig(), 'the config'))).toBe(SECRET);
});

test.each([
	['cut', '{"version":1,"hqUrl":"http:'],
	['empty', ''],
	['of another version', '{"version":2}'],
	['edited', '{"version":1,"hqUrl":"javascript:alert(1)"}'],
])('a file that is %s is put aside and counts as absent', async (_what, text) => {
	await writeFile(join(folder, 'terminal.json'), text);
	expect(await openFiles().readConfig()).toBeNull();
	expect(await readFile(join(folder, 'terminal.json.damaged'), 'utf8')).toBe(text);
	expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(1);
	expect(await openFiles().readConfig()).toBeNull();
});

test('programme, roster and wrong PINs survive a restart', async () => {
	const files = openFiles();
	expect(await files.readProgramme()).toEqual({ programme: null, cashiers: [] });
	expect(await files.readPinTries()).toEqual({ wrong: 0, pausedUntilMs: 0 });
	const cashier = { id: 'c-1', displayName: 'Réka', role: 'cashier' as const, pinSalt: '0'.repeat(32), pinHash: '0'.repeat(64) };
	await files.saveProgramme({ programme: TRAINING_PROGRAMME, cashiers: [cashier] });
	await files.savePinTries({ wrong: 3, pausedUntilMs: 0 });
	const reopened = openFiles();
	expect(await reopened.readProgramme()).toEqual({ programme: TRAINING_PROGRAMME, cashiers: [cashier] });
	expect(await reopened.readPinTries()).toEqual({ wrong: 3, pausedUntilMs: 0 });
});

test('another address of headquarters replaces the one of the pairing', async () => {
	const files = openFiles();
	await files.saveHqUrl(await files.savePairing(pairing, HQ_URL), 'https://hq.example/loyalty');
	expect((await files.readConfig())?.hqUrl).toBe('https://hq.example/loyalty');
});

test('a write that was cut short leaves the old content', async () => {
	const path = join(folder, 'x.json');
	await writeJsonFile(path, { value: 1 });
	await writeFile(`${path}.new`, '{"value":');
	expect(await readJsonFile(path, z.object({ value: z.int() }))).toEqual({ state: 'present', value: { value: 1 } });
	await writeJsonFile(path, { value: 2 });
	expect(await readJsonFile(path, z.object({ value: z.int() }))).toEqual({ state: 'present', value: { value: 2 } });
	expect(await readdir(folder)).toEqual(['x.json']);
});

test('rejects when the disk does, and not for a missing file', async () => {
	expect(await readJsonFile(join(folder, 'none.json'), z.unknown())).toEqual({ state: 'absent' });
	await expect(readJsonFile(folder, z.unknown())).rejects.toThrow('EISDIR');
	await expect(writeJsonFile(join(folder, 'no', 'folder.json'), {})).rejects.toThrow('ENOENT');
});
