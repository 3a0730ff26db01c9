import { create } from 'zustand';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';

/** The three things that a sound can say; each also flashes in its colour and is read out. */
export type SignalKind = 'found' | 'attention' | 'refused';

/** What happened, for the strip above the keys and for the screen reader. `error` has its sentence in the text folder. */
export type Said =
	| { readonly kind: 'error'; readonly error: LoyaltyError }
	| { readonly kind: 'member'; readonly name: string | null; readonly points: number }
	| { readonly kind: 'points'; readonly points: number; readonly who: string | null }
	| { readonly kind: 'sale_dropped'; readonly amountMinor: number; readonly who: string | null }
	| { readonly kind: 'several'; readonly count: number }
	| { readonly kind: 'plain'; readonly id: PlainSaid };

/** Sentences without values. */
export type PlainSaid =
	| 'nobody'
	| 'needs_member'
	| 'needs_programme'
	| 'needs_roster'
	| 'redeem_off'
	| 'unlock_first'
	| 'card_taken'
	| 'card_cleared'
	| 'enrol_kept'
	| 'undone'
	| 'resent'
	| 'corrected'
	| 'closed'
	| 'exported'
	| 'unlocked'
	| 'volume';

export type Signal = {
	/** Rises with each signal, so that two equal ones are two. */
	readonly seq: number;
	readonly kind: SignalKind;
	readonly said: Said;
	/** Shown in the strip above the keys; a signal that the screen itself answers is only heard and read out. */
	readonly isStrip: boolean;
};

/** The last thing that happened. Nothing is queued: a cashier needs the newest only. */
export const useSignalStore = create<{ readonly signal: Signal | null }>(() => ({ signal: null }));

/** Sounds, flashes and reads out `said`; with `isStrip` it also stands above the keys until the next thing happens. */
export function raise(kind: SignalKind, said: Said, isStrip = false): void {
	useSignalStore.setState(({ signal }) => ({ signal: { seq: (signal?.seq ?? 0) + 1, kind, said, isStrip } }));
}

/** Takes the strip away; the rest of the signal is over anyway. */
export function hideStrip(): void {
	useSignalStore.setState(({ signal }) => ({ signal: signal === null ? null : { ...signal, isStrip: false } }));
}
