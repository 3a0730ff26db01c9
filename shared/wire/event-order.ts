import type { EventAction } from './event.ts';

/** What the order of a terminal's events looks at. A sale may know its member by id or by card only. */
export type OrderedEvent = {
	readonly action: EventAction;
	readonly memberId: string | null;
	readonly barcode: string | null;
	/** Of a sale or a refund: which sale it is about. */
	readonly transactionId: string | null;
};

/**
 * The order in which a terminal's events become final (sync.md 1.4): a refund not before its sale and earlier refunds of it, a change of the
 * profile not before the enrolment and earlier changes, an opt-out after everything of its member and before everything later. Earning and enrolling
 * overtake freely: points are sums, and ids are final. The terminal keeps to it when it chooses a batch, headquarters within a request.
 */
export type HeldBack = {
	/** `event` was passed over. */
	readonly add: (event: OrderedEvent) => void;
	/** Whether `event`, which was recorded later than all that were added, would overtake one that it must not. */
	readonly mustWait: (event: OrderedEvent) => boolean;
};

const PROFILE_ACTIONS: ReadonlySet<EventAction> = new Set(['opt_in', 'profile']);
const SALE_ACTIONS: ReadonlySet<EventAction> = new Set(['checkout', 'refund', 'partial_refund']);

/** Nothing was passed over yet. */
export function createHeldBack(): HeldBack {
	const any = createOwners();
	const profiles = createOwners();
	const optOuts = createOwners();
	const sales = new Set<string>();
	return {
		add: (event) => {
			any.add(event);
			if (PROFILE_ACTIONS.has(event.action)) profiles.add(event);
			if (event.action === 'opt_out') optOuts.add(event);
			if (event.transactionId !== null && SALE_ACTIONS.has(event.action)) sales.add(event.transactionId);
		},
		mustWait: (event) => {
			if (optOuts.has(event)) return true;
			if (event.action === 'opt_out') return any.has(event);
			if (event.action === 'profile') return profiles.has(event);
			return event.transactionId !== null && SALE_ACTIONS.has(event.action) && sales.has(event.transactionId);
		},
	};
}

type Owner = Pick<OrderedEvent, 'memberId' | 'barcode'>;

/** Members by id or by barcode. */
function createOwners(): { readonly add: (owner: Owner) => void; readonly has: (owner: Owner) => boolean } {
	const ids = new Set<string>();
	const barcodes = new Set<string>();
	return {
		add: ({ memberId, barcode }) => {
			if (memberId !== null) ids.add(memberId);
			if (barcode !== null) barcodes.add(barcode);
		},
		has: ({ memberId, barcode }) => (memberId !== null && ids.has(memberId)) || (barcode !== null && barcodes.has(barcode)),
	};
}
