import { restoreSnapshot, takeSnapshot } from './field-snapshot.ts';
import type { FieldSnapshot } from './field-snapshot.ts';
import type { ScannerProfile } from './scanner-profile.ts';
import { initialWedgeState, reduceWedge } from './wedge-detector.ts';
import type { WedgeEffect, WedgeEvent } from './wedge-detector.ts';

type Options = {
	readonly profile: ScannerProfile;
	readonly onScan: (text: string) => void;
	/** Called before a character that would go nowhere: the page may move the focus to its main field. */
	readonly beforeTyping: () => void;
};

/**
 * Runs the wedge detector over the page's keys and returns the way to stop. It listens at the window in the capture phase:
 * before React, before any widget, on every screen and inside every dialog. One per page.
 */
export function listenToScanner({ profile, onScan, beforeTyping }: Options): () => void {
	let state = initialWedgeState;
	let timer: number | undefined;
	/** The swallowed key that is still down: its release would press what its press did not. */
	let heldKey: string | null = null;
	const marks = new Map<number, FieldSnapshot | null>();

	function feed(event: WedgeEvent): boolean {
		window.clearTimeout(timer);
		const step = reduceWedge(state, event, profile);
		state = step.state;
		for (const effect of step.effects) run(effect);
		return step.effects.some((effect) => effect.type === 'swallow');
	}

	function run(effect: WedgeEffect): void {
		switch (effect.type) {
			case 'swallow':
				return;
			case 'mark':
				if (effect.isFirst) marks.clear();
				marks.set(effect.mark, takeSnapshot());
				return;
			case 'wait':
				timer = window.setTimeout(() => feed({ type: 'pause', atMs: effect.untilMs }), Math.max(0, effect.untilMs - performance.now()));
				return;
			case 'scan': {
				const before = effect.restoreMark === null ? null : marks.get(effect.restoreMark);
				if (before !== null && before !== undefined) restoreSnapshot(before);
				onScan(effect.text);
			}
		}
	}

	function onKeyDown(event: KeyboardEvent): void {
		const isShortcut = (event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState('AltGraph');
		// A space presses the focused button; it is typing only where text is typed.
		const isText = !isShortcut && !event.isComposing && event.key !== ' ' && Array.from(event.key).length === 1;
		if (isText && takeSnapshot() === null) beforeTyping();
		const { key, timeStamp: atMs, repeat: isRepeat, isComposing } = event;
		if (!feed({ type: 'key', key, atMs, isRepeat, isComposing, isShortcut })) return;
		heldKey = key;
		stop(event);
	}

	function onKeyUp(event: KeyboardEvent): void {
		if (event.key !== heldKey) return;
		heldKey = null;
		stop(event);
	}

	const onBlur = () => feed({ type: 'blur' });
	window.addEventListener('keydown', onKeyDown, { capture: true });
	window.addEventListener('keyup', onKeyUp, { capture: true });
	window.addEventListener('blur', onBlur);
	return () => {
		window.clearTimeout(timer);
		window.removeEventListener('keydown', onKeyDown, { capture: true });
		window.removeEventListener('keyup', onKeyUp, { capture: true });
		window.removeEventListener('blur', onBlur);
	};
}

function stop(event: KeyboardEvent): void {
	event.preventDefault();
	event.stopImmediatePropagation();
}
