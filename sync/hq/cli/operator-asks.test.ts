import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { OPERATOR_KEY, startFakeHeadquarters } from '../fake-running.ts';
import type { RunningHeadquarters } from '../fake-running.ts';
import { askHeadquarters, readAsk } from './operator-asks.ts';
import type { OperatorAsk } from './operator-asks.ts';

const NEW_ID = '018f0000-0000-7000-8000-0000000000f1';
const TERMINAL = '018f0000-0000-7000-8000-0000000000a1';

describe('what a command line asks', () => {
	test.each<[string[], OperatorAsk]>([
		[['merge', 'A', 'B'], { method: 'POST', path: '/members/merge', body: { merge_id: NEW_ID, loser: 'A', winner: 'B' } }],
		[['merge', 'A', 'B', TERMINAL], { method: 'POST', path: '/members/merge', body: { merge_id: TERMINAL, loser: 'A', winner: 'B' } }],
		[['seal', TERMINAL], { method: 'POST', path: `/terminals/${TERMINAL}/seal`, body: {} }],
		[['revoke', TERMINAL], { method: 'POST', path: `/terminals/${TERMINAL}/revoke`, body: {} }],
		[['devices'], { method: 'GET', path: '/terminals/devices', body: {} }],
		[
			['trust', TERMINAL, 'device-two-000000'],
			{ method: 'POST', path: `/terminals/${TERMINAL}/devices/device-two-000000`, body: { verdict: 'trusted' } },
		],
		[
			['refuse', TERMINAL, 'device-two-000000'],
			{ method: 'POST', path: `/terminals/${TERMINAL}/devices/device-two-000000`, body: { verdict: 'refused' } },
		],
	])('%j', (words, ask) => {
		expect(readAsk(words, NEW_ID)).toEqual({ ok: true, value: ask });
	});

	test('a wrong one is told how it goes, another word is none', () => {
		expect(readAsk(['merge', 'A'], NEW_ID)).toEqual({ ok: false, error: 'expected: npm run hq -- merge LOSER WINNER [MERGE-ID]' });
		expect(readAsk(['seal', 'T1'], NEW_ID)?.ok).toBe(false);
		expect(readAsk(['import', 'x.csv'], NEW_ID)).toBeNull();
	});
});

describe('asking', () => {
	let hq: RunningHeadquarters;
	beforeAll(async () => {
		hq = await startFakeHeadquarters();
	}, 60_000);
	afterAll(() => hq.close());
	const ask = (words: readonly string[], options: object = {}) => {
		const read = must(readAsk(words, NEW_ID), 'a command');
		if (!read.ok) throw new Error(read.error);
		return askHeadquarters(read.value, { url: hq.url, key: OPERATOR_KEY, nowMs: Date.now(), ...options });
	};

	test('is signed, and answers what headquarters says', async () => {
		const paired = await hq.pair('T1');
		expect(await ask(['seal', paired.terminal])).toEqual({
			ok: true,
			value: JSON.stringify({ terminal: paired.terminal, revoked: true, sealing: true }, null, '\t'),
		});
		expect(await ask(['devices'])).toMatchObject({ ok: true });
	});

	test('is refused in a sentence', async () => {
		expect(await ask(['merge', 'A', 'B'])).toEqual({ ok: false, error: 'refused (160212): loser: unknown' });
		expect(await ask(['devices'], { key: { ...OPERATOR_KEY, apiSecret: 'x' } })).toMatchObject({ ok: false });
		expect(await ask(['devices'], { url: 'http://127.0.0.1:9' })).toEqual({
			ok: false,
			error: 'no headquarters answers at http://127.0.0.1:9',
		});
	});
});
