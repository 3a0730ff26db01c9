import { flushSync } from 'react-dom';
import { useEarnStore } from '../../stores/earn/earn-store.ts';
import { resetFind } from '../../stores/find/find-store.ts';
import { goHome, placeOf, usePlaceStore } from '../../stores/place/place-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';

/**
 * Moves the focus to where typing belongs, so that the character that is just being typed lands there. A place marks its field;
 * of several the first empty one is meant. Where a place has none, typing starts a search.
 */
export function focusMainField(): void {
	if (usePlaceStore.getState().overlay.kind !== 'none') return;
	if (findField() === null && isSearchNext()) {
		flushSync(() => {
			goHome();
			resetFind();
		});
	}
	findField()?.focus({ preventScroll: true });
}

function findField(): HTMLInputElement | null {
	const fields = [...document.querySelectorAll('input[data-main-field]')].filter((field) => field instanceof HTMLInputElement);
	return fields.length > 1 ? (fields.find((field) => field.value === '') ?? null) : (fields[0] ?? null);
}

/** The list of what waits and a finished sale have nothing to type into: the next text is about the next member. */
function isSearchNext(): boolean {
	if (useSessionStore.getState().session?.isLocked === true) return false;
	const { at } = placeOf(usePlaceStore.getState());
	if (at === 'outbox' || at === 'sync') return usePlaceStore.getState().places.every((place) => place.at !== 'member');
	return at === 'member' && useEarnStore.getState().earn.phase === 'given';
}
