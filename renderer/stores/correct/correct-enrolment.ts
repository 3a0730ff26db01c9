import { create } from 'zustand';
import type { EnrolForm } from '#shared/bridge/member-calls.ts';
import type { EventId, MemberId } from '#shared/domain/ids.ts';
import { services } from '../../bridge/services.ts';
import { missingParts } from '../enrol/enrol-form.ts';
import type { Missing, Suspect } from '../enrol/enrol-store.ts';
import { showOverlay } from '../place/place-store.ts';
import { raise } from '../signal/signal-store.ts';
import { attempt, NO_ATTEMPT } from './attempt.ts';
import type { Attempt } from './attempt.ts';

/** A refused enrolment while a manager corrects it. Kept when the dialog is closed, until another entry is corrected or the terminal locks. */
export type CorrectEnrolmentState = Attempt & {
	/** The refused entry; `null` when none is being corrected. */
	readonly eventId: EventId | null;
	/** Whose enrolment it is: nobody is a duplicate of themselves. */
	readonly memberId: MemberId | null;
	readonly form: EnrolForm;
	/** Others who may be this person already. */
	readonly suspects: readonly Suspect[];
	/** What was missing when Enter was pressed; marked until it is there. */
	readonly missing: readonly Missing[];
};

const INITIAL: CorrectEnrolmentState = {
	...NO_ATTEMPT,
	eventId: null,
	memberId: null,
	form: { barcode: '', firstName: '', lastName: '', mobile: '', email: '' },
	suspects: [],
	missing: [],
};

export const useCorrectEnrolmentStore = create<CorrectEnrolmentState>(() => INITIAL);

/** Opens the correction with what was recorded; what was typed for the same entry before is still there. */
export async function openCorrectEnrolment(eventId: EventId): Promise<void> {
	if (useCorrectEnrolmentStore.getState().eventId !== eventId) {
		const draft = await services().call('outbox.draft', { eventId });
		if (!draft.ok) return raise('refused', { kind: 'error', error: draft.error }, true);
		if (draft.value.kind !== 'enrolment') return;
		const { memberId, form } = draft.value;
		useCorrectEnrolmentStore.setState({ ...INITIAL, eventId, memberId, form });
	}
	showOverlay({ kind: 'correct_enrolment' });
}

/** Takes over the text of one field, or a card that was scanned. What was answered belongs to the form as it was. */
export function typeCorrectEnrolment(field: keyof EnrolForm, text: string): void {
	useCorrectEnrolmentStore.setState(({ form }) => ({ form: { ...form, [field]: text.slice(0, 512) }, problem: null, requestId: null }));
}

/** Takes the next card of this terminal's own block. */
export async function takeNextCorrectCard(): Promise<void> {
	const answer = await services().call('member.nextCard', {});
	if (answer.ok) typeCorrectEnrolment('barcode', answer.value.barcode);
	else useCorrectEnrolmentStore.setState({ problem: answer.error });
}

/** Asks who else may be this person. A late answer to an older form is dropped. */
export async function findOthers(): Promise<void> {
	const { form, memberId } = useCorrectEnrolmentStore.getState();
	const answer = await services().call('member.duplicates', form);
	if (!answer.ok || useCorrectEnrolmentStore.getState().form !== form) return;
	useCorrectEnrolmentStore.setState({ suspects: answer.value.suspects.filter((suspect) => suspect.memberId !== memberId) });
}

/** What the form lacks. Consents are not asked for again: they go on as they were given. */
export function missingInCorrection(form: EnrolForm): readonly Missing[] {
	return missingParts(form, {}, []);
}

/** Enter: records the correction, or marks what it still needs. */
export async function confirmCorrectEnrolment(): Promise<void> {
	const { eventId, form } = useCorrectEnrolmentStore.getState();
	if (eventId === null) return;
	const missing = missingInCorrection(form);
	useCorrectEnrolmentStore.setState({ missing });
	if (missing.length > 0) return;
	await attempt(useCorrectEnrolmentStore, (requestId) => services().call('outbox.correctEnrolment', { requestId, eventId, form }), {
		said: 'corrected',
		reset: resetCorrectEnrolment,
	});
}

/** Forgets what was typed. */
export function resetCorrectEnrolment(): void {
	useCorrectEnrolmentStore.setState(INITIAL);
}
