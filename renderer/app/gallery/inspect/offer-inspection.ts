import { findCutText } from './find-cut-text.ts';
import { findHiddenFocus } from './find-hidden-focus.ts';
import { findSmallTargets } from './find-small-targets.ts';
import { readPlaces } from './read-places.ts';
import type { Places } from './read-places.ts';
import type { Complaint } from './visible.ts';

/** What the gallery offers to who looks at it: a person in the browser's console, or the spec of the look. */
export type Inspection = {
	/** What breaks a rule of the look in the state that is shown. */
	readonly complaints: () => readonly Complaint[];
	/** What has the focus without showing it; slower than the rest. */
	readonly hiddenFocus: () => Promise<readonly Complaint[]>;
	readonly places: () => Places;
};

declare global {
	interface Window {
		/** In the gallery only. */
		look?: Inspection;
	}
}

/** Puts the inspection where the console and the spec find it. */
export function offerInspection(): void {
	window.look = {
		complaints: () => [...findCutText(), ...findSmallTargets()],
		hiddenFocus: findHiddenFocus,
		places: readPlaces,
	};
}
