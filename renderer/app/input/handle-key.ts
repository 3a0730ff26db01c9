import { amountAtRisk, resetEarn, setEarn, useEarnStore } from '../../stores/earn/earn-store.ts';
import { goToStep, undoEarn } from '../../stores/earn/earn-actions.ts';
import { openEnrol } from '../../stores/enrol/enrol-actions.ts';
import { formFromText } from '../../stores/enrol/enrol-form.ts';
import { hasEnrolDraft, useEnrolStore } from '../../stores/enrol/enrol-store.ts';
import { resetFind, useFindStore } from '../../stores/find/find-store.ts';
import { lock } from '../../stores/lock/lock-actions.ts';
import { openOutbox } from '../../stores/outbox/outbox-actions.ts';
import { enter, goHome, leave, placeOf, showOverlay, subjectOf, usePlaceStore } from '../../stores/place/place-store.ts';
import { openRefund, stepRefundBack } from '../../stores/refund/refund-actions.ts';
import { useSessionStore } from '../../stores/session/session-store.ts';
import { hideStrip, raise, useSignalStore } from '../../stores/signal/signal-store.ts';

/** What the function keys do; each is printed on its button. */
export type Command = 'keys' | 'find' | 'enrol' | 'earn' | 'refund' | 'redeem' | 'waiting' | 'lock' | 'back' | 'undo';

/** The key of each command as the browser names it and as it is printed. No scanner sends any of them. */
export const commandKeys: Readonly<Record<Command, string>> = {
	keys: 'F1',
	find: 'F2',
	enrol: 'F3',
	earn: 'F4',
	refund: 'F6',
	redeem: 'F8',
	waiting: 'F9',
	lock: 'F10',
	back: 'Escape',
	undo: 'Ctrl+Z',
};

/** Why a command does nothing now, or `null` when it does. */
export function reasonOff(
	command: Command,
	facts: { readonly hasSubject: boolean; readonly hasProgramme: boolean; readonly isLocked: boolean; readonly hasRoster: boolean },
): 'unlock_first' | 'needs_member' | 'needs_programme' | 'redeem_off' | 'needs_roster' | null {
	if (facts.isLocked && command !== 'keys') return 'unlock_first';
	if (command === 'redeem') return 'redeem_off';
	if (command === 'earn' && !facts.hasSubject) return 'needs_member';
	if ((command === 'earn' || command === 'enrol') && !facts.hasProgramme) return 'needs_programme';
	if (command === 'lock' && !facts.hasRoster) return 'needs_roster';
	return null;
}

/** Runs a command, by key or by touch. What it would need and has not is said. */
export async function runCommand(command: Command): Promise<void> {
	const { session } = useSessionStore.getState();
	const reason = reasonOff(command, {
		hasSubject: subjectOf(usePlaceStore.getState()) !== null,
		hasProgramme: (session?.programme ?? null) !== null,
		isLocked: session?.isLocked === true,
		hasRoster: (session?.cashiers.length ?? 0) > 0,
	});
	if (reason !== null) {
		if (command !== 'back') raise('attention', { kind: 'plain', id: reason }, true);
		return;
	}
	if (command !== 'back') hideStrip();
	await runs[command]();
}

const runs: Readonly<Record<Command, () => void | Promise<void>>> = {
	keys: () => showOverlay(usePlaceStore.getState().overlay.kind === 'keys' ? { kind: 'none' } : { kind: 'keys' }),
	find,
	enrol,
	earn,
	refund,
	// Needs headquarters and a policy; `reasonOff` always says so.
	redeem: () => undefined,
	waiting: openOutbox,
	lock,
	back: stepBack,
	undo: undoEarn,
};

/** Esc: takes away the topmost thing. An amount that was typed is given up only by a second Esc. */
export function stepBack(): void {
	const state = usePlaceStore.getState();
	if (state.overlay.kind !== 'none') return showOverlay({ kind: 'none' });
	if (useSignalStore.getState().signal?.isStrip === true) hideStrip();
	switch (placeOf(state).at) {
		case 'ready':
			return resetFind();
		case 'member':
			return stepOutOfMember();
		case 'refund':
			return stepRefundBack() ? undefined : leave();
		case 'enrol':
			leave();
			return sayEnrolmentKept();
		case 'outbox':
		case 'sync':
			return leave();
	}
}

function sayEnrolmentKept(): void {
	if (hasEnrolDraft(useEnrolStore.getState())) raise('attention', { kind: 'plain', id: 'enrol_kept' }, true);
}

function stepOutOfMember(): void {
	const { earn: state } = useEarnStore.getState();
	if (state.phase === 'sending') return;
	if (state.phase === 'repeat') return goToStep('receipt');
	if (state.phase === 'refused') return goToStep('amount');
	if (state.phase === 'typing' && state.draft.step === 'receipt') return goToStep('amount');
	if (isLeavingAllowed()) leaveMember();
}

/** Leaves the card; what was typed is forgotten. */
export function leaveMember(): void {
	leave();
	resetEarn();
	resetFind();
}

/** Whether the card may be left now; when an amount was typed the first attempt only asks. */
function isLeavingAllowed(): boolean {
	const { earn: state } = useEarnStore.getState();
	if (state.phase !== 'typing' || state.isLeaveAsked || amountAtRisk(state) === 0) return true;
	setEarn({ ...state, isLeaveAsked: true });
	return false;
}

function find(): void {
	const isOpen = subjectOf(usePlaceStore.getState()) !== null;
	if (isOpen && !isLeavingAllowed()) {
		// The question is asked on the card itself, so it has to be in view.
		const subject = subjectOf(usePlaceStore.getState());
		if (subject !== null) enter({ at: 'member', subject });
		return;
	}
	const isEnrolling = placeOf(usePlaceStore.getState()).at === 'enrol';
	goHome();
	resetEarn();
	resetFind();
	if (isEnrolling) sayEnrolmentKept();
}

function enrol(): void {
	const subject = subjectOf(usePlaceStore.getState());
	const { finding, text } = useFindStore.getState();
	if (subject?.kind === 'unknown') return openEnrol({ barcode: subject.barcode });
	if (finding.kind === 'answer' && finding.answer.kind === 'nobody') return openEnrol(formFromText(text));
	return openEnrol();
}

function earn(): void {
	const subject = subjectOf(usePlaceStore.getState());
	if (subject === null) return;
	enter({ at: 'member', subject });
	if (useEarnStore.getState().earn.phase === 'given') resetEarn();
	else goToStep('amount');
}

function refund(): Promise<void> {
	const { earn: state } = useEarnStore.getState();
	return openRefund(state.phase === 'given' ? state.draft.receipt : null);
}
