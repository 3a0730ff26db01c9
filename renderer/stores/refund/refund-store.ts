import { create } from 'zustand';
import type { RefundableSale } from '#shared/bridge/sale-calls.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';

/** How far a refund is: from the receipt number to the sale to the amount. Gone when the place is left; what was recorded is on the disk. */
export type RefundState =
	| { readonly phase: 'receipt'; readonly receipt: string; readonly isLooking: boolean; readonly problem: LoyaltyError | null }
	| { readonly phase: 'choose'; readonly receipt: string; readonly sales: readonly RefundableSale[]; readonly highlighted: number }
	| {
			readonly phase: 'amount';
			readonly receipt: string;
			readonly sale: RefundableSale;
			/** Minor units; `null` is the whole rest of the sale. */
			readonly partMinor: number | null;
			readonly isSending: boolean;
			readonly requestId: string | null;
			readonly problem: LoyaltyError | null;
	  }
	/** `points` were taken back; `isVoid`: the sale had not left yet and is gone altogether. */
	| {
			readonly phase: 'done';
			readonly sale: RefundableSale;
			readonly amountMinor: number;
			readonly points: number;
			readonly isVoid: boolean;
	  };

export const initialRefundState: Extract<RefundState, { phase: 'receipt' }> = {
	phase: 'receipt',
	receipt: '',
	isLooking: false,
	problem: null,
};

export const useRefundStore = create<{ readonly refund: RefundState }>(() => ({ refund: initialRefundState }));

/** Puts the refund in another state. */
export function setRefund(refund: RefundState): void {
	useRefundStore.setState({ refund });
}

/** Starts over. */
export function resetRefund(): void {
	setRefund(initialRefundState);
}

/** What is left to refund of a sale, minor units. */
export function restOf(sale: RefundableSale): number {
	return Math.max(0, sale.amountMinor - sale.refundedMinor);
}
