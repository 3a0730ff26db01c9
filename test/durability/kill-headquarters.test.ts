import { expect, test } from 'vitest';
import { startPostgres } from '../support/postgres.ts';
import { crashDatabase } from './crash-database.ts';
import { killHeadquarters } from './kill-headquarters.ts';
import { createScratchFolder } from './scratch.ts';

test('I3: after kill -9 headquarters knows every event that it had answered, once: embedded database', { timeout: 240_000 }, async () => {
	const { answered } = await killHeadquarters({ rounds: 2, seed: 5, folder: createScratchFolder() });
	expect(answered).toBeGreaterThanOrEqual(40);
});

test('I3: after kill -9 headquarters knows every event that it had answered, once: PostgreSQL', { timeout: 900_000 }, async () => {
	const server = await startPostgres();
	try {
		const databaseUrl = await server.createDatabase('durability');
		const { answered } = await killHeadquarters({ rounds: 50, seed: 6, folder: createScratchFolder(), databaseUrl });
		expect(answered).toBeGreaterThanOrEqual(1000);
	} finally {
		await server.stop();
	}
});

test(
	'I3: after a crash of PostgreSQL headquarters finds it again and knows every event that it had answered, once',
	{
		timeout: 240_000,
	},
	async () => {
		// A commit that was answered must be where a crash of the server leaves it.
		const server = await startPostgres(['synchronous_commit=on']);
		try {
			const databaseUrl = await server.createDatabase('crashing');
			const { answered } = await crashDatabase({ rounds: 10, seed: 7, folder: createScratchFolder(), server, databaseUrl });
			expect(answered).toBeGreaterThanOrEqual(200);
		} finally {
			await server.stop();
		}
	},
);
