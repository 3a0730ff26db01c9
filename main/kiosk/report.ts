import { events } from '#shared/bridge/contract.ts';
import type { Services } from '../ports.ts';
import type { Kiosk } from './kiosk.ts';

/** What a parent process hears over IPC. */
export type KioskMessage =
	| { readonly type: 'ready'; readonly origin: string; readonly bootLink: string | null; readonly window: boolean }
	| { readonly type: 'progress'; readonly what: string; readonly done: number; readonly total: number; readonly ratePerS: number | null };

const NOT_PAIRED_YET =
	'This terminal is not paired yet. It goes on trying while headquarters cannot be reached; its screen says what is wrong.';

/** What a person at the command line reads once the terminal runs. */
export function describeStart(kiosk: Kiosk, of: { readonly hasPairingCode: boolean; readonly isTraining: boolean }): string {
	const lines: string[] = [];
	if (kiosk.services.pairing === 'already_paired' && of.hasPairingCode)
		lines.push('This terminal is paired already; it did not need the pairing code.');
	if (kiosk.services.pairing === 'unpaired' && !of.isTraining)
		lines.push(of.hasPairingCode ? NOT_PAIRED_YET : 'This terminal is not paired. Start it with --hq URL --pair CODE.');
	if (kiosk.windowFailure !== null) lines.push(kiosk.windowFailure);
	if (kiosk.bootLink !== null) lines.push('Open this link once, in a browser on this machine:', `  ${kiosk.bootLink}`);
	lines.push(`The terminal runs at ${kiosk.origin}. Stop it with Ctrl+C.`, '');
	return lines.join('\n');
}

type Progress = Extract<KioskMessage, { type: 'progress' }>;

/** The work that a starting terminal is waited for; sending a sale is none. */
const START_WORK: ReadonlySet<string> = new Set(['hq_preparing', 'first_load', 'indexing']);

/** Tells `send` of a starting terminal's long work as the services report it, its end included. Returns the way to stop. */
export function reportProgress(onEvent: Services['onEvent'], send: (message: KioskMessage) => void): () => void {
	let last: Progress | null = null;
	return onEvent((name, json) => {
		if (name !== 'status.changed') return;
		const { work } = events[name].parse(JSON.parse(json));
		if (last !== null && last.what !== work?.kind) send({ ...last, done: last.total });
		last = null;
		if (work === null || !START_WORK.has(work.kind)) return;
		last = { type: 'progress', what: work.kind, done: work.done, total: work.total, ratePerS: work.ratePerS };
		send(last);
	});
}
