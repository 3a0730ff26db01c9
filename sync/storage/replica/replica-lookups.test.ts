import path from 'node:path';
import { expect, test } from 'vitest';
import { LoyaltyBarcodeSchema } from '#shared/domain/ids.ts';
import { memberRow, memberRows, snapshotOf } from '../../replica/fake-members.ts';
import type { Replica } from '../../replica/replica.ts';
import { openConnection } from '../connection.ts';
import { load, openFreshReplica } from './fake-opened-replica.ts';
import { BY_BARCODE, BY_BARCODE_PART, BY_EMAIL, BY_ID, BY_MOBILE, BY_NAME } from './replica-lookups.ts';

const PEOPLE = [
	memberRow({
		id: 'anna',
		card: '2900000001234',
		first_name: 'Anna',
		last_name: 'Kiss',
		mobile: '+36301234567',
		email: 'Anna.Kiss@Example.com',
	}),
	memberRow({ id: 'annabella', card: '2900000005678', first_name: 'Annabella', last_name: 'Kissné Nagy', mobile: '+36301234999' }),
	memberRow({
		id: 'zsofia',
		card: 'ZS-0042',
		first_name: 'Zsófia',
		last_name: 'Őry',
		email: 'zsofia@example.com',
		aliases: [['PASS-7788', 'pass', 'active']],
	}),
	memberRow({ id: 'oneil', card: 'ON-1', first_name: 'Seán', last_name: "O'Neil-Smith", card_status: 'blocked' }),
	memberRow({ id: 'hindi', first_name: 'हिन्दी', last_name: '山田' }),
	memberRow({ id: 'gone', status: 'opted_out', ver: 3 }),
];

async function openPeople(): Promise<Replica> {
	const { replica } = await openFreshReplica();
	await load(replica, snapshotOf(PEOPLE));
	return replica;
}

async function idsBy(found: Promise<readonly { readonly id: string }[]>): Promise<readonly string[]> {
	return (await found).map((member) => member.id);
}

/** What each text finds, asked of one replica. */
async function findEach(
	texts: Readonly<Record<string, readonly string[]>>,
	find: (replica: Replica, text: string) => ReturnType<Replica['searchByName']>,
): Promise<Readonly<Record<string, readonly string[]>>> {
	const replica = await openPeople();
	const found: Record<string, readonly string[]> = {};
	for (const text of Object.keys(texts)) found[text] = await idsBy(find(replica, text));
	return found;
}

test('a name is found by the beginnings of its words, in any order, whole words first', async () => {
	const byName = {
		'anna kiss': ['anna', 'annabella'],
		'ki ann': ['anna', 'annabella'],
		nna: [],
		'anna xavier': [],
	};
	expect(await findEach(byName, (replica, text) => replica.searchByName(text, 10))).toEqual(byName);
});

test('a name is found whatever its accents, case, punctuation and script', async () => {
	const byName = {
		'ZSOFIA ory': ['zsofia'],
		'zso\u0301fia': ['zsofia'],
		ánnà: ['anna', 'annabella'],
		"o'neil-smith sean": ['oneil'],
		हिन्दी: ['hindi'],
		山: ['hindi'],
	};
	expect(await findEach(byName, (replica, text) => replica.searchByName(text, 10))).toEqual(byName);
});

test('a search for a name cannot speak the language of the index', async () => {
	const byName = {
		'   ': [],
		'"*()-:^{}': [],
		'anna" OR NOT * NEAR(zsofia)': [],
		'first_name:anna': [],
		'anna*"': ['anna', 'annabella'],
	};
	expect(await findEach(byName, (replica, text) => replica.searchByName(text, 10))).toEqual(byName);
});

test('a mobile number is found by its beginning', async () => {
	const byMobile = { '+3630123': ['anna', 'annabella'], '+36301234567': ['anna'], '%': [], '': [], '1234567': [] };
	expect(await findEach(byMobile, (replica, text) => replica.findByMobile(text, 10))).toEqual(byMobile);
});

test('an e-mail address is found by its beginning, in any case', async () => {
	const byEmail = { 'anna.kiss@example.com': ['anna'], ANNA: ['anna'], 'zsofia@': ['zsofia'], kiss: [], _nna: [] };
	expect(await findEach(byEmail, (replica, text) => replica.findByEmail(text, 10))).toEqual(byEmail);
});

