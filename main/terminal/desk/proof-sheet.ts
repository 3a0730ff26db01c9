import type { CallInput, CallOutput } from '#shared/bridge/contract.ts';
import type { ClosedEntry, ProofSheet, Sums } from '#shared/bridge/outbox-calls.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Entry } from '#sync/outbox/entry.ts';
import { LIST_MAX } from '#sync/outbox/outbox.ts';
import type { TerminalContext } from '../context.ts';
import { cashierName } from './outbox-line.ts';

/** Where this is, for the head of the sheet. */
export type SheetPlace = Pick<ProofSheet, 'outletName' | 'terminalName'>;

/** The proof since the outlet's midnight, in entries and in points, as a whole and by cashier. */
export async function readProofSheet(context: TerminalContext, place: SheetPlace): Promise<ProofSheet> {
	const madeAtMs = context.clock.nowMs();
	const sinceMs = context.calendar.startOfDayMs(madeAtMs);
	const byCashier = await context.outbox.proofByCashier(sinceMs);
	const closed = await context.outbox.list({ statuses: ['closed'], limit: LIST_MAX });
	return {
		...place,
		sinceMs,
		madeAtMs,
		entries: addUp(byCashier.map(({ entries }) => entries)),
		points: addUp(byCashier.map(({ points }) => points)),
		byCashier: byCashier.map(({ cashier, ...sums }) => ({ cashier: cashierName(context, cashier), ...sums })),
		closed: closed
			.filter(({ occurredAtMs }) => occurredAtMs >= sinceMs)
			.flatMap((entry) => describeClosed(context, entry))
			.toReversed(),
	};
}

function describeClosed(context: TerminalContext, { eventId, action, receipt, pointsEstimated, closing }: Entry): readonly ClosedEntry[] {
	if (closing === null) return [];
	const { by, atMs, because } = closing;
	const receiptNumber = receipt?.receiptNumber ?? null;
	return [{ eventId, action, receiptNumber, points: pointsEstimated, by: cashierName(context, by), atMs, because }];
}

/** Stores the proof as a file. `save` takes a name and a text and gives the path; it fails with DISK-…. */
export async function exportProof(
	sheet: ProofSheet,
	{ format }: CallInput<'outbox.export'>,
	save: (name: string, text: string) => Promise<Result<string, LoyaltyError>>,
): Promise<Result<CallOutput<'outbox.export'>, LoyaltyError>> {
	const name = `proof-${new Date(sheet.madeAtMs).toISOString().slice(0, 19).replaceAll(':', '')}Z.${format}`;
	const saved = await save(name, format === 'csv' ? toCsv(sheet) : toJson(sheet));
	return saved.ok ? ok({ path: saved.value }) : saved;
}

const COLUMNS = ['recorded', 'accepted', 'refused', 'waiting', 'voided'] as const satisfies readonly (keyof Sums)[];

/** One line per cashier and one for all; below them, under a head of their own, what was closed. Numbers without separators. */
export function toCsv({ outletName, terminalName, sinceMs, madeAtMs, entries, points, byCashier, closed }: ProofSheet): string {
	const head = ['outlet', 'terminal', 'since', 'made', 'cashier', ...COLUMNS, ...COLUMNS.map((column) => `points_${column}`)];
	const place = [outletName, terminalName, isoTime(sinceMs), isoTime(madeAtMs)].map(quote);
	const line = (cashier: string, sums: { readonly entries: Sums; readonly points: Sums }): string =>
		[...place, quote(cashier), ...COLUMNS.map((column) => sums.entries[column]), ...COLUMNS.map((column) => sums.points[column])].join(',');
	const lines = [
		head.join(','),
		...byCashier.map(({ cashier, ...sums }) => line(cashier, sums)),
		line('*', { entries, points }),
		...closedLines(closed),
	];
	return `${lines.join('\r\n')}\r\n`;
}

function closedLines(closed: readonly ClosedEntry[]): readonly string[] {
	if (closed.length === 0) return [];
	const lines = closed.map(({ eventId, action, receiptNumber, points, by, atMs, because }) =>
		[isoTime(atMs), quote(by), because, action, quote(receiptNumber ?? ''), points, eventId].join(','),
	);
	return ['', 'closed,closed_by,because,action,receipt,points,event', ...lines];
}

function toJson({ sinceMs, madeAtMs, closed, ...sheet }: ProofSheet): string {
	const told = closed.map(({ atMs, ...entry }) => ({ at: isoTime(atMs), ...entry }));
	return `${JSON.stringify({ since: isoTime(sinceMs), made: isoTime(madeAtMs), ...sheet, closed: told }, null, '\t')}\n`;
}

/** Quoted (RFC 4180). A spreadsheet takes a text that begins like a formula for one; an apostrophe keeps it a text. */
function quote(text: string): string {
	const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
	return `"${safe.replaceAll('"', '""')}"`;
}

function isoTime(ms: number): string {
	return new Date(ms).toISOString();
}

function addUp(parts: readonly Sums[]): Sums {
	const total = (of: keyof Sums): number => parts.reduce((sum, part) => sum + part[of], 0);
	return {
		recorded: total('recorded'),
		accepted: total('accepted'),
		refused: total('refused'),
		waiting: total('waiting'),
		voided: total('voided'),
	};
}
