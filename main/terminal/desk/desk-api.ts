import type { CallName } from '#shared/bridge/contract.ts';
import type { Session } from '#shared/bridge/session-calls.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { TerminalApi } from '../../ports.ts';
import type { TerminalContext } from '../context.ts';
import { closeEntry } from '../correction/close-entry.ts';
import { correctEnrolment } from '../correction/correct-enrolment.ts';
import { correctRefund } from '../correction/correct-refund.ts';
import { correctSale } from '../correction/correct-sale.ts';
import { readDraft } from '../correction/draft.ts';
import { readEntryLife } from './entry-life.ts';
import { readLineDetails } from './line-details.ts';
import { listOutbox, resend } from './outbox-view.ts';
import { exportProof, readProofSheet } from './proof-sheet.ts';
import type { SheetPlace } from './proof-sheet.ts';

type DeskCall = Extract<CallName, `outbox.${string}`> | 'status.details';
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
		'outbox.draft': read(readDraft),
		'outbox.correct': write(correctSale),
		'outbox.correctEnrolment': write(correctEnrolment),
		'outbox.correctRefund': write(correctRefund),
		'outbox.close': write(closeEntry),
		'outbox.resend': write(resend),
		'outbox.proof': read(async (context) => ok(await readProofSheet(context, place()))),
		'outbox.export': read(async (context, input) => exportProof(await readProofSheet(context, place()), input, saveExport)),
		'status.details': read(async (context) => ok(await readLineDetails(context, machine()))),
	};
}
