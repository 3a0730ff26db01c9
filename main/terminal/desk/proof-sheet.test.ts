import { expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { ProofSheet } from '#shared/bridge/outbox-calls.ts';
import { card, memberRow, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import { earn } from '../sale/earn.ts';
import { exportProof, readProofSheet, toCsv } from './proof-sheet.ts';

const PLACE = { outletName: 'Kossuth tér', terminalName: 'Terminal 2' };
const SUMS = { recorded: 3, accepted: 1, refused: 1, waiting: 1, voided: 0 };
const SHEET: ProofSheet = {
	...PLACE,
	sinceMs: Date.UTC(2026, 10, 21, 23),
	madeAtMs: Date.UTC(2026, 10, 22, 17, 30, 5),
	entries: SUMS,
	points: { ...SUMS, recorded: -30 },
	byCashier: [{ cashier: '=HYPERLINK("x")', entries: SUMS, points: { ...SUMS, recorded: -30 } }],
	closed: [],
};

test('the sheet adds up over the cashiers, in entries and in points', async () => {
	const fake = await openFakeContext([memberRow({ id: 'EVA', card: card(1), name: ['Éva', 'Nagy'] })]);
	const cashiers = ['Réka', 'Judit'].map((displayName, index) => ({
		id: `c-${index}`,
		displayName,
		role: 'cashier' as const,
		pinSalt: '',
		pinHash: '',
	}));
	for (const [index, cashier] of [...cashiers, ...cashiers.slice(0, 1)].entries()) {
		Object.assign(fake.world, { cashier, cashiers });
		const sale = { requestId: requestId(index + 1), member: { barcode: card(1) }, receiptNumber: `A-${index}`, amountMinor: 1000 };
		orThrow(await earn(fake.context, { ...sale, currency: 'EUR', isRepeatConfirmed: true }));
	}
	const sheet = await readProofSheet(fake.context, PLACE);
	expect(sheet).toMatchObject({ ...PLACE, entries: { recorded: 3, waiting: 3 }, points: { recorded: 30, waiting: 30 } });
	expect(sheet.byCashier.map(({ cashier, entries, points }) => [cashier, entries.recorded, points.waiting])).toEqual([
		['Réka', 2, 20],
		['Judit', 1, 10],
	]);
	await fake.close();
});

test('a day without an entry has a sheet of noughts', async () => {
	const fake = await openFakeContext([]);
	expect(await readProofSheet(fake.context, PLACE)).toMatchObject({ entries: { recorded: 0 }, byCashier: [] });
	await fake.close();
});

test('as CSV it has a line for each cashier and one for all, and no formula', () => {
	expect(toCsv(SHEET).split('\r\n')).toEqual([
		'outlet,terminal,since,made,cashier,recorded,accepted,refused,waiting,voided,points_recorded,points_accepted,points_refused,points_waiting,points_voided',
		'"Kossuth tér","Terminal 2","2026-11-21T23:00:00.000Z","2026-11-22T17:30:05.000Z","\'=HYPERLINK(""x"")",3,1,1,1,0,-30,1,1,1,0',
		'"Kossuth tér","Terminal 2","2026-11-21T23:00:00.000Z","2026-11-22T17:30:05.000Z","*",3,1,1,1,0,-30,1,1,1,0',
		'',
	]);
});

test('a file is named after its moment, and JSON reads back', async () => {
	const saved: [string, string][] = [];
	const save = async (name: string, text: string) => {
		saved.push([name, text]);
		return Promise.resolve(ok(`/data/exports/${name}`));
	};
	expect(await exportProof(SHEET, { format: 'json' }, save)).toEqual({
		ok: true,
		value: { path: '/data/exports/proof-2026-11-22T173005Z.json' },
	});
	expect(JSON.parse(saved[0]?.[1] ?? '')).toMatchObject({ made: '2026-11-22T17:30:05.000Z', entries: SUMS });
});

test('a disk that is full is told', async () => {
	const result = await exportProof(SHEET, { format: 'csv' }, async () => Promise.resolve(fail(terminalError('DISK-101'))));
	expect(result).toMatchObject({ ok: false, error: { code: 'DISK-101' } });
});
