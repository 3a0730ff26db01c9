import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CursorSchema, LoyaltyBarcodeSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import { memberRow, memberRows, snapshotOf, toLines } from '../../replica/fake-members.ts';
import type { Replica } from '../../replica/replica.ts';
import { openConnection } from '../connection.ts';
import { UPDATE_INDEXED, UPSERT } from './apply-page.ts';
import { applyRows, load, openFreshReplica, succeed } from './fake-opened-replica.ts';

const id = (text: string) => MemberIdSchema.parse(text);
const card = (text: string) => LoyaltyBarcodeSchema.parse(text);
const BASE = memberRow({
	id: 'm1',
	ver: 5,
	card: 'CARD-1',
	first_name: 'Zsófia',
	last_name: 'Kovács',
	mobile: '+36301111111',
	email: 'zs@example.com',
	points: 10,
	aliases: [['PASS-1', 'pass', 'active']],
	profile: { language: 'hu', rewards: [{ id: 'r1', name: 'Coffee' }] },
});

async function openWith(rows: readonly MemberRow[]): Promise<{ readonly replica: Replica; readonly folder: string }> {
	const opened = await openFreshReplica();
	await load(opened.replica, snapshotOf(rows));
	return opened;
}

async function idsBy(found: Promise<readonly { readonly id: string }[]>): Promise<readonly string[]> {
	return (await found).map((member) => member.id);
}

test('a newer row replaces ours in every column, and an equal or older one changes nothing', async () => {
	const { replica } = await openWith([BASE]);
	for (const ver of [4, 5]) {
		expect(await applyRows(replica, [memberRow({ id: 'm1', ver, points: 99, first_name: 'Other' })])).toEqual({ rows: 0, optedOut: [] });
	}
	expect(await replica.findById(id('m1'))).toMatchObject({ ver: 5, points: 10, firstName: 'Zsófia' });
	const newer = memberRow({
		id: 'm1',
		ver: 6,
		status: 'suspended',
		card: 'CARD-2',
		card_status: 'blocked',
		first_name: 'Anna',
		last_name: 'Nagy',
		mobile: '+36302222222',
		email: 'anna@example.com',
		points: -3,
		tier: 'gold',
		tier_points: 900,
		updated_at: 1_790_000_000_000,
		aliases: [['CARD-1', 'old_card', 'replaced']],
		profile: { language: 'en' },
	});
	expect(await applyRows(replica, [newer], 'c2')).toEqual({ rows: 1, optedOut: [] });
	expect(await replica.findById(id('m1'))).toEqual({
		id: 'm1',
		ver: 6,
		status: 'suspended',
		card: 'CARD-2',
		cardStatus: 'blocked',
		firstName: 'Anna',
		lastName: 'Nagy',
		mobile: '+36302222222',
		email: 'anna@example.com',
		points: -3,
		tierId: 'gold',
		tierPoints: 900,
		updatedAtMs: 1_790_000_000_000,
		mergedInto: null,
		mergedVer: null,
		merged: [],
		barcodes: [
			{ value: 'CARD-2', kind: 'card', status: 'blocked' },
			{ value: 'CARD-1', kind: 'old_card', status: 'replaced' },
		],
		profile: { language: 'en' },
	});
	expect(replica.state()).toMatchObject({ cursor: 'c2', asOfMs: 1_800_000_000_000, rows: 1 });
	for (const text of ['zsofia', 'kovacs']) expect(await replica.searchByName(text, 5)).toEqual([]);
	expect(await idsBy(replica.searchByName('nagy an', 5))).toEqual(['m1']);
	expect(await replica.findByMobile('+36301', 5)).toEqual([]);
	expect(await replica.findByEmail('zs', 5)).toEqual([]);
	expect(await replica.findByBarcode(card('PASS-1'))).toBeNull();
	for (const value of ['CARD-1', 'CARD-2']) expect((await replica.findByBarcode(card(value)))?.id).toBe('m1');
});