test('a barcode typed in part is found by its beginning, and from four characters on by its end', async () => {
	const byPart = {
		'2900': ['anna', 'annabella'],
		'1234': ['anna'],
		'01234': ['anna'],
		'234': [],
		PASS: ['zsofia'],
		'7788': ['zsofia'],
		'0042': ['zsofia'],
		'ON-1': ['oneil'],
		'%1234': [],
	};
	expect(await findEach(byPart, (replica, text) => replica.searchByBarcode(text, 10))).toEqual(byPart);
});

test('a barcode is found by its exact value, whatever its kind and status', async () => {
	const replica = await openPeople();
	const by = async (value: string): Promise<string | null> => (await replica.findByBarcode(LoyaltyBarcodeSchema.parse(value)))?.id ?? null;
	expect([await by('2900000001234'), await by('PASS-7788'), await by('ON-1'), await by('pass-7788'), await by('290000000123')]).toEqual([
		'anna',
		'zsofia',
		'oneil',
		null,
		null,
	]);
});

test('an answer has as many members as asked for and never more than the limit', async () => {
	const { replica } = await openFreshReplica();
	await load(replica, snapshotOf(memberRows(500)));
	expect(await replica.searchByName('a', 7)).toHaveLength(7);
	expect(await replica.findByMobile('+36', 100)).toHaveLength(100);
	expect(await replica.searchByBarcode('29', 3)).toHaveLength(3);
	await expect(replica.findByEmail('m', 101)).rejects.toThrow('1 to 100');
	expect(await replica.findByMobile('+'.repeat(1000), 5)).toEqual([]);
});

test('twenty thousand members are found by every way of looking', { timeout: 60_000 }, async () => {
	const rows = memberRows(20_000);
	const { replica } = await openFreshReplica();
	await load(replica, snapshotOf(rows));
	expect(replica.state().rows).toBe(20_000);
	for (let index = 0; index < rows.length; index += 997) {
		const [id, ver, , card, , firstName, lastName, mobile, email, points] = rows[index] ?? [];
		if (id === undefined || card === null || card === undefined) throw new Error('a row with a card');
		const member = await replica.findById(id);
		expect(member).toMatchObject({ id, ver, card, firstName, lastName, mobile, email, points });
		expect(await replica.findByBarcode(card)).toEqual(member);
		expect(await replica.findByMobile(mobile ?? '', 5)).toEqual([member]);
		expect(await replica.findByEmail(email?.toUpperCase() ?? '', 5)).toEqual([member]);
		expect(await replica.searchByName(`${lastName} ${firstName}`, 5)).toContainEqual(member);
		expect(await replica.searchByBarcode(card.slice(-8), 5)).toContainEqual(member);
	}
});

test.each([
	['findById', BY_ID, ['x'], ['SEARCH member USING INDEX member_id (id=?)']],
	[
		'findByBarcode',
		BY_BARCODE,
		['x'],
		['SEARCH member USING COVERING INDEX member_card (card=?)', 'SEARCH alias USING PRIMARY KEY (value=?)'],
	],
	['findByMobile', BY_MOBILE, ['x', 'y', 5], ['SEARCH member USING INDEX member_mobile (mobile>? AND mobile<?)']],
	['findByEmail', BY_EMAIL, ['x', 'y', 5], ['SEARCH member USING INDEX member_email (email>? AND email<?)']],
	[
		'searchByBarcode',
		BY_BARCODE_PART,
		['x', 'y', 'z', 5],
		[
			'SEARCH member USING COVERING INDEX member_card (card>? AND card<?)',
			'SEARCH member USING INDEX member_card_end (<expr>=?)',
			'SEARCH alias USING COVERING INDEX alias_end (<expr>=?)',
		],
	],
	[
		'searchByName',
		BY_NAME,
		['x', 'y', 5],
		['SCAN member_name VIRTUAL TABLE INDEX 0:M2', 'SEARCH member USING INTEGER PRIMARY KEY (rowid=?)'],
	],
])('%s goes by index, never over the table', async (_what, sql, values, expected) => {
	const { replica, folder } = await openFreshReplica();
	await load(replica, snapshotOf(memberRows(2000)));
	await replica.close();
	const connection = await openConnection({ file: path.join(folder, 'replica.db'), mode: 'read_only', pragmas: {} });
	const plan = (await connection.all(`EXPLAIN QUERY PLAN ${sql}`, values)).map(({ detail }) => String(detail));
	await connection.close();
	expect(plan).toEqual(expect.arrayContaining(expected));
	expect(plan.filter((step) => /^SCAN (member|alias)\b(?! VIRTUAL)(?!_)/.test(step))).toEqual([]);
});
