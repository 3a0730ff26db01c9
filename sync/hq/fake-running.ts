import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { PairResponseSchema } from '#shared/wire/pairing.ts';
import type { PairResponse } from '#shared/wire/pairing.ts';
import { startHeadquarters } from './headquarters.ts';
import type { Headquarters, HeadquartersOptions } from './headquarters.ts';
import { call } from './http/fake-client.ts';
import { openPglite } from './storage/pglite.ts';
import { createTerminal, pairTerminal } from './terminals/terminals.ts';

/** A headquarters that listens, for tests: database in memory, a temporary folder, no log. */
export type RunningHeadquarters = Headquarters & {
	readonly call: (options: Parameters<typeof call>[1]) => ReturnType<typeof call>;
	/** A new paired terminal of outlet S01. */
	readonly pair: (code: string) => Promise<PairResponse>;
};

export const OPERATOR_KEY = { apiKey: 'operator', apiSecret: 'not-a-real-secret' };

/** Starts it. Starting the database takes seconds: one for all tests of a file. */
export async function startFakeHeadquarters(options: Partial<HeadquartersOptions> = {}): Promise<RunningHeadquarters> {
	const dataDir = mkdtempSync(join(tmpdir(), 'regulars-hq-'));
	const database = options.database ?? (await openPglite());
	const started = await startHeadquarters({ dataDir, database, operatorKey: OPERATOR_KEY, logger: pino({ level: 'silent' }), ...options });
	if (!started.ok) throw new Error('the folder is taken');
	const headquarters = started.value;
	return {
		...headquarters,
		call: (options_) => call(headquarters.url, options_),
		pair: async (code) => {
			const created = await createTerminal(headquarters.context, {
				outlet: { id: 'S01', code: 'S01', name: 'Station Road' },
				terminal_code: code,
				terminal_name: code,
			});
			if (!created.ok) throw new Error('the outlet is another one');
			const paired = await pairTerminal(headquarters.context, { code: created.value.code, app_version: '1', protocol: 1 });
			if (!paired.ok) throw new Error('the code is wrong');
			return PairResponseSchema.parse(paired.value);
		},
		close: async () => {
			await headquarters.close();
			await database.close();
			rmSync(dataDir, { recursive: true, force: true });
		},
	};
}

/** The signing key of a paired terminal. */
export function keyOf(paired: PairResponse): { readonly apiKey: string; readonly apiSecret: string } {
	return { apiKey: paired.api_key, apiSecret: paired.api_secret };
}
