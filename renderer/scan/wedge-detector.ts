import { SCAN_LENGTH_MAX } from '#shared/domain/loyalty-barcode.ts';
import type { ScannerProfile } from './scanner-profile.ts';

/**
 * Tells a keyboard-wedge scanner from a person by how the keys arrive. A pure reducer: the live listener and every test
 * feed it the same events, so that they cannot disagree. It owns nothing; a state lost (a reload) costs one scan.
 *
 * A burst is a scan if it began with a configured prefix, or if it has `lengthMin` characters with a mean gap below
 * `meanGapMaxMs` and ends in a terminator or in `pauseMs` of silence. Characters pass on to the page while it is undecided,
 * since a person's keys must never be lost; the `mark` tells which moment of the field to go back to once it was a scan.
 * Codes that a scanner types as Alt plus digits are not read: set the scanner to send keys.
 */
export type WedgeState = {
	readonly keys: readonly WedgeKey[];
	/** When a prefix was seen: what follows is a code whatever its speed, and is kept from the page. */
	readonly prefixedAtMs: number | null;
	/** When a code ended by silence: a terminator shortly after it is its own. */
	readonly endedAtMs: number | null;
	readonly nextMark: number;
};

type WedgeKey = { readonly text: string; readonly atMs: number; readonly mark: number };

/** `atMs` is the time stamp of the event, not the time of handling it: a busy page must not slow a scanner down. */
export type WedgeEvent =
	| {
			readonly type: 'key';
			readonly key: string;
			readonly atMs: number;
			readonly isRepeat: boolean;
			readonly isComposing: boolean;
			/** Ctrl, Alt or Meta without AltGr: a shortcut, not a character. */
			readonly isShortcut: boolean;
	  }
	/** The wait that the last `wait` asked for is over. */
	| { readonly type: 'pause'; readonly atMs: number }
	/** The window lost the focus: what was begun will not be finished. */
	| { readonly type: 'blur' };

export type WedgeEffect =
	/** Remember the focused field as it is before this key, under `mark`; marks of an earlier burst may be forgotten when `isFirst`. */
	| { readonly type: 'mark'; readonly mark: number; readonly isFirst: boolean }
	/** Keep this key from the page. */
	| { readonly type: 'swallow' }
	/** Send a `pause` event at this time unless another key comes first. */
	| { readonly type: 'wait'; readonly untilMs: number }
	/** A code. Put the field back as it was at `restoreMark`; `null`: nothing reached it. */
	| { readonly type: 'scan'; readonly text: string; readonly restoreMark: number | null };

export type WedgeStep = { readonly state: WedgeState; readonly effects: readonly WedgeEffect[] };

export const initialWedgeState: WedgeState = { keys: [], prefixedAtMs: null, endedAtMs: null, nextMark: 1 };

/** Keys that accompany a character and neither belong to a code nor end one. */
const COMPANION_KEYS: ReadonlySet<string> = new Set(['Shift', 'CapsLock', 'NumLock', 'AltGraph', 'Control', 'Alt', 'Meta']);

/** What `event` means after `state`. */
export function reduceWedge(state: WedgeState, event: WedgeEvent, profile: ScannerProfile): WedgeStep {
	switch (event.type) {
		case 'blur':
			return { state: reset(state), effects: [] };
		case 'pause':
			return isPauseOver(state, event.atMs, profile) ? endBySilence(state, event.atMs, profile) : { state, effects: [] };
		case 'key':
			return reduceKey(state, event, profile);
	}
}

type KeyEvent = Extract<WedgeEvent, { type: 'key' }>;

function reduceKey(state: WedgeState, event: KeyEvent, profile: ScannerProfile): WedgeStep {
	if (isPauseOver(state, event.atMs, profile)) {
		// The timer is late (a busy page): the silence ended the burst before this key.
		const ended = endBySilence(state, event.atMs, profile);
		const next = reduceKey(ended.state, event, profile);
		return { state: next.state, effects: [...ended.effects, ...next.effects] };
	}
	if (event.isComposing || event.isShortcut || event.isRepeat) return { state: reset(state), effects: [] };
	if (COMPANION_KEYS.has(event.key)) return { state, effects: [] };
	if (profile.prefixKeys.includes(event.key)) return beginPrefixed(state, event.atMs, profile);
	if (profile.terminatorKeys.includes(event.key)) return endByTerminator(state, event, profile);
	// Counted in code points: one astral character is one key.
	if (Array.from(event.key).length === 1) return addCharacter(state, event, profile);
	return { state: reset(state), effects: [] };
}

