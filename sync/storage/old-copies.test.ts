import { readdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { createFolder } from './fake-folder.ts';
import { removeOldCopies, removePersonalCopies } from './old-copies.ts';

const NAMES = ['outbox.damaged-5.db', 'outbox.damaged-5.db-wal', 'outbox.db', 'outbox.pre-2.db', 'outbox.recovered-5.json', 'replica.db'];

function createCopies(): string {
	const folder = createFolder();
	for (const name of NAMES) {
		writeFileSync(path.join(folder, name), '');
		utimesSync(path.join(folder, name), 100, 100);
	}
	return folder;
}

test('copies go when their time has passed, everything else stays', async () => {
	const folder = createCopies();
	expect(await removeOldCopies(folder, 99_000)).toBe(0);
	expect(await removeOldCopies(folder, 101_000)).toBe(3);
	expect(readdirSync(folder)).toEqual(['outbox.db', 'outbox.recovered-5.json', 'replica.db']);
});

test('I10: after an opt-out no copy stays, but a damaged one that may hold what was not recovered', async () => {
	const folder = createCopies();
	expect(await removePersonalCopies(folder, false)).toBe(1);
	expect(readdirSync(folder)).toContain('outbox.damaged-5.db');
	expect(await removePersonalCopies(folder, true)).toBe(2);
	expect(readdirSync(folder)).toEqual(['outbox.db', 'outbox.recovered-5.json', 'replica.db']);
});
