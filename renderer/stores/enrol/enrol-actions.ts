import type { EnrolForm } from '#shared/bridge/member-calls.ts';
import type { Session } from '#shared/bridge/session-calls.ts';
import type { MemberCard } from '#shared/bridge/member-card.ts';
import type { ConsentTerm } from '#shared/domain/programme.ts';
import { services } from '../../bridge/services.ts';
import { resetEarn } from '../earn/earn-store.ts';
import { resetFind } from '../find/find-store.ts';
import { enter, leave, placeOf, usePlaceStore } from '../place/place-store.ts';
import { loadShift } from '../session/session-actions.ts';
import { useSessionStore } from '../session/session-store.ts';
import { raise } from '../signal/signal-store.ts';
import { consentTermsFor, missingParts } from './enrol-form.ts';
import { hasEnrolDraft, initialEnrolState, useEnrolStore } from './enrol-store.ts';
import type { EnrolState } from './enrol-store.ts';

/** Opens the enrolment. `prefill` goes only into a form that is still empty, but for a card, which any form without one takes. */
export function openEnrol(prefill: Partial<EnrolForm> = {}): void {
	const state = useEnrolStore.getState();
	if (!hasEnrolDraft(state))
		useEnrolStore.setState({
			form: { ...initialEnrolState.form, ...prefill },
			cardFrom: prefill.barcode === undefined ? 'none' : 'scanned',
		});
	else if (prefill.barcode !== undefined && state.form.barcode === '')
		useEnrolStore.setState({ form: { ...state.form, barcode: prefill.barcode }, cardFrom: 'scanned' });
	enter({ at: 'enrol' });
}

/** Takes over the text of one field. */
export function typeEnrol(field: keyof EnrolForm, text: string): void {
	useEnrolStore.setState((state) => ({
		...edited(state),
		form: { ...state.form, [field]: text },
		cardFrom: field === 'barcode' ? cardFromTyping(text) : state.cardFrom,
	}));
}

/** Takes over a card that was scanned on the enrolment screen. */
export function scanEnrolCard(text: string): void {
	useEnrolStore.setState((state) => ({ ...edited(state), form: { ...state.form, barcode: text.slice(0, 512) }, cardFrom: 'scanned' }));
	raise('found', { kind: 'plain', id: 'card_taken' });
}

/** Takes the next card of this terminal's own block. */
export async function takeNextCard(): Promise<void> {
	const answer = await services().call('member.nextCard', {});
	if (!answer.ok) {
		useEnrolStore.setState({ problem: answer.error });
		raise('refused', { kind: 'error', error: answer.error });
		return;
	}
	useEnrolStore.setState((state) => ({ ...edited(state), form: { ...state.form, barcode: answer.value.barcode }, cardFrom: 'block' }));
}

/** Records what the member said to one purpose. */
export function setGranted(purpose: string, isGranted: boolean): void {
	useEnrolStore.setState((state) => ({ ...edited(state), granted: { ...state.granted, [purpose]: isGranted } }));
}

/** Asks who may be this person already. A late answer to an older form is dropped. */
export async function findSuspects(): Promise<void> {
	const { form } = useEnrolStore.getState();
	const answer = await services().call('member.duplicates', form);
	if (answer.ok && useEnrolStore.getState().form === form) useEnrolStore.setState({ suspects: answer.value.suspects });
}

/** The consents that this terminal asks for, in its language. */
export function askedConsents(session: Session | null): readonly ConsentTerm[] {
	const language = session?.locale.split('-')[0] ?? 'en';
	return consentTermsFor(session?.programme?.consents ?? [], language);
}

/** Enter: records the enrolment, or marks what it still needs. The new member's card opens and can earn at once. */
export async function confirmEnrol(): Promise<void> {
	const state = useEnrolStore.getState();
	if (state.isSending) return;
	const terms = askedConsents(useSessionStore.getState().session);
	const missing = missingParts(state.form, state.granted, terms);
	if (missing.length > 0) {
		useEnrolStore.setState({ missing });
		raise('attention', { kind: 'plain', id: 'enrol_kept' });
		return;
	}
	const requestId = state.requestId ?? crypto.randomUUID();
	useEnrolStore.setState({ isSending: true, problem: null, requestId });
	const answer = await services().call('member.enrol', {
		requestId,
		form: state.form,
		consents: terms.map((term) => ({
			purpose: term.purpose,
			granted: state.granted[term.purpose] === true,
			version: term.version,
			language: term.language,
		})),
	});
	if (!answer.ok) {
		const mayHaveArrived = answer.error.verdict === 'unknown' || answer.error.verdict === 'retry_later';
		useEnrolStore.setState({ isSending: false, problem: answer.error, requestId: mayHaveArrived ? requestId : null });
		raise('refused', { kind: 'error', error: answer.error });
		return;
	}
	discardEnrol();
	showNewMember(answer.value.member);
	await loadShift();
}

/** Opens the new card, unless the cashier went on to something else meanwhile. */
function showNewMember(member: MemberCard): void {
	const isShown = placeOf(usePlaceStore.getState()).at === 'enrol';
	raise('found', { kind: 'member', name: member.name, points: member.points }, !isShown);
	if (!isShown) return;
	leave();
	resetEarn();
	resetFind();
	enter({ at: 'member', subject: { kind: 'member', card: member } });
}

/** Throws the form away; only by the button that says so. */
export function discardEnrol(): void {
	useEnrolStore.setState(initialEnrolState);
}

/** What any change of the form ends: an answer to the form as it was says nothing about the new one. */
function edited({ missing }: EnrolState): Pick<EnrolState, 'problem' | 'requestId' | 'missing'> {
	return { problem: null, requestId: null, missing };
}

function cardFromTyping(text: string): EnrolState['cardFrom'] {
	return text === '' ? 'none' : 'typed';
}