function addCharacter(state: WedgeState, event: KeyEvent, profile: ScannerProfile): WedgeStep {
	// One more than the longest code is kept, so that an endless one is reported as too long and not cut.
	if (state.keys.length > SCAN_LENGTH_MAX)
		return { state: reset(state), effects: state.prefixedAtMs === null ? [] : [{ type: 'swallow' }] };
	const last = state.keys.at(-1);
	const startsAnew = last === undefined || event.atMs - last.atMs >= profile.meanGapMaxMs;
	const key: WedgeKey = { text: event.key, atMs: event.atMs, mark: startsAnew ? state.nextMark : last.mark };
	const effects: WedgeEffect[] = [];
	if (state.prefixedAtMs !== null) effects.push({ type: 'swallow' });
	else if (startsAnew) effects.push({ type: 'mark', mark: key.mark, isFirst: last === undefined });
	effects.push({ type: 'wait', untilMs: event.atMs + profile.pauseMs });
	return {
		state: { ...state, keys: [...state.keys, key], endedAtMs: null, nextMark: startsAnew ? state.nextMark + 1 : state.nextMark },
		effects,
	};
}

function beginPrefixed(state: WedgeState, atMs: number, profile: ScannerProfile): WedgeStep {
	const before = finish(state, profile);
	return {
		state: { ...reset(state), prefixedAtMs: atMs },
		effects: [...before, { type: 'swallow' }, { type: 'wait', untilMs: atMs + profile.pauseMs }],
	};
}

function endByTerminator(state: WedgeState, event: KeyEvent, profile: ScannerProfile): WedgeStep {
	const scan = finish(state, profile);
	const isLate = state.endedAtMs !== null && event.atMs - state.endedAtMs < profile.terminatorGraceMs;
	const isOwn = scan.length > 0 || state.prefixedAtMs !== null || isLate;
	return { state: reset(state), effects: isOwn ? [{ type: 'swallow' }, ...scan] : [] };
}

function endBySilence(state: WedgeState, atMs: number, profile: ScannerProfile): WedgeStep {
	const scan = finish(state, profile);
	return { state: { ...reset(state), endedAtMs: scan.length > 0 ? atMs : null }, effects: scan };
}

function finish(state: WedgeState, profile: ScannerProfile): readonly WedgeEffect[] {
	if (state.prefixedAtMs !== null) {
		return state.keys.length > 0 ? [{ type: 'scan', text: textOf(state.keys), restoreMark: null }] : [];
	}
	const burst = scannedPart(state.keys, profile);
	const first = burst[0];
	return first === undefined ? [] : [{ type: 'scan', text: textOf(burst), restoreMark: first.mark }];
}

/**
 * The longest tail of `keys` that a scanner typed, or nothing. A tail may not begin before a gap of twice the mean:
 * characters typed by hand just before a scan stay in their field.
 */
function scannedPart(keys: readonly WedgeKey[], profile: ScannerProfile): readonly WedgeKey[] {
	const last = keys.at(-1);
	if (last === undefined) return [];
	for (let start = 0; keys.length - start >= profile.lengthMin; start += 1) {
		const first = keys[start];
		const second = keys[start + 1];
		if (first === undefined || second === undefined || second.atMs - first.atMs >= 2 * profile.meanGapMaxMs) continue;
		if ((last.atMs - first.atMs) / (keys.length - start - 1) < profile.meanGapMaxMs) return keys.slice(start);
	}
	return [];
}

function isPauseOver(state: WedgeState, atMs: number, profile: ScannerProfile): boolean {
	const lastMs = state.keys.at(-1)?.atMs ?? state.prefixedAtMs;
	return lastMs !== null && atMs - lastMs >= profile.pauseMs;
}

function reset(state: WedgeState): WedgeState {
	return { ...initialWedgeState, nextMark: state.nextMark };
}

function textOf(keys: readonly WedgeKey[]): string {
	return keys.map((key) => key.text).join('');
}
