/** The limit of shipping a replica as a SQLite file: fetched packed, checked by digest, unpacked, flushed, opened, and one member found. */
import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rm, stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { z } from 'zod';
import { assert, must } from '#shared/lib/assert.ts';
import { openConnection } from '#sync/storage/connection.ts';
import { readProgramOptions, tellMissing, tellValues } from '../runner/outcome.ts';
import type { Values } from '../runner/outcome.ts';
import { peakMemoryMib, watchEventLoop } from '../runner/sample.ts';

const OptionsSchema = z.object({ url: z.string(), sha256: z.string(), file: z.string(), card: z.string(), members: z.int() });
const options = readProgramOptions(OptionsSchema);

async function load(): Promise<Values> {
	await rm(options.file, { force: true });
	const loop = watchEventLoop();
	const startedAt = performance.now();
	const response = await fetch(options.url);
	const digest = createHash('sha256');
	const hashing = new Transform({
		transform: (chunk: Buffer, _encoding, done) => {
			digest.update(chunk);
			done(null, chunk);
		},
	});
	await pipeline(must(response.body, 'a body'), hashing, createGunzip(), createWriteStream(options.file));
	assert(digest.digest('hex') === options.sha256, 'the file is whole');
	const handle = await open(options.file, 'r+');
	await handle.sync();
	await handle.close();
	const connection = await openConnection({ file: options.file, mode: 'existing', pragmas: {} });
	const found = await connection.get('SELECT id FROM member WHERE card = ?1', [options.card]);
	const loadS = (performance.now() - startedAt) / 1000;
	const pauses = loop.end();
	const peakMib = peakMemoryMib();
	await connection.close();
	assert(found !== null, 'a card is found');
	const fileMib = (await stat(options.file)).size / 2 ** 20;
	await rm(options.file, { force: true });
	return { loadS, firstS: loadS, rowsPerS: options.members / loadS, fileMib, ...pauses, peakMib };
}

try {
	await tellValues(await load());
} catch (cause) {
	await tellMissing(cause);
}
