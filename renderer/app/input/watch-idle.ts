import { amountAtRisk, resetEarn, useEarnStore } from '../../stores/earn/earn-store.ts';
import { resetFind } from '../../stores/find/find-store.ts';
import { lock } from '../../stores/lock/lock-actions.ts';
import { forgetSubject, subjectOf, usePlaceStore } from '../../stores/place/place-store.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { raise } from '../../stores/signal/signal-store.ts';
import { idleStep } from './idle-rule.ts';

const CHECK_MS = 1000;

/** Takes the member's card off the screen, then locks, when nobody touched a key, the screen or the scanner for so long. */
export function watchIdle(): void {
	let lastMs = performance.now();
	const touch = () => {
		lastMs = performance.now();
	};
	for (const name of ['keydown', 'pointerdown', 'wheel']) window.addEventListener(name, touch, { capture: true, passive: true });
	window.setInterval(() => {
		const { session } = useSessionStore.getState();
		if (session === null) return;
		const step = idleStep({
			idleMs: performance.now() - lastMs,
			hasCard: subjectOf(usePlaceStore.getState()) !== null,
			isLocked: session.isLocked,
			canLock: session.cashiers.length > 0,
			lockAfterMs: session.lockAfterMs,
		});
		if (step === 'lock') {
			// One attempt per wait: a lock that fails is tried again after as long.
			touch();
			void lock();
		} else if (step === 'clear_card') clearCard();
	}, CHECK_MS);
}

function clearCard(): void {
	const lostMinor = amountAtRisk(useEarnStore.getState().earn);
	forgetSubject();
	resetEarn();
	resetFind();
	if (lostMinor > 0) raise('attention', { kind: 'plain', id: 'card_cleared' }, true);
}
