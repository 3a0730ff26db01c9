import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemRandom } from '#main/devices/system-clock.ts';
import { must } from '#shared/lib/assert.ts';
import { readIdentity } from '#sync/storage/journal/journal-identity.ts';
import { readJournal } from '#sync/storage/recovery/gather.ts';
import { openBox } from './running-terminal.ts';

/** Every file of a terminal's data folder, with its bytes. */
async function filesOf(data: string): Promise<readonly (readonly [string, Buffer])[]> {
	const entries = await readdir(data, { recursive: true, withFileTypes: true });
	const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
	const read = files.map(async (file) => [file.slice(data.length), await readFile(file)] as const);
	return [...(await Promise.all(read)), ['the opened journal', Buffer.from(await openJournal(data))]];
}

/** The lines of the side journal without their seal. */
async function openJournal(data: string): Promise<string> {
	const journal = join(data, 'journal');
	const identity = must(await readIdentity({ folder: journal, keyBox: openBox, random: systemRandom }), 'a journal');
	const { rows } = await readJournal(journal, identity.seal);
	return JSON.stringify([...rows.values()]);
}

/**
 * Files of a data folder with one of `words` (small letters): as UTF-8 and UTF-16, whatever the case. For a number give its digits alone, and
 * forwards and backwards.
 */
export async function findTraces(data: string, words: readonly string[]): Promise<readonly string[]> {
	const found: string[] = [];
	for (const [file, bytes] of await filesOf(data)) {
		const texts = [bytes.toString('latin1'), bytes.toString('utf8'), bytes.toString('utf16le'), bytes.subarray(1).toString('utf16le')];
		for (const text of texts.map((one) => one.toLowerCase()))
			for (const word of words) if (text.includes(word)) found.push(`${file}: ${word}`);
	}
	return found;
}
