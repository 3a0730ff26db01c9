import type { Status } from '#shared/bridge/session-calls.ts';

/** How urgent the chip is: red only when a person must act, amber when the data is old or the line is down. */
export type ChipTone = 'calm' | 'attention' | 'needs_person' | 'busy';

export type ChipState = {
	readonly tone: ChipTone;
	readonly work: 'working' | 'offline' | 'connecting' | 'unpaired' | 'refused' | 'loading' | 'services_lost';
	/** 0–100 while the first load runs. */
	readonly percent: number | null;
	readonly asOfMs: number | null;
	readonly waiting: number;
	readonly needsPerson: number;
};

/** What the chip says. `staleAfterMs` is the programme's; `null` before the first contact with headquarters. */
export function chipState(
	status: Status,
	terms: { readonly nowMs: number; readonly staleAfterMs: number | null; readonly isConnected: boolean },
): ChipState {
	const { members, work, waiting, needsPerson } = status;
	const asOfMs = members.phase === 'ready' ? members.asOfMs : null;
	const isLoading = members.phase !== 'ready' && work?.kind === 'first_load';
	const said = {
		work: workOf(status, terms.isConnected, isLoading),
		percent: isLoading ? percentOf(work) : null,
		asOfMs,
		waiting,
		needsPerson,
	} as const;
	const isStale = asOfMs !== null && terms.staleAfterMs !== null && terms.nowMs - asOfMs > terms.staleAfterMs;
	return { tone: toneOf(said.work, needsPerson, isStale), ...said };
}

function workOf(status: Status, isConnected: boolean, isLoading: boolean): ChipState['work'] {
	if (!isConnected) return 'services_lost';
	if (status.line === 'unpaired' || status.line === 'refused') return status.line;
	if (isLoading) return 'loading';
	return status.line === 'online' ? 'working' : status.line;
}

function toneOf(work: ChipState['work'], needsPerson: number, isStale: boolean): ChipTone {
	if (needsPerson > 0 || work === 'refused' || work === 'unpaired') return 'needs_person';
	if (isStale || work === 'offline' || work === 'services_lost') return 'attention';
	return work === 'loading' || work === 'connecting' ? 'busy' : 'calm';
}

function percentOf(work: Status['work']): number | null {
	return work === null || work.total <= 0 ? null : Math.min(100, Math.floor((100 * work.done) / work.total));
}
