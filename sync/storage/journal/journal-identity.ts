import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Random } from '#shared/lib/clock.ts';
import { syncFolder, systemCode } from '../data-folder.ts';
import { createLineSeal, SEAL_KEY_BYTES } from './line-seal.ts';
import type { LineSeal } from './line-seal.ts';

/** Keeps the journal's key: the host's own box for secrets. */
export type KeyBox = {
	readonly seal: (plain: string) => Promise<Uint8Array>;
	/** `null` when this machine cannot open it. `isStale`: to be sealed and stored anew. */
	readonly open: (sealed: Uint8Array) => Promise<{ readonly plain: string; readonly isStale: boolean } | null>;
};

/** Which journal it is, and what its lines are sealed with; `seal` is `null` where the host has no box for secrets. */
export type JournalIdentity = { readonly id: string; readonly seal: LineSeal | null };

/** `journal.json`, beside the lines: whoever has the lines still needs the host's box. */
const FileSchema = z.object({ version: z.literal(1), id: z.string().regex(/^[0-9a-f]{16}$/), sealedKey: z.base64().max(8192).nullable() });
type Stored = z.infer<typeof FileSchema>;

type Place = { readonly folder: string; readonly keyBox: KeyBox | null; readonly random: Random };

/** The identity of the journal in a folder, or `null` when there is none. Rejects when the file cannot be read. */
export async function readIdentity(place: Place): Promise<JournalIdentity | null> {
	const file = await readStored(place.folder);
	if (file === null) return null;
	if (place.keyBox === null) return { id: file.id, seal: null };
	const opened = file.sealedKey === null ? null : await place.keyBox.open(Buffer.from(file.sealedKey, 'base64'));
	if (opened === null) return renewKey(place, file);
	const key = Buffer.from(opened.plain, 'base64');
	if (opened.isStale) await store(place, { ...file, sealedKey: await sealKey(place.keyBox, key) });
	return { id: file.id, seal: createLineSeal(key, place.random) };
}

/** Begins a journal in a folder that has none. */
export async function makeIdentity(place: Place): Promise<JournalIdentity> {
	const id = Buffer.from(place.random.bytes(8)).toString('hex');
	if (place.keyBox !== null) return renewKey(place, { version: 1, id, sealedKey: null });
	await store(place, { version: 1, id, sealedKey: null });
	return { id, seal: null };
}

/** A new key for new lines. The old file stays, for the day on which its key can be opened again. */
async function renewKey(place: Place, file: Stored): Promise<JournalIdentity> {
	const key = place.random.bytes(SEAL_KEY_BYTES);
	const seal = createLineSeal(key, place.random);
	if (file.sealedKey !== null) await rename(fileOf(place.folder), path.join(place.folder, `journal.before-${seal.keyId}.json`));
	await store(place, { ...file, sealedKey: place.keyBox === null ? null : await sealKey(place.keyBox, key) });
	return { id: file.id, seal };
}

async function sealKey(keyBox: KeyBox, key: Uint8Array): Promise<string> {
	return Buffer.from(await keyBox.seal(Buffer.from(key).toString('base64'))).toString('base64');
}

function fileOf(folder: string): string {
	return path.join(folder, 'journal.json');
}

async function readStored(folder: string): Promise<Stored | null> {
	try {
		return FileSchema.parse(JSON.parse(await readFile(fileOf(folder), 'utf8')));
	} catch (cause) {
		if (systemCode(cause) === 'ENOENT') return null;
		throw cause;
	}
}

async function store({ folder }: Place, file: Stored): Promise<void> {
	const draft = `${fileOf(folder)}.new`;
	const handle = await open(draft, 'w', 0o600);
	try {
		await handle.writeFile(`${JSON.stringify(file)}\n`);
		await handle.sync();
	} finally {
		await handle.close();
	}
	await rename(draft, fileOf(folder));
	await syncFolder(folder);
}
