/**
 * The last night that is done with, in `night.json`: what the engine asks before it begins another, and what the Sync screen tells of it. Lost
 * with the file: one night too many does no harm.
 */
import { join } from 'node:path';
import { z } from 'zod';
import type { Night } from '#shared/bridge/session-calls.ts';
import type { Clock } from '#shared/lib/clock.ts';
import type { Compared } from '#sync/engine/engine-context.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

const ComparedSchema = z.object({ atMs: z.int(), members: z.int(), shards: z.int(), differed: z.int(), notCompared: z.int() });
/** A file of an earlier version has the day alone. */
const NightFileSchema = z.object({
	day: z.iso.date().nullable(),
	doneAtMs: z.int().nullable().default(null),
	compared: ComparedSchema.nullable().default(null),
});
type NightFile = z.infer<typeof NightFileSchema>;

export type LastNight = {
	/** The day (`YYYY-MM-DD`) of the last night that is done with. */
	readonly read: () => string | null;
	readonly save: (day: string) => Promise<void>;
	readonly noteCompared: (told: Compared) => Promise<void>;
	readonly told: () => Pick<Night, 'doneAtMs' | 'compared'>;
};

/** A file that cannot be read counts as no night. */
export async function openLastNight(folder: string, clock: Pick<Clock, 'nowMs'>): Promise<LastNight> {
	const file = join(folder, 'night.json');
	const stored = await readJsonFile(file, NightFileSchema);
	let night: NightFile = stored.state === 'present' ? stored.value : { day: null, doneAtMs: null, compared: null };
	// One after the other: the comparison may end while the day is being stored.
	let writing: Promise<void> = Promise.resolve();
	const change = (part: Partial<NightFile>): Promise<void> => {
		const turn = writing.then(async () => {
			const next = { ...night, ...part };
			await writeJsonFile(file, next);
			night = next;
		});
		writing = turn.catch(() => undefined);
		return turn;
	};
	return {
		read: () => night.day,
		save: (day) => change({ day, doneAtMs: Math.round(clock.nowMs()) }),
		noteCompared: (told) => change({ compared: { ...told, atMs: Math.round(clock.nowMs()) } }),
		told: () => ({ doneAtMs: night.doneAtMs, compared: night.compared }),
	};
}

/** The night of a terminal that has none: training. */
export const NO_NIGHT: LastNight = {
	read: () => null,
	save: () => Promise.resolve(),
	noteCompared: () => Promise.resolve(),
	told: () => ({ doneAtMs: null, compared: null }),
};
