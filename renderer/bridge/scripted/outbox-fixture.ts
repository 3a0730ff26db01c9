import type { CallOutput } from '#shared/bridge/contract.ts';
import { at, outboxLine, unknownBarcode } from './fixtures.ts';

/** A morning without the line: one entry that headquarters refused, and what waits behind it. */
export const outboxAnswer: CallOutput<'outbox.list'> = {
	lines: [
		outboxLine(1, {
			action: 'opt_in',
			displayStatus: 'needs_person',
			who: 'M. Szabó',
			atMs: at(9, 31),
			receiptNumber: null,
			amountMinor: null,
			currency: null,
			points: 0,
			attempts: 2,
			canResend: true,
			refusal: { kind: 'identity_conflict', code: 3007 },
		}),
		outboxLine(2, {
			displayStatus: 'waits_for_headquarters',
			who: unknownBarcode,
			memberId: null,
			atMs: at(8, 52),
			amountMinor: 1840,
			points: 18,
			receiptNumber: '000719',
		}),
		outboxLine(3, { displayStatus: 'on_its_way', attempts: 1 }),
		outboxLine(4, { who: 'B. Tóth', amountMinor: 12_800, points: 128, canVoid: true }),
		outboxLine(5, { action: 'partial_refund', who: 'L. Kovács', amountMinor: 3600, points: -36 }),
		outboxLine(6, { who: 'فاطمة الزهراء' }),
		outboxLine(7, {
			action: 'point_add',
			receiptNumber: null,
			amountMinor: null,
			currency: null,
			points: 200,
			who: 'A. Balogh',
			cashier: 'Judit Sz.',
		}),
		outboxLine(8, { displayStatus: 'taken_back' }),
		outboxLine(9, { displayStatus: 'accepted', attempts: 1 }),
	],
	hasMore: true,
	proof: { recorded: 214, accepted: 176, refused: 1, waiting: 37, voided: 0, sinceMs: at(6, 2) },
};
