import { create } from 'zustand';
import type { EnrolForm } from '#shared/bridge/member-calls.ts';
import type { CallOutput } from '#shared/bridge/contract.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';

/** Somebody who may be the one that is being enrolled, and what makes one think so. */
export type Suspect = CallOutput<'member.duplicates'>['suspects'][number];

/** What an enrolment still needs before it can be tried. The services judge the rest. */
export type Missing = 'card' | 'name' | 'contact' | 'terms';

/** The one enrolment that is being typed. It survives every other screen and the lock; it ends when it is recorded or thrown away by hand. */
export type EnrolState = {
	readonly form: EnrolForm;
	/** Where the card number came from: shown beside it, since a typed one deserves a second look. */
	readonly cardFrom: 'none' | 'scanned' | 'typed' | 'block';
	/** By purpose; nothing is granted unless the member said so. */
	readonly granted: Readonly<Record<string, boolean>>;
	readonly suspects: readonly Suspect[];
	/** What was missing when Enter was pressed; marked in the form until it is there. */
	readonly missing: readonly Missing[];
	readonly isSending: boolean;
	readonly problem: LoyaltyError | null;
	readonly requestId: string | null;
};

export const initialEnrolState: EnrolState = {
	form: { barcode: '', firstName: '', lastName: '', mobile: '', email: '' },
	cardFrom: 'none',
	granted: {},
	suspects: [],
	missing: [],
	isSending: false,
	problem: null,
	requestId: null,
};

export const useEnrolStore = create<EnrolState>(() => initialEnrolState);

/** Whether anything was typed or ticked that would be a pity to lose. */
export function hasEnrolDraft({ form, granted }: EnrolState): boolean {
	return Object.values(form).some((text) => text !== '') || Object.values(granted).includes(true);
}
