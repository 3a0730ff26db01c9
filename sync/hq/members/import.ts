import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import type { HqContext } from '../context.ts';
import { openCheckpoint } from './import/checkpoint.ts';
import type { Checkpoint } from './import/checkpoint.ts';
import { commitPage } from './import/commit-page.ts';
import type { Candidate, Rejection } from './import/sift.ts';
import { judgeRow } from './import/judge-row.ts';
import { measureProgress } from './import/progress.ts';
import type { Progress } from './import/progress.ts';
import { readRecords } from './import/records.ts';
import type { RecordPage } from './import/records.ts';
import { createRejectedList } from './import/rejected-list.ts';
import type { RejectedList } from './import/rejected-list.ts';
import { parseRows } from './import/rows.ts';
import { detectForm, identifyFile } from './import/source-file.ts';
import type { SourceForm } from './import/source-file.ts';
import { MEMBERS_PAGE_MAX } from './insert-members.ts';

/** What an import needs of headquarters. */
export type ImportContext = Pick<HqContext, 'database' | 'clock' | 'random' | 'secret' | 'programme' | 'announceStaged'>;

export type ImportOptions = {
	readonly onProgress?: (progress: Progress) => void;
	/** Stops after the page that is being written; the import can be gone on with. */
	readonly signal?: AbortSignal;
	/** Where rejected lines are listed; by default the file's path with `.rejected` behind it. */
	readonly rejectedPath?: string;
};

/** How an import ended. Counts are those of all its runs. */
export type ImportReport = {
	readonly imported: number;
	readonly rejected: number;
	/** Null when no line was rejected. */
	readonly rejectedPath: string | null;
	/** The line from which this run went on, null when it began. */
	readonly resumedAtLine: number | null;
	/** An earlier run had finished this very file; nothing was done. */
	readonly wasFinished: boolean;
};

/** Why a file was not imported, or not to its end. `message` is a sentence for the operator. */
export type ImportError = { readonly kind: 'unreadable' | 'malformed' | 'other_run' | 'aborted'; readonly message: string };

/**
 * Imports members from a CSV (comma, semicolon or tab, with a header row) or NDJSON file, page by page. A row that is not valid, or whose
 * id or card is taken, is listed in `FILE.rejected` with its line and costs no other row. Broken off, it goes on where it was, provided the
 * file is unchanged (size, time of change, first megabyte); a finished file is not imported twice. Limits: records up to 64 KB, any number of rows.
 */
export async function importMembers(
	context: ImportContext,
	path: string,
	options: ImportOptions = {},
): Promise<Result<ImportReport, ImportError>> {
	const opened = await openFile(path);
	if (!opened.ok) return opened;
	const file = opened.value;
	try {
		const form = await detectForm(file);
		if (!form.ok) return fail({ kind: 'malformed', message: `${path}: ${form.error}` });
		const { source, bytes } = await identifyFile(file);
		const checkpoint = await openCheckpoint(context.database, source, { first: form.value.first, nowMs: context.clock.nowMs() });
		const rejectedPath = options.rejectedPath ?? `${path}.rejected`;
		const resumedAtLine = checkpoint.next.byte > form.value.first.byte ? checkpoint.next.line : null;
		const reportOf = (end: Checkpoint, wasFinished: boolean): ImportReport => ({
			imported: end.imported,
			rejected: end.rejected,
			rejectedPath: end.rejected > 0 ? rejectedPath : null,
			resumedAtLine,
			wasFinished,
		});
		if (checkpoint.finishedAtMs !== null) return ok(reportOf(checkpoint, true));
		const run = { context, options, file, form: form.value, bytes, rejectedList: createRejectedList(rejectedPath) };
		try {
			const end = await importPages(run, checkpoint);
			return end.ok ? ok(reportOf(end.value, false)) : end;
		} finally {
			await run.rejectedList.close();
		}
	} finally {
		await file.close();
	}
}

type Run = {
	readonly context: ImportContext;
	readonly options: ImportOptions;
	readonly file: FileHandle;
	readonly form: SourceForm;
	readonly bytes: number;
	readonly rejectedList: RejectedList;
};

async function importPages(run: Run, start: Checkpoint): Promise<Result<Checkpoint, ImportError>> {
	const { context, options, bytes } = run;
	const measure = measureProgress(context.clock, 'bytes', { ...start, done: start.next.byte, total: bytes });
	let checkpoint = start;
	for await (const page of readRecords(run.file, run.form.form, { from: start.next, pageMax: MEMBERS_PAGE_MAX })) {
		if (options.signal?.aborted === true)
			return fail({ kind: 'aborted', message: `stopped before line ${checkpoint.next.line}; start it again to go on there` });
		const isLast = page.next.byte >= bytes;
		const committed = await commitPage(context, checkpoint, {
			...judgePage(run, page),
			next: page.next,
			finishedAtMs: isLast ? context.clock.nowMs() : null,
			writeRejections: run.rejectedList.write,
		});
		if (committed === null) return fail({ kind: 'other_run', message: 'the same file is being imported by another run' });
		if (committed.isStaged) context.announceStaged();
		({ checkpoint } = committed);
		options.onProgress?.(measure({ ...checkpoint, done: checkpoint.next.byte, total: bytes }));
		if (isLast) return ok(checkpoint);
	}
	return fail({ kind: 'unreadable', message: 'the file became shorter while it was read' });
}

function judgePage(
	{ context, form }: Run,
	page: RecordPage,
): { readonly candidates: readonly Candidate[]; readonly rejections: readonly Rejection[] } {
	const { programme, clock, random } = context;
	const nowMs = clock.nowMs();
	const judge = { programme: programme(), nowMs, newId: () => uuidV7(nowMs, random) };
	const candidates: Candidate[] = [];
	const rejections: Rejection[] = [];
	for (const { line, row } of parseRows(page.records, form)) {
		const judged = row.ok ? judgeRow(row.value, judge) : row;
		if (judged.ok) candidates.push({ line, member: judged.value });
		else rejections.push({ line, reason: judged.error });
	}
	return { candidates, rejections };
}

async function openFile(path: string): Promise<Result<FileHandle, ImportError>> {
	try {
		return ok(await open(path, 'r'));
	} catch (error) {
		const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
		return fail({ kind: 'unreadable', message: `${path} cannot be opened (${code})` });
	}
}
