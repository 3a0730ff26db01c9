/**
 * Heavy work in the quiet hours: what the host plugs in (`EngineOptions.nightly`), and the comparison of all members with headquarters'.
 * Owns when it is due; the day that is done with is kept by the host, so that neither a restart nor a crash repeats or skips a night.
 */
import { AssertionError } from '#shared/lib/assert.ts';
import type { EngineContext } from '../engine-context.ts';
import type { Alarm } from '../pacing/alarm.ts';
import { DEFAULT_NIGHTLY_WINDOW, LATE_NIGHT_SPREAD_MS, planNight, shareOf } from './plan-night.ts';

/** The wall clock may be set meanwhile: it is looked at again after this. Milliseconds. */
const LOOK_AGAIN_MS = 15 * 60_000;
const RETRY_MS = 60 * 60_000;

/** Runs until the engine stops, at once when the host keeps no days. `compare` asks for the comparison. */
export async function keepNights(ctx: EngineContext, alarm: Alarm, compare: () => void): Promise<void> {
	const { nightlyDay, clock } = ctx;
	if (nightlyDay === undefined) return;
	const fixed = {
		share: shareOf(ctx.identity.terminal),
		startedAtMs: clock.nowMs(),
		startDelayMs: ctx.random.fraction() * LATE_NIGHT_SPREAD_MS,
	};
	while (!ctx.signal.aborted) {
		const window = ctx.nightlyWindow?.() ?? DEFAULT_NIGHTLY_WINDOW;
		const step = planNight({ ...fixed, window, nowMs: clock.nowMs(), lastDay: nightlyDay.read() });
		if (step.kind === 'rest') await alarm.sleepUntil(clock.monotonicMs() + Math.min(step.untilMs - clock.nowMs(), LOOK_AGAIN_MS));
		else if (!(await work(ctx, step.day, compare))) await alarm.sleepUntil(clock.monotonicMs() + RETRY_MS);
	}
}

/** Whether the night is done with. */
async function work({ nightly, nightlyDay, logger }: EngineContext, day: string, compare: () => void): Promise<boolean> {
	try {
		compare();
		await nightly?.();
		await nightlyDay?.save(day);
		return true;
	} catch (cause) {
		if (cause instanceof AssertionError) throw cause;
		logger.error({ err: cause, day }, 'the work of the night failed: it is tried again');
		return false;
	}
}
