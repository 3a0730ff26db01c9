import { create } from 'zustand';
import type { EventId } from '#shared/domain/ids.ts';
import type { Currency } from '#shared/domain/money.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';

/** A refused sale while a manager corrects it. It is kept when the dialog is closed, until another entry is corrected or the terminal locks. */
export type CorrectState = {
	/** The refused entry; `null` when none is being corrected. */
	readonly eventId: EventId | null;
	/** Empty: the sale stays with its member. */
	readonly barcode: string;
	readonly receipt: string;
	readonly amountMinor: number;
	readonly currency: Currency | null;
	/** This receipt earned today: the next Enter records it all the same. */
	readonly isRepeatAsked: boolean;
	readonly isSending: boolean;
	readonly problem: LoyaltyError | null;
	/** Of an attempt without an answer. */
	readonly requestId: string | null;
};

export const initialCorrectState: CorrectState = {
	eventId: null,
	barcode: '',
	receipt: '',
	amountMinor: 0,
	currency: null,
	isRepeatAsked: false,
	isSending: false,
	problem: null,
	requestId: null,
};

export const useCorrectStore = create<CorrectState>(() => initialCorrectState);
