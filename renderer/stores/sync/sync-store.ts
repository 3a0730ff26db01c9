import { create } from 'zustand';
import type { LineDetails } from '#shared/bridge/session-calls.ts';
import { services } from '../../bridge/services.ts';
import { enter } from '../place/place-store.ts';
import { useSessionStore } from '../session/session-store.ts';
import { copyText } from './copy-text.ts';
import { supportText } from './support-text.ts';

/** What the Sync screen knows beyond the status. `copied`: whether the clipboard took the text; `by_hand`: it did not. */
export type SyncState = {
	readonly details: LineDetails | null;
	readonly isOpen: boolean;
	readonly copied: 'not_yet' | 'copied' | 'by_hand';
};

export const initialSyncState: SyncState = { details: null, isOpen: false, copied: 'not_yet' };
export const useSyncStore = create<SyncState>(() => initialSyncState);

/** Opens the screen and reads the details. */
export async function openSync(): Promise<void> {
	useSyncStore.setState(initialSyncState);
	enter({ at: 'sync' });
	await loadDetails();
}

/** Reads the details again. A failure keeps what is shown: the status beside them tells more. */
export async function loadDetails(): Promise<void> {
	const answer = await services().call('status.details', {});
	if (answer.ok) useSyncStore.setState({ details: answer.value });
}

/** Shows or hides the details for support. */
export function toggleSupport(): void {
	useSyncStore.setState(({ isOpen }) => ({ isOpen: !isOpen, copied: 'not_yet' }));
}

/** The text for support, or `null` until everything was read. */
export function currentSupportText(): string | null {
	const { details } = useSyncStore.getState();
	const { status, nowMs } = useSessionStore.getState();
	return details === null || status === null ? null : supportText(details, status, nowMs);
}

/** Copies the text for support; where the clipboard is refused, the text is shown to be marked by hand. */
export async function copyForSupport(): Promise<void> {
	const text = currentSupportText();
	if (text === null) return;
	const isCopied = await copyText(text);
	useSyncStore.setState({ copied: isCopied ? 'copied' : 'by_hand', isOpen: true });
}
