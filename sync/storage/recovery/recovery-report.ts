import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

/** What a recovery of the outbox found, as `outbox.recovered-<ms>.json` beside it. Numbers only: nothing personal. */
const RecoveryReportSchema = z.object({
	atMs: z.int(),
	/** `damaged`: `outbox.db` was made anew · `restored`: it was an older copy, and lacked the end of the journal. */
	kind: z.enum(['damaged', 'restored']),
	/** Entries in the outbox afterwards, or that were added to it. */
	entries: z.int(),
	/** Of them without an outcome: they are sent, and headquarters answers what it has already. */
	waiting: z.int(),
	/** Why it cannot be said that all is there; `null` when it can. */
	incomplete: z.string().nullable(),
});
export type RecoveryReport = z.infer<typeof RecoveryReportSchema>;

const NAME = /^outbox\.recovered-(\d+)\.json$/;
const REPORT_BYTES_MAX = 10_000;

export async function saveReport(folder: string, report: RecoveryReport): Promise<void> {
	await writeFile(path.join(folder, `outbox.recovered-${report.atMs}.json`), `${JSON.stringify(report, null, '\t')}\n`, { mode: 0o600 });
}

/** The latest report that is not older than `sinceMs`, or `null`. */
export async function readLatestReport(folder: string, sinceMs: number): Promise<RecoveryReport | null> {
	const times = (await readdir(folder)).flatMap((name) => NAME.exec(name)?.[1] ?? []).map(Number);
	const latest = Math.max(...times, 0);
	if (latest < sinceMs || latest === 0) return null;
	const text = (await readFile(path.join(folder, `outbox.recovered-${latest}.json`), 'utf8')).slice(0, REPORT_BYTES_MAX);
	try {
		return RecoveryReportSchema.parse(JSON.parse(text));
	} catch {
		// A report that was cut off by a crash is worth no notice; the recovery itself was complete before it.
		return null;
	}
}
