import { create } from 'zustand';
import type { EventId } from '#shared/domain/ids.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';

/** A sale while it is typed: first the amount, then the receipt number. */
export type EarnDraft = {
	readonly step: 'amount' | 'receipt';
	/** Minor units of the programme's currency. */
	readonly amountMinor: number;
	readonly receipt: string;
	/** The number after the last receipt of this terminal; shown in the field until another is typed. */
	readonly suggestion: string | null;
	/** Set from the first attempt until the services said yes or no: an attempt without an answer is repeated under the same id. */
	readonly requestId: string | null;
};

/** Where a sale is on its way to points. Lives as long as the member's card is open; what was given is on the terminal's disk. */
export type EarnState =
	| { readonly phase: 'typing'; readonly draft: EarnDraft; readonly problem: LoyaltyError | null; readonly isLeaveAsked: boolean }
	| { readonly phase: 'sending'; readonly draft: EarnDraft }
	/** This receipt earned today already: the cashier decides whether it is another sale. */
	| { readonly phase: 'repeat'; readonly draft: EarnDraft }
	| { readonly phase: 'refused'; readonly draft: EarnDraft; readonly error: LoyaltyError }
	| {
			readonly phase: 'given';
			readonly draft: EarnDraft;
			readonly eventId: EventId;
			readonly points: number;
			readonly isUndoing: boolean;
			/** Why the last attempt to take it back failed. */
			readonly problem: LoyaltyError | null;
	  };

export const emptyEarnDraft: EarnDraft = { step: 'amount', amountMinor: 0, receipt: '', suggestion: null, requestId: null };
export const initialEarnState: Extract<EarnState, { phase: 'typing' }> = {
	phase: 'typing',
	draft: emptyEarnDraft,
	problem: null,
	isLeaveAsked: false,
};

export const useEarnStore = create<{ readonly earn: EarnState }>(() => ({ earn: initialEarnState }));

/** Puts the sale in another state; returns it. */
export function setEarn(earn: EarnState): void {
	useEarnStore.setState({ earn });
}

/** Forgets the sale that is typed or was just given. */
export function resetEarn(): void {
	setEarn(initialEarnState);
}

/** The amount that would be lost if the member's card went away now, minor units; 0 when nothing would. */
export function amountAtRisk({ phase, draft }: EarnState): number {
	return phase === 'given' ? 0 : draft.amountMinor;
}
