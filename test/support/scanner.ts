import type { Page } from '@playwright/test';

/** Milliseconds between the keys of a usual wedge scanner. */
const KEY_GAP_MS = 4;
/** The keys are dated this far ahead: the detector's silence counts from a key's own time, so that a starved browser does not split a scan. */
const AHEAD_MS = 1_500;

/**
 * Types `code` and Enter into the page as a keyboard-wedge scanner does: real key events from the browser's own input pipeline, with
 * the scanner's timestamps on them, so that a slow machine does not turn a scan into typing.
 */
export async function scan(page: Page, code: string): Promise<void> {
	const session = await page.context().newCDPSession(page);
	const startedAtS = (Date.now() + AHEAD_MS) / 1000;
	const sent: Promise<unknown>[] = [];
	[...code.split(''), 'Enter'].forEach((key, index) => {
		const timestamp = startedAtS + (index * KEY_GAP_MS) / 1000;
		const text = key === 'Enter' ? '\r' : key;
		const common = { key, code: codeOf(key), windowsVirtualKeyCode: virtualKeyOf(key), timestamp };
		sent.push(session.send('Input.dispatchKeyEvent', { type: 'keyDown', text, unmodifiedText: text, ...common }));
		sent.push(session.send('Input.dispatchKeyEvent', { type: 'keyUp', ...common, timestamp: timestamp + 0.001 }));
	});
	await Promise.all(sent);
	await session.detach();
}

function codeOf(key: string): string {
	if (/^\d$/.test(key)) return `Digit${key}`;
	if (/^[A-Za-z]$/.test(key)) return `Key${key.toUpperCase()}`;
	return key === 'Enter' ? 'Enter' : '';
}

function virtualKeyOf(key: string): number {
	return key === 'Enter' ? 13 : key.toUpperCase().charCodeAt(0);
}
