import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import type { FakeTime } from '#shared/lib/fake-time.ts';
import { classifyFailure } from '../transport/classify-failure.ts';
import { createLine } from './line.ts';
import type { Line } from './line.ts';
import { createAlarm } from './pacing/alarm.ts';
import { createStatusBoard } from './status-board.ts';
import type { StatusBoard } from './status-board.ts';

const UNREACHABLE = classifyFailure({ at: 'connect', detail: 'ECONNREFUSED' }, 'read');
const BUSY = classifyFailure({ at: 'answer', status: 429, envelope: null, retryAfterMs: 20_000 }, 'read');
const REVOKED = classifyFailure(
	{ at: 'answer', status: 403, envelope: { error: { type: 'refused', code: 900102, message: '' } }, retryAfterMs: null },
	'read',
);

function openLine(): { time: FakeTime; line: Line; board: StatusBoard; waitMs: () => number; halts: () => number } {
	const time = createFakeTime({ settle: () => setImmediate() });
	const { clock, timers, random } = time;
	const board = createStatusBoard({
		outbox: {
			counts: () =>
				Promise.resolve({ pending: 0, sending: 0, applied: 0, rejected: 0, deferred: 0, unknown: 0, parked: 0, voided: 0, closed: 0 }),
			state: () => ({ incarnation: '' as never, maxSeq: 0, hqEpoch: 1, outcomesAfter: 0, skewMs: 0 }),
		},
		replica: { state: () => ({ phase: 'empty', hqEpoch: 0, rows: 0, asOfMs: 0, cursor: null, rebuiltBecause: null }) },
		clock,
		timers,
		onCountFailure: () => undefined,
	});
	let halts = 0;
	const quiet = (): void => undefined;
	const line = createLine({
		ctx: { board, clock, random, logger: { debug: quiet, info: quiet, warn: quiet, error: quiet } },
		alarms: { contact: createAlarm(clock, timers), push: createAlarm(clock, timers) },
		onHalt: () => {
			halts += 1;
		},
	});
	return { time, line, board, waitMs: () => line.notBeforeMs() - clock.monotonicMs(), halts: () => halts };
}

function fail(line: Line, failure = UNREACHABLE): void {
	line.trying();
	line.down(failure);
}

test('tries that sales set off do not make the next one by time come later', async () => {
	const { time, line, waitMs } = openLine();
	for (let count = 0; count < 4; count += 1) fail(line);
	let longestMs = 0;
	for (let sale = 0; sale < 100; sale += 1) {
		await time.advance(6_000);
		line.tryCheaply();
		expect(waitMs()).toBe(0);
		fail(line);
		longestMs = Math.max(longestMs, waitMs());
	}
	expect(longestMs).toBeLessThanOrEqual(8_000);
	expect(longestMs).toBeGreaterThan(4_000);
});

test('a sale within five seconds of the last try, or while told to wait, tries nothing', async () => {
	const { time, line } = openLine();
	for (let count = 0; count < 10; count += 1) fail(line);
	const notBeforeMs = line.notBeforeMs();
	await time.advance(4_999);
	line.tryCheaply();
	expect(line.notBeforeMs()).toBe(notBeforeMs);
	line.trying();
	line.wait(BUSY);
	const toldMs = line.notBeforeMs();
	await time.advance(10_000);
	line.tryCheaply();
	line.tryNow();
	expect(line.notBeforeMs()).toBe(toldMs);
});

test('busy leaves an established line up', () => {
	const { line, board, waitMs } = openLine();
	line.up();
	line.wait(BUSY);
	expect(line.isOnline()).toBe(true);
	expect(board.read().line).toBe('online');
	expect(waitMs()).toBeGreaterThanOrEqual(20_000);
	expect(waitMs()).toBeLessThan(21_000);
});

test('a line that comes up forgets its failures', () => {
	const { line, waitMs } = openLine();
	for (let count = 0; count < 20; count += 1) fail(line);
	line.up();
	fail(line);
	expect(waitMs()).toBeLessThan(1_000);
});

test('a revocation is final: nothing that comes later changes it', () => {
	const { line, board, halts } = openLine();
	line.up();
	line.halt(REVOKED);
	line.up();
	line.down(UNREACHABLE);
	line.refused(UNREACHABLE);
	line.tryNow();
	line.halt(REVOKED);
	expect(line.isHalted()).toBe(true);
	expect(line.isOnline()).toBe(false);
	expect(halts()).toBe(1);
	expect(board.read()).toMatchObject({ line: 'refused', error: { code: 'LINE-105' } });
});

test('a hello that is wished for while one is under way is made after it', () => {
	const { line } = openLine();
	line.askHello();
	line.trying();
	expect(line.isHelloAsked()).toBe(false);
	line.askHello();
	line.up();
	expect(line.isHelloAsked()).toBe(true);
});
