import { create } from 'zustand';
import type { ProofSheet } from '#shared/bridge/outbox-calls.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { services } from '../../bridge/services.ts';
import { showOverlay } from '../place/place-store.ts';
import { raise } from '../signal/signal-store.ts';

/** The day's proof as last read. `savedAs`: the file that was written last. */
export type ProofState = {
	readonly sheet: ProofSheet | null;
	readonly error: LoyaltyError | null;
	readonly savedAs: string | null;
	readonly isSaving: boolean;
};

export const initialProofState: ProofState = { sheet: null, error: null, savedAs: null, isSaving: false };
export const useProofStore = create<ProofState>(() => initialProofState);

/** Opens the proof by cashier and reads it. */
export async function openProof(): Promise<void> {
	useProofStore.setState(initialProofState);
	showOverlay({ kind: 'proof' });
	await loadProof();
}

/** Reads the proof again. A failure keeps what is shown. */
export async function loadProof(): Promise<void> {
	const answer = await services().call('outbox.proof', {});
	if (answer.ok) useProofStore.setState({ sheet: answer.value, error: null });
	else useProofStore.setState({ error: answer.error });
}

/** Saves the proof as a file of this terminal. */
export async function saveProof(format: 'csv' | 'json'): Promise<void> {
	if (useProofStore.getState().isSaving) return;
	useProofStore.setState({ isSaving: true, savedAs: null });
	const answer = await services().call('outbox.export', { format });
	useProofStore.setState({ isSaving: false, ...(answer.ok ? { savedAs: answer.value.path } : { error: answer.error }) });
	if (answer.ok) raise('found', { kind: 'plain', id: 'exported' });
	else raise('refused', { kind: 'error', error: answer.error });
}
