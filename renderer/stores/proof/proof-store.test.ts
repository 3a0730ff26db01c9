import { expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail } from '#shared/lib/result.ts';
import { openFakeTerminal } from '../fake-terminal.ts';
import { usePlaceStore } from '../place/place-store.ts';
import { loadProof, openProof, saveProof, useProofStore } from './proof-store.ts';

const state = () => useProofStore.getState();

test('opens with the sheet of the day', async () => {
	await openFakeTerminal();
	await openProof();
	expect(usePlaceStore.getState().overlay.kind).toBe('proof');
	expect(state().sheet?.byCashier.length).toBeGreaterThan(1);
});

test('a sheet that cannot be read again stays, with the reason', async () => {
	await openFakeTerminal();
	await openProof();
	await openFakeTerminal({ 'outbox.proof': () => fail(terminalError('BRIDGE-102')) });
	await loadProof();
	expect(state()).toMatchObject({ error: { code: 'BRIDGE-102' } });
	expect(state().sheet).not.toBeNull();
});

test('tells where the file is, or why there is none', async () => {
	const bridge = await openFakeTerminal();
	await openProof();
	await saveProof('csv');
	expect(bridge.made.at(-1)).toEqual({ name: 'outbox.export', input: { format: 'csv' } });
	expect(state().savedAs).toMatch(/\.csv$/);
	await openFakeTerminal({ 'outbox.export': () => fail(terminalError('DISK-101')) });
	await saveProof('json');
	expect(state()).toMatchObject({ savedAs: null, isSaving: false, error: { code: 'DISK-101' } });
});