test('a change of points alone leaves names, contacts and aliases to be found', async () => {
	const { replica } = await openWith([BASE]);
	await applyRows(replica, [BASE.with(1, 6).with(9, 50) as MemberRow]);
	expect(await replica.findByBarcode(card('PASS-1'))).toMatchObject({ points: 50, ver: 6 });
	expect(await idsBy(replica.searchByName('zsof', 5))).toEqual(['m1']);
	expect(await idsBy(replica.findByEmail('ZS@', 5))).toEqual(['m1']);
});

test('a new member can be looked up in every way', async () => {
	const { replica } = await openWith([BASE]);
	await applyRows(replica, [
		memberRow({
			id: 'm2',
			card: 'NEW-99',
			first_name: 'Ödön',
			last_name: 'Őry',
			mobile: '+4366',
			email: 'odon@x.example',
			aliases: [['P2-77', 'pass', 'active']],
		}),
	]);
	expect((await replica.findByBarcode(card('NEW-99')))?.id).toBe('m2');
	expect((await replica.findByBarcode(card('P2-77')))?.id).toBe('m2');
	for (const found of [
		replica.searchByName('ory odon', 5),
		replica.findByMobile('+43', 5),
		replica.findByEmail('odon@', 5),
		replica.searchByBarcode('NEW', 5),
		replica.searchByBarcode('W-99', 5),
		replica.searchByBarcode('2-77', 5),
	]) {
		expect(await idsBy(found)).toEqual(['m2']);
	}
	expect(replica.state().rows).toBe(2);
});

test('a card that moves to another member is found with the new one, whatever the order of the rows', async () => {
	for (const order of [0, 1]) {
		const { replica } = await openWith([BASE, memberRow({ id: 'm2', ver: 1, card: 'CARD-2' })]);
		const rows = [
			memberRow({ id: 'm1', ver: 6, card: null, updated_at: 2 }),
			memberRow({ id: 'm2', ver: 2, card: 'CARD-1', updated_at: 3, aliases: [['CARD-2', 'old_card', 'replaced']] }),
		];
		await applyRows(replica, order === 0 ? rows : rows.toReversed());
		expect((await replica.findByBarcode(card('CARD-1')))?.id).toBe('m2');
		expect((await replica.findByBarcode(card('CARD-2')))?.id).toBe('m2');
	}
});

test('the cursor moves with the last rows of a page only, and an empty page moves it too', async () => {
	const { replica } = await openWith([BASE]);
	const rows = memberRows(250);
	const lines = [...toLines(rows, 100), new TextEncoder().encode('[["broken"]]')];
	const page = { lines, next: CursorSchema.parse('c2'), hqEpoch: 1, asOfMs: 7 };
	expect(await replica.applyPage(page)).toMatchObject({ ok: false });
	expect(replica.state()).toMatchObject({ cursor: 'cursor-s1' });
	expect(succeed(await replica.applyPage({ ...page, lines: lines.slice(0, 3) }))).toEqual({ rows: 0, optedOut: [] });
	expect(replica.state()).toMatchObject({ cursor: 'c2', asOfMs: 7, rows: 251 });
	expect(succeed(await replica.applyPage({ ...page, lines: [], next: CursorSchema.parse('c3'), asOfMs: 8 }))).toEqual({
		rows: 0,
		optedOut: [],
	});
	expect(replica.state()).toMatchObject({ cursor: 'c3', asOfMs: 8 });
});

