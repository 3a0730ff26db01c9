/** The limit of a look-up during a load: the way to the driver's thread and back every 20 ms, while two threads unpack and the main thread rests. */
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gunzip, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { openConnection } from '#sync/storage/connection.ts';
import { readProgramOptions, tellMissing, tellValues } from '../runner/outcome.ts';
import type { Values } from '../runner/outcome.ts';
import { latencyValues, watchEventLoop } from '../runner/sample.ts';

readProgramOptions(z.object({}));

const THREADS = 2;
const FOR_MS = 10_000;
const ASK_EVERY_MS = 20;
/** As large as a file of a snapshot when it is unpacked, and packed as well as one. */
const FILE_BYTES = 6 * 2 ** 20;
const PACKED_SHARE = 0.18;

async function wait(): Promise<Values> {
	const file = gzipSync(Buffer.concat([randomBytes(FILE_BYTES * PACKED_SHARE), Buffer.alloc(FILE_BYTES * (1 - PACKED_SHARE))]));
	const connection = await openConnection({ file: ':memory:', mode: 'create', pragmas: {} });
	const enough = AbortSignal.timeout(FOR_MS);
	const unpack = promisify(gunzip);
	const busy = Array.from({ length: THREADS }, async () => {
		while (!enough.aborted) await unpack(file, { chunkSize: FILE_BYTES + 64 });
	});
	const loop = watchEventLoop();
	const samples: number[] = [];
	while (!enough.aborted) {
		const askedAt = performance.now();
		await connection.all('SELECT 1');
		samples.push(performance.now() - askedAt);
		await pause(ASK_EVERY_MS);
	}
	const pauses = loop.end();
	await Promise.all(busy);
	await connection.close();
	return { ...pauses, ...latencyValues('during', samples) };
}

try {
	await tellValues(await wait());
} catch (cause) {
	await tellMissing(cause);
}
