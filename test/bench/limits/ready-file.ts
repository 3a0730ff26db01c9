import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { startFileServer } from '../../simulators/file-server.ts';
import type { Contender } from '../runner/gather-runs.ts';
import { runProgram } from '../runner/run-program.ts';
import { createQuestions } from '../runner/synthetic-member.ts';

export const READY_FILE = 'a ready file over HTTP';

const WITHIN_MS = 600_000;
const GZIP_LEVEL = 6;

type ReadyFile = { readonly from: string; readonly folder: string; readonly members: number };
type Packed = { readonly file: string; readonly sha256: string; readonly bytes: number };

/**
 * What a snapshot as a SQLite file could reach: the finished replica of the terminal before it, packed once beforehand. No pairing, no
 * manifest, no resumption, and headquarters would have to know the schema of every replica in the field.
 */
export function fetchReadyFile({ from, folder, members }: ReadyFile): Contender {
	let packed: Packed | null = null;
	return {
		name: READY_FILE,
		note: 'a limit: the finished replica, packed beforehand, fetched, checked, unpacked and flushed',
		run: async () => {
			packed ??= await pack(from, join(folder, 'ready.db.gz'));
			const { file, sha256, bytes } = packed;
			const server = await startFileServer(file);
			try {
				const { card } = createQuestions(members, 1).card();
				const options = { url: server.url, sha256, file: join(folder, 'ready.db'), card, members };
				const outcome = await runProgram({ entry: 'test/bench/programs/ready-file.ts', options, withinMs: WITHIN_MS });
				return outcome.type === 'missing' ? outcome : { ...outcome, values: { ...outcome.values, wireMib: bytes / 2 ** 20 } };
			} finally {
				await server.close();
			}
		},
	};
}

async function pack(from: string, file: string): Promise<Packed> {
	await pipeline(createReadStream(from), createGzip({ level: GZIP_LEVEL }), createWriteStream(file));
	const digest = createHash('sha256');
	await pipeline(createReadStream(file), digest);
	return { file, sha256: digest.digest('hex'), bytes: (await stat(file)).size };
}