test('tombstones stay to be resolved, hold nothing personal even if headquarters sends it, and are never found by a search', async () => {
	const { replica } = await openWith([BASE, memberRow({ id: 'm2', first_name: 'Zsófia', card: 'CARD-9' })]);
	const leaked = {
		card: 'CARD-1',
		first_name: 'Zsófia',
		last_name: 'Kovács',
		mobile: '+36301111111',
		email: 'zs@example.com',
		profile: { language: 'hu' },
	};
	const merged = memberRow({
		id: 'm1',
		ver: 6,
		status: 'merged',
		merged_into: 'm2',
		merged_ver: 9,
		aliases: [['PASS-1', 'pass', 'active']],
		...leaked,
	});
	expect(await applyRows(replica, [merged])).toEqual({ rows: 1, optedOut: [] });
	expect(await replica.findById(id('m1'))).toMatchObject({
		status: 'merged',
		mergedInto: 'm2',
		mergedVer: 9,
		card: null,
		cardStatus: null,
		firstName: null,
		lastName: null,
		mobile: null,
		email: null,
		barcodes: [],
		profile: {},
	});
	expect(await replica.findByBarcode(card('CARD-1'))).toBeNull();
	expect(await replica.findByBarcode(card('PASS-1'))).toBeNull();
	expect(await idsBy(replica.searchByName('zsofia', 5))).toEqual(['m2']);
	expect(await applyRows(replica, [memberRow({ id: 'm2', ver: 2, status: 'opted_out' })])).toEqual({ rows: 1, optedOut: ['m2'] });
	expect(await replica.searchByName('zsofia', 5)).toEqual([]);
	expect(await applyRows(replica, [memberRow({ id: 'm2', ver: 2, status: 'opted_out' })])).toEqual({ rows: 0, optedOut: [] });
});

test('I10: after a tombstone no byte of the name or the contacts is in the file or its log', async () => {
	const secret = { first_name: 'Xenophonia', last_name: 'Quetzalcoatl', mobile: '+36309998877', email: 'xenophonia@quetzal.example' };
	const others = memberRows(2000);
	const gone = memberRow({ id: 'gone', ver: 1, card: 'SECRET-CARD-1', aliases: [['SECRET-PASS-1', 'pass', 'active']], ...secret });
	const { replica, folder } = await openWith([...others, gone]);
	// Also one who came with the feed, and had another name before.
	await applyRows(replica, [memberRow({ id: 'late', ver: 1, card: 'SECRET-CARD-2', ...secret })]);
	await applyRows(replica, [memberRow({ id: 'late', ver: 2, card: 'SECRET-CARD-3', ...secret, last_name: 'Quetzalcoatl-Smith' })]);
	const present = (): readonly string[] => {
		const bytes = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), 'latin1').toLowerCase());
		const texts = ['xenophonia', 'xenop', 'quetzalcoatl', 'quetzal', '309998877', 'secret-card', 'secret-pass'];
		return texts.filter((text) => bytes.some((file) => file.includes(text)));
	};
	expect(present()).toHaveLength(7);
	await applyRows(replica, [
		memberRow({ id: 'gone', ver: 2, status: 'opted_out' }),
		memberRow({ id: 'late', ver: 3, status: 'opted_out' }),
	]);
	expect(present()).toEqual([]);
	expect(await idsBy(replica.searchByName('anna', 3))).toHaveLength(3);
});

test('both statements of a change go by the id’s index, with many rows and with few', async () => {
	for (const rows of [20, 5000]) {
		const { replica, folder } = await openWith(memberRows(rows));
		await replica.close();
		const connection = await openConnection({ file: path.join(folder, 'replica.db'), mode: 'read_only', pragmas: {} });
		const plan = (await connection.all(`EXPLAIN QUERY PLAN ${UPDATE_INDEXED}`, ['[]'])).map(({ detail }) => String(detail));
		expect(plan[0]).toMatch(/^SCAN jsonb_each/);
		expect(plan[1]).toBe('SEARCH member USING INDEX member_id (id=?)');
		const upsert = (await connection.all(`EXPLAIN QUERY PLAN ${UPSERT}`, ['[]'])).map(({ detail }) => String(detail));
		expect(upsert.filter((step) => step.startsWith('SCAN') && !step.includes('jsonb_each'))).toEqual([]);
		await connection.close();
	}
});

test('members who get one name in one page are all found by it', async () => {
	const { replica } = await openWith([memberRow({ id: 'm1', first_name: 'Anna' }), memberRow({ id: 'm2', first_name: null })]);
	for (const ver of [2, 3]) {
		const name = ver === 2 ? 'Anna Mária' : 'Anna Rita';
		await applyRows(
			replica,
			['m1', 'm2'].map((id) => memberRow({ id, ver, first_name: name })),
		);
		expect((await idsBy(replica.searchByName('anna', 50))).toSorted()).toEqual(['m1', 'm2']);
	}
	expect(await idsBy(replica.searchByName('maria', 50))).toEqual([]);
	await replica.close();
});

