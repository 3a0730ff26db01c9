import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { assert } from '#shared/lib/assert.ts';
import type { Clock, Random } from '#shared/lib/clock.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { createRecordings } from '#sync/outbox/fake-recordings.ts';
import { openConnection } from '#sync/storage/connection.ts';
import { openOutbox } from '#sync/storage/outbox-database.ts';

const COMMITS = 40;
const clock: Clock = { nowMs: () => Date.UTC(2026, 10, 22), monotonicMs: () => 0, bootId: 'torn' };

/** A database and its log, with the length of the log after each acknowledged commit. */
type Recorded = { readonly database: Buffer; readonly log: Buffer; readonly ends: readonly number[] };

async function record(folder: string, random: Random): Promise<Recorded> {
	const opened = await openOutbox({ folder, clock, random });
	assert(opened.ok, () => JSON.stringify(opened));
	const outbox = opened.value;
	const recordings = createRecordings(random);
	const log = path.join(folder, 'outbox.db-wal');
	const ends: number[] = [];
	for (let commit = 0; commit < COMMITS; commit += 1) {
		const recorded = await outbox.record(commit % 5 === 0 ? recordings.enrolment() : recordings.sale());
		assert(recorded.ok, () => JSON.stringify(recorded));
		ends.push(readFileSync(log).length);
	}
	const files = { database: readFileSync(path.join(folder, 'outbox.db')), log: readFileSync(log), ends };
	await outbox.close();
	return files;
}

/** What a power cut may leave: all of the log up to some acknowledged commit; of what came after it some bytes, and in half of the cases some of them wrong. */
function tear({ log, ends }: Recorded, random: Random): { readonly acknowledged: number; readonly torn: Buffer } {
	const acknowledged = 1 + Math.floor(random.fraction() * ends.length);
	const flushed = ends[acknowledged - 1] ?? 0;
	const cut = flushed + Math.floor(random.fraction() * (log.length - flushed));
	const torn = Buffer.from(log.subarray(0, cut));
	if (random.fraction() < 0.5 && cut > flushed) {
		for (let flips = 1 + Math.floor(random.fraction() * 8); flips > 0; flips -= 1) {
			const at = flushed + Math.floor(random.fraction() * (cut - flushed));
			torn.writeUInt8(torn.readUInt8(at) ^ (1 + Math.floor(random.fraction() * 255)), at);
		}
	}
	return { acknowledged, torn };
}

/**
 * Tears the log of an outbox at a random byte, `cases` times: I11 of sync.md 4.2. Throws with the seed and the case of the first violation.
 * Answers in how many cases more than the acknowledged commits survived, to show that the tearing reaches everywhere.
 */
export async function tearLog(of: {
	readonly cases: number;
	readonly seed: number;
	readonly folder: string;
}): Promise<{ readonly beyond: number }> {
	const random = seededRandom(of.seed);
	const recorded = await record(of.folder, random);
	let beyond = 0;
	for (let number = 0; number < of.cases; number += 1) {
		const where = `seed ${of.seed}, case ${number}`;
		const { acknowledged, torn } = tear(recorded, random);
		const copy = mkdtempSync(path.join(of.folder, 'torn-'));
		writeFileSync(path.join(copy, 'outbox.db'), recorded.database);
		writeFileSync(path.join(copy, 'outbox.db-wal'), torn);
		// With the program's own settings but the flushes, which would make nothing truer here.
		const connection = await openConnection({ file: path.join(copy, 'outbox.db'), mode: 'existing', pragmas: { synchronous: 'OFF' } });
		const check = await connection.get('PRAGMA integrity_check');
		const row = await connection.get(
			'SELECT count(*) AS entries, coalesce(min(seq), 0) AS first, coalesce(max(seq), 0) AS last FROM entry',
		);
		await connection.close();
		const { entries = 0, first = 0, last = 0 } = row ?? {};
		assert(check?.['integrity_check'] === 'ok', `${where}: ${JSON.stringify(check)}`);
		assert(Number(entries) >= acknowledged, `${where}: ${String(entries)} of ${acknowledged} acknowledged entries`);
		assert(first === 1 && last === entries, `${where}: a gap among ${String(entries)} entries`);
		if (Number(entries) > acknowledged) beyond += 1;
		rmSync(copy, { recursive: true });
	}
	return { beyond };
}
