import { expect, test } from 'vitest';
import { NOW_MS, offline, status } from '../../bridge/scripted/fixtures.ts';
import { chipState } from './chip-state.ts';
import type { ChipState } from './chip-state.ts';

const terms = { nowMs: NOW_MS, staleAfterMs: 3_600_000, isConnected: true };
const loading = { phase: 'loading' as const, rows: 1, asOfMs: 0 };
const firstLoad = { kind: 'first_load' as const, done: 412, total: 1000, unit: 'rows' as const, ratePerS: null, etaMs: null };

test.each<[string, Parameters<typeof status>[0], Partial<ChipState>]>([
	['all is well', {}, { tone: 'calm', work: 'working' }],
	['entries wait', { waiting: 5 }, { tone: 'calm', waiting: 5 }],
	['the line is down', { line: 'offline' }, { tone: 'attention', work: 'offline' }],
	[
		'the members are older than the policy',
		{ members: { phase: 'ready', rows: 1, asOfMs: NOW_MS - 3_600_001 } },
		{ tone: 'attention', work: 'working' },
	],
	['the members are as old as the policy allows', { members: { phase: 'ready', rows: 1, asOfMs: NOW_MS - 3_600_000 } }, { tone: 'calm' }],
	['an entry was refused', { needsPerson: 1 }, { tone: 'needs_person', work: 'working' }],
	['headquarters refused the terminal', { line: 'refused' }, { tone: 'needs_person', work: 'refused' }],
	['nobody paired the terminal', { line: 'unpaired' }, { tone: 'needs_person', work: 'unpaired' }],
	['the first load runs', { members: loading, work: firstLoad }, { tone: 'busy', work: 'loading', percent: 41, asOfMs: null }],
	['the first load is over by more than was announced', { members: loading, work: { ...firstLoad, done: 1200 } }, { percent: 100 }],
	['nobody knows how much is to load', { members: loading, work: { ...firstLoad, total: 0 } }, { percent: null }],
	['it connects', { line: 'connecting' }, { tone: 'busy', work: 'connecting' }],
])('%s', (_title, change, expected) => {
	expect(chipState(status(change), terms)).toMatchObject(expected);
});

test('a window without its services says that before anything else', () => {
	expect(chipState(offline, { ...terms, isConnected: false })).toMatchObject({ work: 'services_lost', tone: 'attention' });
});

test('before the first contact with headquarters nothing is stale', () => {
	expect(chipState(status({ members: { phase: 'ready', rows: 1, asOfMs: 1 } }), { ...terms, staleAfterMs: null }).tone).toBe('calm');
});
