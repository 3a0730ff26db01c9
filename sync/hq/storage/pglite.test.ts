import { afterAll, beforeAll, expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import type { Database } from './database.ts';
import { openPglite } from './pglite.ts';

let opened: Database | null = null;
const database = (): Database => must(opened, 'an open database');

beforeAll(async () => {
	opened = await openPglite();
});

afterAll(async () => {
	await opened?.close();
});

test('an urgent statement passes transactions that wait, not the one that runs', async () => {
	const ended: string[] = [];
	const transaction = (name: string): Promise<void> =>
		database().tx(async (tx) => {
			await tx.query('SELECT 1');
			ended.push(name);
		});
	const first = transaction('first');
	const second = transaction('second');
	const urgent = database()
		.urgent.query('SELECT 1')
		.then(() => ended.push('urgent'));
	await Promise.all([first, second, urgent]);
	expect(ended).toEqual(['first', 'urgent', 'second']);
});

test('timers have their turn while transactions queue', async () => {
	let isFired = false;
	setTimeout(() => {
		isFired = true;
	}, 1);
	const sawTimer: boolean[] = [];
	const work = Array.from({ length: 50 }, () =>
		database().tx(async (tx) => {
			sawTimer.push(isFired);
			// Longer than the timer.
			await tx.query(`SELECT count(*) FROM generate_series(1, 20000)`);
		}),
	);
	await Promise.all(work);
	expect(sawTimer.at(-1)).toBe(true);
});

test('what was asked before the end is answered, and closing twice is closing once', async () => {
	const own = await openPglite();
	const asked = own.query<{ n: number }>('SELECT 7 AS n');
	await Promise.all([own.close(), own.close()]);
	expect(await asked).toEqual([{ n: 7 }]);
});
