import { create } from 'zustand';
import type { Identification, MemberLine } from '#shared/bridge/member-card.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';

/** What Ready shows instead of "Scan a card". */
export type Finding =
	| { readonly kind: 'idle' }
	| { readonly kind: 'looking' }
	| {
			readonly kind: 'several';
			readonly text: string;
			readonly members: readonly MemberLine[];
			readonly hasMore: boolean;
			readonly highlighted: number;
	  }
	| { readonly kind: 'answer'; readonly text: string; readonly answer: PlainAnswer }
	| { readonly kind: 'failed'; readonly error: LoyaltyError };

/** Answers that open no card. */
export type PlainAnswer = Exclude<Identification, { kind: 'found' } | { kind: 'several' } | { kind: 'unknown_card' }>;

/** The search box, what came of it, and which question is the last: an answer to an earlier one is too late. */
export type FindState = { readonly text: string; readonly finding: Finding; readonly seq: number };

export const initialFindState: FindState = { text: '', finding: { kind: 'idle' }, seq: 0 };
export const useFindStore = create<FindState>(() => initialFindState);

/** Empties the search box and what came of it; an answer still on its way is dropped. */
export function resetFind(): void {
	useFindStore.setState(({ seq }) => ({ ...initialFindState, seq: seq + 1 }));
}
