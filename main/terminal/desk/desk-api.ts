import type { Session } from '#shared/bridge/session-calls.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { TerminalApi } from '../../ports.ts';
import type { TerminalContext } from '../context.ts';
import { correct } from './correct.ts';
import { readEntryLife } from './entry-life.ts';
import { readLineDetails } from './line-details.ts';
import { listOutbox, resend } from './outbox-view.ts';
import { exportProof, readProofSheet } from './proof-sheet.ts';
import type { SheetPlace } from './proof-sheet.ts';

type DeskCall = 'outbox.list' | 'outbox.entry' | 'outbox.correct' | 'outbox.resend' | 'outbox.proof' | 'outbox.export' | 'status.details';
type Guard = <I, O>(
	useCase: (context: TerminalContext, input: I) => Promise<Result<O, LoyaltyError>>,
) => (input: I) => Promise<Result<O, LoyaltyError>>;

export type DeskOptions = {
	readonly session: () => Session;
	/** What this program is to support. */
	readonly machine: () => Parameters<typeof readLineDetails>[1];
	readonly saveExport: (name: string, text: string) => Promise<Result<string, LoyaltyError>>;
};

/** The calls of the desk: what was recorded, what became of it, the day's proof, what support asks for. */
export function createDeskApi(
	{ session, machine, saveExport }: DeskOptions,
	{ read, write }: { readonly read: Guard; readonly write: Guard },
): Pick<TerminalApi, DeskCall> {
	const place = (): SheetPlace => {
		const { outletName, terminalName } = session();
		return { outletName, terminalName };
	};
	return {
		'outbox.list': read(listOutbox),
		'outbox.entry': read(readEntryLife),
		'outbox.correct': write(correct),
		'outbox.resend': write(resend),
		'outbox.proof': read(async (context) => ok(await readProofSheet(context, place()))),
		'outbox.export': read(async (context, input) => exportProof(await readProofSheet(context, place()), input, saveExport)),
		'status.details': read(async (context) => ok(await readLineDetails(context, machine()))),
	};
}
