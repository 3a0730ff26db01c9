import { create } from 'zustand';
import type { MemberCard } from '#shared/bridge/member-card.ts';
import type { LoyaltyBarcode } from '#shared/domain/ids.ts';

/** Whose sale it is: a member, or a card that nobody on this terminal has. */
export type Subject =
	| { readonly kind: 'member'; readonly card: MemberCard }
	| { readonly kind: 'unknown'; readonly barcode: LoyaltyBarcode; readonly asOfMs: number; readonly isLoading: boolean };

/** Where the cashier is: exactly one of these. What each place holds half done is in its own store. */
export type Place =
	| { readonly at: 'ready' }
	| { readonly at: 'member'; readonly subject: Subject }
	| { readonly at: 'enrol' }
	| { readonly at: 'refund' }
	| { readonly at: 'outbox' }
	| { readonly at: 'sync' };

/** What lies over the place, if anything. */
export type Overlay =
	| { readonly kind: 'none' | 'keys' | 'correct' | 'correct_enrolment' | 'correct_refund' | 'close' | 'proof' }
	| { readonly kind: 'wording'; readonly index: number };

/** `places` is the way back: the last is shown, the first is always Ready, no kind of place is in it twice. */
export type PlaceState = { readonly places: readonly Place[]; readonly overlay: Overlay };

const READY: Place = { at: 'ready' };
export const initialPlaceState: PlaceState = { places: [READY], overlay: { kind: 'none' } };

export const usePlaceStore = create<PlaceState>(() => initialPlaceState);

/** The place that is shown. */
export function placeOf(state: PlaceState): Place {
	return state.places.at(-1) ?? READY;
}

/** Whose card is open, be it shown or behind the place that is shown. */
export function subjectOf(state: PlaceState): Subject | null {
	const place = state.places.find((candidate) => candidate.at === 'member');
	return place?.at === 'member' ? place.subject : null;
}

/** Goes to `place`; a place of its kind that is on the way already is replaced by it, and what lay above it is left. */
export function enter(place: Place): void {
	usePlaceStore.setState(({ places }) => {
		const known = places.findIndex((candidate) => candidate.at === place.at);
		return { places: [...(known === -1 ? places : places.slice(0, known)), place], overlay: { kind: 'none' } };
	});
}

/** Goes one place back; Ready stays. */
export function leave(): void {
	usePlaceStore.setState(({ places }) => ({ places: places.length > 1 ? places.slice(0, -1) : places, overlay: { kind: 'none' } }));
}

/** Goes to Ready and forgets the way. */
export function goHome(): void {
	usePlaceStore.setState(initialPlaceState);
}

/** Puts a newer card of the same subject in its place, wherever it is on the way. */
export function replaceSubject(subject: Subject): void {
	usePlaceStore.setState(({ places }) => ({ places: places.map((place) => (place.at === 'member' ? { at: 'member', subject } : place)) }));
}

/** Takes the member's card off the way, for privacy: what is above it stays. */
export function forgetSubject(): void {
	usePlaceStore.setState(({ places }) => ({ places: places.filter((place) => place.at !== 'member') }));
}

/** Lays something over the place, or takes it away. */
export function showOverlay(overlay: Overlay): void {
	usePlaceStore.setState({ overlay });
}
