import type { CallInput } from '#shared/bridge/contract.ts';
import type { CorrectionDraft } from '#shared/bridge/outbox-calls.ts';
import { CurrencySchema } from '#shared/domain/money.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { ProfileData } from '#shared/wire/event.ts';
import type { TerminalContext } from '../context.ts';
import { findRefused } from './refused-entry.ts';
import type { Correctable } from './refused-entry.ts';

/** What was recorded, as the form of its correction takes it. A manager alone sees it: an enrolment has every contact. SESSION-104, OUTBOX-101. */
export async function readDraft(
	context: TerminalContext,
	{ eventId }: CallInput<'outbox.draft'>,
): Promise<Result<CorrectionDraft, LoyaltyError>> {
	const refused = await findRefused(context, eventId, 'sale', 'enrolment', 'refund');
	return refused.ok ? ok(describe(refused.value)) : refused;
}

function describe(refused: Correctable): CorrectionDraft {
	switch (refused.kind) {
		case 'enrolment': {
			const { memberId, event } = refused.entry;
			return { kind: 'enrolment', memberId, form: toForm(event.data) };
		}
		case 'refund': {
			const { receiptNumber, currency, amountMinor } = refused.entry.receipt;
			const leftMinor = refused.sale.receipt.amountMinor - refused.sale.refundedMinor;
			return { kind: 'refund', receiptNumber, amountMinor, leftMinor, currency: CurrencySchema.parse(currency) };
		}
		case 'sale': {
			const { receiptNumber, currency, amountMinor } = refused.entry.receipt;
			return { kind: 'sale', receiptNumber, amountMinor, currency: CurrencySchema.parse(currency) };
		}
	}
}

function toForm(data: ProfileData): Extract<CorrectionDraft, { kind: 'enrolment' }>['form'] {
	return {
		barcode: data.loyalty_barcode ?? '',
		firstName: data.first_name ?? '',
		lastName: data.last_name ?? '',
		mobile: data.mobile_phone ?? '',
		email: data.email ?? '',
	};
}