const anyChange = fc.record({
	member: fc.integer({ min: 0, max: 9 }),
	ver: fc.integer({ min: 1, max: 6 }),
	status: fc.constantFrom('active', 'suspended', 'merged', 'opted_out'),
	card: fc.constantFrom(null, 'AAA1', 'AAA2', 'BBB1'),
	first_name: fc.constantFrom(null, 'Anna', 'Ánna Mária', 'Bo'),
	mobile: fc.constantFrom(null, '+361', '+362'),
	aliases: fc.constantFrom(
		[],
		[['PPP1', 'pass', 'active']],
		[
			['PPP1', 'pass', 'active'],
			['PPP2', 'old_card', 'replaced'],
		],
	),
	points: fc.integer({ min: -100, max: 100 }),
} as const);

test(
	'I5: whatever pages come in whatever batches, every way of looking finds what the latest versions say',
	{ timeout: 60_000 },
	async () => {
		await fc.assert(
			fc.asyncProperty(
				fc.array(anyChange, { maxLength: 15 }),
				fc.array(fc.array(anyChange, { maxLength: 12 }), { maxLength: 4 }),
				async (initial, pages) => {
					const model = new Map<string, MemberRow>();
					const toRow = ({ member, ...columns }: (typeof initial)[number]): MemberRow => memberRow({ ...columns, id: `m${member}` });
					const unique = [...new Map(initial.map((change) => [change.member, change])).values()].map(toRow);
					for (const row of unique) model.set(row[0], row);
					const { replica, folder } = await openWith(unique);
					for (const page of pages) {
						const rows = [...new Map(page.map((change) => [change.member, change])).values()].map(toRow);
						for (const row of rows) if ((model.get(row[0])?.[1] ?? 0) < row[1]) model.set(row[0], row);
						await applyRows(replica, rows);
					}
					const alive = [...model.values()].filter(([, , status]) => status !== 'merged' && status !== 'opted_out');
					const idsOf = (rows: readonly MemberRow[]): readonly string[] => rows.map(([memberId]) => memberId).toSorted();
					expect(replica.state().rows).toBe(model.size);
					for (const row of model.values())
						expect(await replica.findById(row[0])).toMatchObject({ ver: row[1], status: row[2], points: row[9] });
					expect((await idsBy(replica.searchByName('anna', 50))).toSorted()).toEqual(
						idsOf(alive.filter((row) => /nna/.test(row[5] ?? ''))),
					);
					expect((await idsBy(replica.searchByName('mar ann', 50))).toSorted()).toEqual(
						idsOf(alive.filter((row) => /Mária/.test(row[5] ?? ''))),
					);
					expect((await idsBy(replica.findByMobile('+362', 50))).toSorted()).toEqual(idsOf(alive.filter((row) => row[7] === '+362')));
					const hasCode = (row: MemberRow, part: string): boolean =>
						row[3]?.startsWith(part) === true || row[15].some(([value]) => value.startsWith(part));
					for (const part of ['AAA', 'PPP']) {
						expect((await idsBy(replica.searchByBarcode(part, 50))).toSorted()).toEqual(idsOf(alive.filter((row) => hasCode(row, part))));
					}
					const found = await replica.findByBarcode(card('PPP2'));
					expect(found === null).toBe(!alive.some((row) => hasCode(row, 'PPP2')));
					await replica.close();
					const check = await openConnection({ file: path.join(folder, 'replica.db'), mode: 'existing', pragmas: {} });
					expect(await check.get('PRAGMA integrity_check')).toEqual({ integrity_check: 'ok' });
					await check.execute(`INSERT INTO member_name (member_name, rank) VALUES ('integrity-check', 1)`);
					await check.close();
				},
			),
			{ numRuns: 12 },
		);
	},
);
