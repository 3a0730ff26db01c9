/** Recording sales one after another, in one of three ways: the use case, the outbox alone, or one bare INSERT with the same settings. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { MemberIdSchema } from '#shared/domain/ids.ts';
import { assert } from '#shared/lib/assert.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { createSystemClock, systemRandom } from '#main/devices/system-clock.ts';
import { earn } from '#main/terminal/sale/earn.ts';
import { createRecordings } from '#sync/outbox/fake-recordings.ts';
import { memberRow, snapshotOf } from '#sync/replica/fake-members.ts';
import { openConnection } from '#sync/storage/connection.ts';
import { openOutbox } from '#sync/storage/outbox-database.ts';
import { DURABLE } from '#sync/storage/outbox/outbox-file.ts';
import { openContext } from '../runner/open-terminal.ts';
import { readProgramOptions, tellMissing, tellValues } from '../runner/outcome.ts';
import type { Values } from '../runner/outcome.ts';
import { latencyValues, sample } from '../runner/sample.ts';

const OptionsSchema = z.object({ way: z.enum(['use-case', 'outbox', 'insert']), folder: z.string(), sales: z.int() });
const options = readProgramOptions(OptionsSchema);
const MEMBERS = 1_000;
/** As long as the row of a sale in the outbox. */
const INSERTED_BYTES = 600;
const numbers = Array.from({ length: options.sales }, (_, index) => index);

async function sellByUseCase(): Promise<readonly number[]> {
	const { context, close } = await openContext(options.folder);
	const rows = Array.from({ length: MEMBERS }, (_, index) => memberRow({ id: `bench-${index}`, tier: 'basic' }));
	const { manifest, files } = snapshotOf(rows);
	const load = await context.replica.beginLoad(manifest);
	assert(load.ok, 'a load begins');
	for (const [path, lines] of files) assert((await load.value.addFile(path, lines)).ok, 'members are loaded');
	assert((await load.value.finish()).ok, 'the load ends');
	const samples = await sample(numbers, async (index) => {
		const earned = await earn(context, {
			requestId: uuidV7(Date.now(), systemRandom),
			member: { memberId: MemberIdSchema.parse(`bench-${index % MEMBERS}`) },
			receiptNumber: `R${index}`,
			amountMinor: 1_000 + index,
			currency: 'EUR',
			isRepeatConfirmed: false,
		});
		assert(earned.ok, () => `a sale is recorded: ${JSON.stringify(earned)}`);
	});
	await close();
	return samples;
}

async function sellByOutbox(): Promise<readonly number[]> {
	const outbox = await openOutbox({ folder: options.folder, clock: createSystemClock(), random: systemRandom });
	assert(outbox.ok, 'the outbox opens');
	const recordings = createRecordings(systemRandom);
	const samples = await sample(
		numbers.map((index) => recordings.sale({ memberId: `bench-${index % MEMBERS}` })),
		async (recording) => {
			assert((await outbox.value.record(recording)).ok, 'a sale is recorded');
		},
	);
	await outbox.value.close();
	return samples;
}

async function insert(): Promise<readonly number[]> {
	const connection = await openConnection({
		file: join(options.folder, 'bare.db'),
		mode: 'create',
		pragmas: { page_size: 4096, ...DURABLE },
	});
	await connection.execute('CREATE TABLE sale (id TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT');
	const body = 'x'.repeat(INSERTED_BYTES);
	const samples = await sample(numbers, async () => {
		await connection.run('INSERT INTO sale (id, body) VALUES (?1, ?2)', [uuidV7(Date.now(), systemRandom), body]);
	});
	await connection.close();
	return samples;
}

const WAYS = { 'use-case': sellByUseCase, outbox: sellByOutbox, insert };

async function run(): Promise<Values> {
	await rm(options.folder, { recursive: true, force: true });
	await mkdir(options.folder, { recursive: true });
	const samples = await WAYS[options.way]();
	const seconds = samples.reduce((sum, value) => sum + value, 0) / 1000;
	return { ...latencyValues('sale', samples), salesPerS: samples.length / seconds };
}

try {
	await tellValues(await run());
} catch (cause) {
	await tellMissing(cause);
}
