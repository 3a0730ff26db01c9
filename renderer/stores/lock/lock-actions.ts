import type { Session } from '#shared/bridge/session-calls.ts';
import { services } from '../../bridge/services.ts';
import { digitsOf, pressPad } from '../earn/amount.ts';
import type { PadKey } from '../earn/amount.ts';
import { resetClose } from '../correct/close-entry.ts';
import { resetCorrect } from '../correct/correct-actions.ts';
import { resetCorrectEnrolment } from '../correct/correct-enrolment.ts';
import { resetCorrectRefund } from '../correct/correct-refund.ts';
import { resetEarn } from '../earn/earn-store.ts';
import { resetFind } from '../find/find-store.ts';
import { forgetSubject, showOverlay } from '../place/place-store.ts';
import { resetRefund } from '../refund/refund-store.ts';
import { applySession } from '../session/session-actions.ts';
import { useSessionStore } from '../session/session-store.ts';
import { raise } from '../signal/signal-store.ts';
import { initialLockState, useLockStore } from './lock-store.ts';

/** The longest PIN, in digits. */
const PIN_LENGTH_MAX = 8;
const PIN_LENGTH_MIN = 4;

/** Locks the terminal. The member's card goes; a half-typed enrolment stays, hidden. Without a roster there is nobody who could unlock. */
export async function lock(): Promise<void> {
	const { session } = useSessionStore.getState();
	if (session === null || session.isLocked) return;
	if (session.cashiers.length === 0) {
		raise('attention', { kind: 'plain', id: 'needs_roster' }, true);
		return;
	}
	const answer = await services().call('session.lock', {});
	if (!answer.ok) {
		raise('refused', { kind: 'error', error: answer.error }, true);
		return;
	}
	applySession(answer.value, Date.now());
	hideWork();
}

/** Takes everything off the screen that is a member's. Also called when the services locked by themselves. */
export function hideWork(): void {
	forgetSubject();
	showOverlay({ kind: 'none' });
	resetEarn();
	resetRefund();
	resetFind();
	resetCorrect();
	resetCorrectEnrolment();
	resetCorrectRefund();
	resetClose();
	useLockStore.setState({ ...initialLockState, cashierId: useSessionStore.getState().session?.cashier?.id ?? null });
}

/** Chooses who unlocks; what was typed for another goes. */
export function chooseCashier(cashierId: string): void {
	useLockStore.setState({ ...initialLockState, cashierId });
}

/** Who is about to unlock: whoever was chosen, or the only one who can. */
export function whoUnlocks(cashierId: string | null, cashiers: Session['cashiers']): string | null {
	return cashierId ?? (cashiers.length === 1 ? (cashiers[0]?.id ?? null) : null);
}

/** Takes over the text of the PIN field: digits only. */
export function typePin(text: string): void {
	useLockStore.setState({ pin: digitsOf(text).slice(0, PIN_LENGTH_MAX), problem: null });
}

/** A key of the PIN pad. */
export function pressPinPad(key: PadKey): void {
	typePin(pressPad(useLockStore.getState().pin, key));
}

/** Whether what was typed can be a PIN of somebody chosen. */
export function canUnlock({
	cashierId,
	pin,
	isChecking,
}: {
	readonly cashierId: string | null;
	readonly pin: string;
	readonly isChecking: boolean;
}): boolean {
	return cashierId !== null && pin.length >= PIN_LENGTH_MIN && !isChecking;
}

/** Unlocks with what was typed. A wrong PIN is cleared and said. */
export async function unlock(): Promise<void> {
	const state = useLockStore.getState();
	const cashierId = whoUnlocks(state.cashierId, useSessionStore.getState().session?.cashiers ?? []);
	if (cashierId === null || !canUnlock({ ...state, cashierId })) return;
	useLockStore.setState({ isChecking: true, problem: null });
	const answer = await services().call('session.unlock', { cashierId, pin: state.pin });
	useLockStore.setState({ isChecking: false, pin: '', problem: answer.ok ? null : answer.error });
	if (answer.ok) {
		applySession(answer.value, Date.now());
		raise('found', { kind: 'plain', id: 'unlocked' });
	} else raise('refused', { kind: 'error', error: answer.error });
}
