import type { Night } from '#shared/bridge/session-calls.ts';
import { LATE_NIGHT_SPREAD_MS, planNight, shareOf } from '#sync/engine/night/plan-night.ts';
import type { NightlyWindow } from '#sync/engine/night/plan-night.ts';
import type { LastNight } from '../store/last-night.ts';

/** After every day that there will be: asked with it, the plan names the next moment and nothing that was missed. */
const ALL_DONE = '9999-12-31';

/** `terminal`: the id by which it is placed in the window. */
export type NightAsked = { readonly terminal: string; readonly window: NightlyWindow; readonly nowMs: number };

/** When this terminal's own moment of the next night is, and what the last one did. */
export function describeNight({ terminal, window, nowMs }: NightAsked, lastNight: Pick<LastNight, 'read' | 'told'>): Night {
	const place = { nowMs, window, share: shareOf(terminal), startedAtMs: 0, startDelayMs: 0 };
	const next = planNight({ ...place, lastDay: ALL_DONE });
	const isDue = planNight({ ...place, lastDay: lastNight.read() }).kind === 'run';
	// Never told as a time: when a night that was missed begins after a start is left to chance.
	const nextAtMs = next.kind === 'rest' ? next.untilMs : nowMs + LATE_NIGHT_SPREAD_MS;
	return { nextAtMs, isDue, ...lastNight.told() };
}
