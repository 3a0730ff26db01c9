import { expect, test } from 'vitest';
import { createWakeDetector } from './wake-detector.ts';

/** Clocks and one timer that the test turns by hand. */
function createMachine() {
	const state = { wallMs: 1_700_000_000_000, monotonicMs: 1_000, run: (): void => undefined, delayMs: 0, isCancelled: false };
	const machine = {
		clock: { nowMs: () => state.wallMs, monotonicMs: () => state.monotonicMs, bootId: 'b' },
		timers: {
			after: (delayMs: number, run: () => void) => {
				Object.assign(state, { run, delayMs });
				return () => {
					state.isCancelled = true;
				};
			},
		},
		pass: (wallMs: number, monotonicMs = wallMs) => {
			state.wallMs += wallMs;
			state.monotonicMs += monotonicMs;
			state.run();
		},
		state,
	};
	return machine;
}

test.each([
	{ title: 'ordinary ticks', wallMs: 5_000, monotonicMs: 5_001, isWake: false },
	{ title: 'a busy event loop', wallMs: 9_000, monotonicMs: 9_000, isWake: false },
	{ title: 'a sleep that stopped the monotonic clock', wallMs: 3_600_000, monotonicMs: 5_000, isWake: true },
	{ title: 'a sleep that both clocks counted', wallMs: 3_600_000, monotonicMs: 3_600_000, isWake: true },
	{ title: 'a clock that was set back', wallMs: -60_000, monotonicMs: 5_000, isWake: true },
])('$title: wake is $isWake', ({ wallMs, monotonicMs, isWake }) => {
	const machine = createMachine();
	const detector = createWakeDetector(machine);
	let wakes = 0;
	detector.onWake(() => (wakes += 1));
	machine.pass(wallMs, monotonicMs);
	expect(wakes).toBe(isWake ? 1 : 0);
	machine.pass(5_000);
	expect(wakes).toBe(isWake ? 1 : 0);
});

test('a wake-up that the machine announced is told once, also when the next look sees the gap', () => {
	const machine = createMachine();
	const detector = createWakeDetector(machine);
	let wakes = 0;
	const off = detector.onWake(() => (wakes += 1));
	machine.state.wallMs += 3_600_000;
	detector.wake();
	machine.pass(5_000);
	expect(wakes).toBe(1);
	off();
	detector.wake();
	expect(wakes).toBe(1);
});

test('a stopped detector has no timer left', () => {
	const machine = createMachine();
	createWakeDetector(machine).stop();
	expect(machine.state.isCancelled).toBe(true);
});
