import { expect, test } from 'vitest';
import { startPostgres } from '../support/postgres.ts';
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
