import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { assert } from '#shared/lib/assert.ts';
import type { Clock, Random } from '#shared/lib/clock.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import type { Outbox } from '#sync/outbox/outbox.ts';
import { LIST_MAX } from '#sync/outbox/outbox.ts';
import { openJournalledOutbox } from '#sync/storage/journalled-outbox.ts';
import { readJournal } from '#sync/storage/recovery/gather.ts';
import { killAfter } from './killed-child.ts';

export type KillRun = {
	readonly rounds: number;
	readonly seed: number;
	readonly folder: string;
	readonly onRound?: (round: number, told: number) => void;
};

/** Rounds between two readings of all entries; each round looks at its own. */
const FULL_LOOK_EVERY = 25;
/** Kills between the start of the process, its opening of the files and the middle of its work. */
const KILL_WITHIN_MS = 60;

const clock: Clock = { nowMs: () => Date.UTC(2026, 10, 22), monotonicMs: () => performance.now(), bootId: 'parent' };

/**
 * Kills a recording terminal with -9 at random moments, over and over on one data folder, and looks after each time: I11 of sync.md 4.2. Throws
 * with the seed and the round of the first violation. Answers how many acknowledged recordings survived.
 */
export async function killTerminal({ rounds, seed, folder, onRound }: KillRun): Promise<{ readonly acknowledged: number }> {
	const random = seededRandom(seed);
	await mkdir(folder, { recursive: true });
	let acknowledged = 0;
	for (let round = 1; round <= rounds; round += 1) {
		const where = `seed ${seed}, round ${round}`;
		const told = await killAfter({
			what: 'outbox',
			folder,
			seed: seed * 10_000 + round,
			messages: Math.floor(random.fraction() * 40),
			thenMs: random.fraction() * KILL_WITHIN_MS,
		});
		const recorded = idsOf(told, 'recorded');
		await look({
			folder,
			random,
			where,
			recorded,
			applied: idsOf(told, 'applied'),
			isFull: round % FULL_LOOK_EVERY === 0 || round === rounds,
		});
		acknowledged += recorded.length;
		onRound?.(round, acknowledged);
	}
	return { acknowledged };
}

function idsOf(told: readonly string[], event: string): readonly string[] {
	return told.filter((line) => line.startsWith(event)).map((line) => line.slice(event.length + 1));
}

type Look = {
	readonly folder: string;
	readonly random: Random;
	readonly where: string;
	readonly recorded: readonly string[];
	readonly applied: readonly string[];
	readonly isFull: boolean;
};

/** Opening checks the integrity of the whole file. */
async function look({ folder, random, where, recorded, applied, isFull }: Look): Promise<void> {
	const journal = { folder: path.join(folder, 'journal'), keyBox: null };
	const opened = await openJournalledOutbox({ folder, clock, random, journal, isLossAccepted: false });
	assert(opened.ok, () => `${where}: ${JSON.stringify(opened)}`);
	const { outbox } = opened.value;
	assert(opened.value.recovery === null, () => `${where}: ${JSON.stringify(opened.value.recovery)}`);
	try {
		const { maxSeq } = outbox.state();
		const known = new Map(
			(await listNewest(outbox, isFull ? Number.MAX_SAFE_INTEGER : recorded.length + applied.length + LIST_MAX)).map((entry) => [
				String(entry.eventId),
				entry,
			]),
		);
		const entries = [...known.values()];
		for (const eventId of recorded) assert(known.has(eventId), `${where}: ${eventId} was acknowledged and is gone`);
		for (const eventId of applied) {
			const status = known.get(eventId)?.status ?? 'applied';
			assert(status === 'applied', `${where}: ${eventId} was settled and is ${status}`);
		}
		entries.forEach(({ seq }, index) => {
			assert(seq === maxSeq - index, `${where}: a gap before ${seq}`);
		});
		assert(!isFull || entries.length === maxSeq, `${where}: ${entries.length} entries and ${maxSeq} numbers`);
	} finally {
		await outbox.close();
	}
	if (isFull) await lookAtJournal(folder, where, recorded);
}

async function lookAtJournal(folder: string, where: string, recorded: readonly string[]): Promise<void> {
	const { numbers, entries, damaged } = await readJournal(path.join(folder, 'journal'), null);
	assert(damaged === 0 && numbers.every((no, index) => no === index + 1), `${where}: the journal has a gap`);
	const ids = new Set(entries.map(({ event_id }) => String(event_id)));
	assert(
		ids.size === entries.length && recorded.every((eventId) => ids.has(eventId)),
		`${where}: the journal lacks entries or has one twice`,
	);
}

async function listNewest(outbox: Outbox, atLeast: number): Promise<Awaited<ReturnType<Outbox['list']>>> {
	const entries: Awaited<ReturnType<Outbox['list']>>[number][] = [];
	for (let before = Number.MAX_SAFE_INTEGER; entries.length < atLeast;) {
		const page = await outbox.list({ before, limit: LIST_MAX });
		entries.push(...page);
		before = page.at(-1)?.position ?? 0;
		if (page.length < LIST_MAX) break;
	}
	return entries;
}
