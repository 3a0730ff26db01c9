import type { Logger, Services } from '../ports.ts';
import type { Router } from '../router.ts';
import { APP_ORIGIN } from './app-scheme.ts';

/** page → main: name and input, answered with a reply. `preload.ts` has the same two names; a test ties them together. */
export const INVOKE_CHANNEL = 'regulars:invoke';
/** main → page: name and payload of an event. */
export const EVENT_CHANNEL = 'regulars:event';

/** The part of `WebFrameMain` by which a sender is judged. */
export type Frame = { readonly origin: string; readonly parent: object | null };
/** The part of `WebContents` that the bridge uses. */
export type BoundContents = {
	readonly id: number;
	readonly mainFrame: Frame;
	readonly isDestroyed: () => boolean;
	readonly send: (channel: string, ...args: unknown[]) => void;
};
export type InvokeEvent = { readonly sender: unknown; readonly senderFrame: Frame | null };
export type BoundIpc = {
	handle(channel: string, listener: (event: InvokeEvent, ...args: unknown[]) => Promise<string>): void;
	removeHandler(channel: string): void;
};

/**
 * Whether a message came from the main frame of our window showing our page. `sender` alone is not enough: frames share it.
 * `senderFrame` is `null` once the frame navigated or died, so it must be read in the same turn.
 */
export function isTrusted(event: InvokeEvent, contents: BoundContents): boolean {
	const frame = event.senderFrame;
	return (
		frame !== null && event.sender === contents && frame === contents.mainFrame && frame.parent === null && frame.origin === APP_ORIGIN
	);
}

/** Connects the one window to the router, both ways. Returns the way to disconnect. A message of a stranger rejects and is logged. */
export function bindRouter(of: {
	readonly ipc: BoundIpc;
	readonly contents: BoundContents;
	readonly router: Router;
	readonly onEvent: Services['onEvent'];
	readonly logger: Logger;
}): () => void {
	const { ipc, contents, router, logger } = of;
	const windowId = String(contents.id);
	ipc.handle(INVOKE_CHANNEL, async (event, name, json) => {
		if (!isTrusted(event, contents)) {
			logger.warn({ windowId, origin: event.senderFrame?.origin ?? null }, 'refused a message of a stranger');
			throw new Error('untrusted sender');
		}
		return router.handle(name, json, { transport: 'electron', windowId });
	});
	const stopEvents = of.onEvent((name, json) => {
		if (isShowingOurPage(contents)) contents.send(EVENT_CHANNEL, name, json);
	});
	return () => {
		stopEvents();
		ipc.removeHandler(INVOKE_CHANNEL);
	};
}

/** Between two pages there is none of ours: what is said then reaches nobody, and the page reads afresh when it is there. */
function isShowingOurPage(contents: BoundContents): boolean {
	if (contents.isDestroyed()) return false;
	try {
		return contents.mainFrame.origin === APP_ORIGIN;
	} catch {
		// Electron throws when the frame was disposed of in this very moment.
		return false;
	}
}
