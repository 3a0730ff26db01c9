/**
 * Sells on a disk that is really full: to be run in a mount namespace of its own with a small file system at the folder that it is told. Prints one
 * line of JSON with what happened.
 */
import { appendFileSync, existsSync, rmSync } from 'node:fs';
import path from 'node:path';
import { createSystemClock, systemRandom, systemTimers } from '#main/devices/system-clock.ts';
import { assert } from '#shared/lib/assert.ts';
import { createRecordings } from '#sync/outbox/fake-recordings.ts';
import type { Outbox } from '#sync/outbox/outbox.ts';
import { openBallast } from '#sync/storage/ballast.ts';
import { openJournalledOutbox } from '#sync/storage/journalled-outbox.ts';

const [folder = ''] = process.argv.slice(2);
const BALLAST_BYTES = 4 * 1024 ** 2;
const junk = path.join(folder, 'junk');
const ballast = openBallast({ folder, bytes: BALLAST_BYTES, random: systemRandom, timers: systemTimers });
await ballast.settled();
assert(existsSync(path.join(folder, 'ballast')), 'there is room for the ballast');

const recordings = createRecordings(systemRandom);
const opened = await openJournalledOutbox({
	folder,
	clock: createSystemClock(),
	random: systemRandom,
	makeRoom: ballast.release,
	journal: { folder: path.join(folder, 'journal'), keyBox: null },
	isLossAccepted: false,
});
assert(opened.ok, () => JSON.stringify(opened));
const { outbox, journal } = opened.value;
await sell(outbox, 20);
fillDisk();
const onFullDisk = await sellUntilRefused(outbox);
rmSync(junk);
const afterwards = await sell(outbox, 20);
await journal.settled();
const entries = await countEntries(outbox);
await outbox.close();
await ballast.close();
const again = await openJournalledOutbox({
	folder,
	clock: createSystemClock(),
	random: systemRandom,
	journal: { folder: path.join(folder, 'journal'), keyBox: null },
	isLossAccepted: false,
});
assert(again.ok, () => JSON.stringify(again));
const { maxSeq } = again.value.outbox.state();
await again.value.journal.settled();
const journalState = again.value.journal.health().state;
await again.value.outbox.close();
process.stdout.write(
	JSON.stringify({
		onFullDisk: onFullDisk.sold,
		refusedWith: onFullDisk.code,
		wasMissing: onFullDisk.wasMissing,
		afterwards,
		entries,
		maxSeq,
		journalState,
	}),
);
process.exit(0);

async function sell(to: Outbox, count: number): Promise<number> {
	let sold = 0;
	for (let sale = 0; sale < count; sale += 1) if ((await to.record(recordings.sale())).ok) sold += 1;
	return sold;
}

async function sellUntilRefused(to: Outbox): Promise<{ readonly sold: number; readonly code: string; readonly wasMissing: boolean }> {
	for (let sold = 0; ; sold += 1) {
		const result = await to.record(recordings.sale());
		if (!result.ok) return { sold, code: result.error.code, wasMissing: ballast.isMissing() };
	}
}

function fillDisk(): void {
	try {
		for (;;) appendFileSync(junk, Buffer.alloc(4096, 1));
	} catch (cause) {
		assert(cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC', 'the disk is full');
	}
}

async function countEntries(of: Outbox): Promise<number> {
	return (await of.counts()).pending;
}
