import { mkdtemp, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { withCheckDigit } from '#shared/domain/loyalty-barcode.ts';
import { forgottenCardHash } from '../ledger/batch/forget-card.ts';
import { openFakeHeadquarters } from '../feed/fake-context.ts';
import type { FakeHeadquarters } from '../feed/fake-context.ts';
import { importSynthetic } from './import-synthetic.ts';
import { importMembers } from './import.ts';

let hq: FakeHeadquarters;
let folder: string;

beforeAll(async () => {
	hq = await openFakeHeadquarters();
	folder = await mkdtemp(join(tmpdir(), 'regulars-import-'));
});

beforeEach(async () => {
	await hq.reset();
});

afterAll(async () => {
	await hq.close();
	await rm(folder, { recursive: true });
});

const HEADER =
	'loyalty_barcode,first_name,last_name,mobile_phone,email,points,tier_points,status,language,opt_in_at,consents_email,consents_sms';

test('a CSV row becomes a member with an opening balance, a tier and an entry for its card', async () => {
	const path = await put(
		'one.csv',
		`\uFEFF${HEADER}\n${card(1)},Éva,"Nagy, Dr.",06 30 123 4567,eva@example.com,3840,2100,active,hu,2024-05-01,yes,0\n`,
	);
	expect(await importMembers(hq.context, path)).toEqual({
		ok: true,
		value: { imported: 1, rejected: 0, rejectedPath: null, resumedAtLine: null, wasFinished: false },
	});
	const [member] = await hq.context.database.query('SELECT * FROM member');
	expect(member).toMatchObject({
		ver: 1,
		seq: 0,
		card: card(1),
		card_status: 'active',
		first_name: 'Éva',
		last_name: 'Nagy, Dr.',
		mobile: '+36301234567',
		points: 3840,
		earned: 3840,
		opening_points: 3840,
		tier: 'gold',
		profile: { language: 'hu', opt_in_at: Date.UTC(2024, 4, 1), consents: { email: true, sms: false } },
	});
	expect(await hq.context.database.query('SELECT card, kind, status FROM card_index')).toEqual([
		{ card: card(1), kind: 'card', status: 'active' },
	]);
});

test.each([
	['semicolons', 'loyalty_barcode;first_name;points\n', ';'],
	['tabs', 'loyalty_barcode\tfirst_name\tpoints\n', '\t'],
])('a file with %s is read like one with commas', async (_, header, delimiter) => {
	const path = await put('delimited.csv', header + [card(1), 'A, B', '5'].join(delimiter));
	expect(await importMembers(hq.context, path)).toMatchObject({ ok: true, value: { imported: 1 } });
	expect(await hq.context.database.query('SELECT first_name, points FROM member')).toEqual([{ first_name: 'A, B', points: 5 }]);
});

test('NDJSON with the same fields gives the same members', async () => {
	const rows = [{ id: 'm-1', loyalty_barcode: card(1), first_name: '美咲', points: 7, consents_sms: true }, { email: 'only@example.com' }];
	const path = await put('members.ndjson', rows.map((row) => JSON.stringify(row)).join('\n'));
	expect(await importMembers(hq.context, path)).toMatchObject({ ok: true, value: { imported: 2 } });
	expect(await hq.context.database.query('SELECT first_name, email FROM member ORDER BY email NULLS FIRST')).toEqual([
		{ first_name: '美咲', email: null },
		{ first_name: null, email: 'only@example.com' },
	]);
});

test('bad rows are listed with the line they begin on and the reason, and cost no other row', async () => {
	const rows = [
		`${card(1)},"two\nlines",,,,1,,,,,,`,
		`${card(2)},wrong points,,,,1.5,,,,,,`,
		`2900000000019,wrong digit,,,,,,,,,,`,
		`${card(1)},same card,,,,,,,,,,`,
		`${card(3)},too few fields`,
		'',
		`,nobody,,,,,,,,,,`,
		`${card(4)},bad"quote,,,,,,,,,,`,
		`${card(5)},status,,,,,,gone,,,,`,
		`${card(6)},phone,,12,,,,,,,,`,
		`${card(7)},mail,,,no mail,,,,,,,`,
		`9900000041908,coupon,,,,,,,,,,`,
		`${card(10)},rich,,,,9999999999999,,,,,,`,
		`${card(11)},in debt to a tier,,,,,-1,,,,,`,
		`${card(12)},date,,,,,,,,12.5.2024,,`,
		`${card(13)},answer,,,,,,,,,maybe,`,
		`${card(14)},${'x'.repeat(101)},,,,,,,,,,`,
		`${card(8)},good,,,,,,,,,,`,
	];
	const path = await put('bad.csv', [HEADER, ...rows].join('\r\n'));
	expect(await importMembers(hq.context, path)).toMatchObject({
		ok: true,
		value: { imported: 2, rejected: 15, rejectedPath: `${path}.rejected` },
	});
	expect((await readFile(`${path}.rejected`, 'utf8')).split('\n')).toEqual([
		'line\treason',
		'4\tpoints is not a whole number',
		'5\tloyalty_barcode has a wrong check digit',
		'6\tloyalty_barcode is that of line 2',
		'7\thas 2 fields, the header row has 12',
		'9\thas neither loyalty_barcode nor mobile_phone nor email',
		'10\ta quote stands inside a field that does not begin with one',
		'11\tstatus is not active, inactive or suspended',
		'12\tmobile_phone is no phone number',
		'13\temail is no e-mail address',
		'14\tloyalty_barcode is a coupon',
		'15\tpoints is beyond a million million',
		'16\ttier_points is negative',
		'17\topt_in_at is neither an ISO 8601 date nor unix seconds',
		'18\tconsents_email is neither yes nor no',
		'19\tfirst_name is longer than 100 characters',
		'',
	]);
	expect(await hq.context.database.query('SELECT first_name FROM member ORDER BY card')).toEqual([
		{ first_name: 'two lines' },
		{ first_name: 'good' },
	]);
});

test('NDJSON rows that are no object, have unknown fields or impossible text are rejected', async () => {
	const lines = [
		'[1]',
		'{"loyalty_barcode":',
		`{"loyalty_barcode":"${card(1)}","nickname":"x"}`,
		`{"loyalty_barcode":"${card(1)}","first_name":"\\u0000"}`,
		`{"loyalty_barcode":"${card(1)}","first_name":"\\ud800"}`,
	];
	const path = await put('bad.ndjson', `{"loyalty_barcode":"${card(9)}"}\n${lines.join('\n')}`);
	expect(await importMembers(hq.context, path)).toMatchObject({ ok: true, value: { imported: 1, rejected: 5 } });
	const list = await readFile(`${path}.rejected`, 'utf8');
	expect(list.split('\n').slice(1, -1)).toEqual([
		'2\tis no JSON object',
		'3\tmalformed JSON',
		'4\thas an unknown field',
		'5\tfirst_name has characters that no text has',
		'6\tfirst_name has characters that no text has',
	]);
});

test('a card or an id that a member of the database has is rejected, whoever brought it', async () => {
	await importMembers(hq.context, await put('first.csv', `id,loyalty_barcode\nm-1,${card(1)}\n`));
	const second = await put('second.csv', `id,loyalty_barcode\nm-1,${card(2)}\nm-2,${card(1)}\nm-3,${card(3)}\n`);
	expect(await importMembers(hq.context, second)).toMatchObject({ ok: true, value: { imported: 1, rejected: 2 } });
	expect(await readFile(`${second}.rejected`, 'utf8')).toBe(
		'line\treason\n2\tid belongs to a member already\n3\tloyalty_barcode belongs to a member already\n',
	);
});

test('an old list does not bring back a member who opted out, but their card may belong to somebody who joined later', async () => {
	const forgotten = [card(1), card(2)].map((code) => forgottenCardHash(code, hq.context.secret));
	await hq.context.database.exec('TRUNCATE forgotten_card');
	for (const hash of forgotten) {
		await hq.context.database.query("INSERT INTO forgotten_card (card_hash, member_id, forgotten_at) VALUES ($1, 'gone', $2)", [
			hash,
			Date.UTC(2025, 0, 1),
		]);
	}
	const path = await put('old.csv', `loyalty_barcode,opt_in_at\n${card(1)},2020-03-01\n${card(2)},2025-06-01\n${card(3)},\n`);
	expect(await importMembers(hq.context, path)).toMatchObject({ ok: true, value: { imported: 2, rejected: 1 } });
	expect(await readFile(`${path}.rejected`, 'utf8')).toBe('line\treason\n2\tloyalty_barcode is that of a member who opted out\n');
	await hq.context.database.exec('TRUNCATE forgotten_card');
});

test.each([
	['an unknown column', 'loyalty_barcode,loyality_points\n', 'has the unknown column "loyality_points"'],
	['a column twice', 'email,points,email\n', 'has the column "email" twice'],
	['nothing in it', '', 'the file is empty'],
	['UTF-16', Buffer.from('\uFEFFemail\n', 'utf16le'), 'the file is UTF-16'],
])('a file with %s is refused as a whole', async (_, content, message) => {
	const path = await put('refused.csv', content);
	const result = await importMembers(hq.context, path);
	expect(result).toMatchObject({ ok: false, error: { kind: 'malformed' } });
	expect(result.ok ? '' : result.error.message).toContain(message);
});

test('a file that is not there is refused', async () => {
	expect(await importMembers(hq.context, join(folder, 'nowhere.csv'))).toMatchObject({ ok: false, error: { kind: 'unreadable' } });
});

test('an import that was stopped goes on behind its last page, and a finished one is not done again', async () => {
	const path = await putMany('large.csv', 9_000);
	const stop = new AbortController();
	const stopped = await importMembers(hq.context, path, { signal: stop.signal, onProgress: () => stop.abort() });
	expect(stopped).toMatchObject({ ok: false, error: { kind: 'aborted' } });
	expect(await count('member')).toBe(1_998);

	const shares: number[] = [];
	const finished = await importMembers(hq.context, path, { onProgress: ({ done, total }) => shares.push(done / total) });
	expect(finished).toMatchObject({ ok: true, value: { imported: 8_991, rejected: 9, resumedAtLine: 2_002, wasFinished: false } });
	expect(await count('member')).toBe(8_991);
	expect(shares.at(-1)).toBe(1);
	expect(await importMembers(hq.context, path)).toMatchObject({ ok: true, value: { imported: 8_991, wasFinished: true } });
	expect(await count('member')).toBe(8_991);
	expect((await readFile(`${path}.rejected`, 'utf8')).split('\n')).toEqual([
		'line\treason',
		...Array.from({ length: 9 }, (_, index) => `${index * 1000 + 2}\tpoints is not a whole number`),
		'',
	]);
});

test('a page that did not commit leaves neither members nor lines in the list', async () => {
	const path = await putMany('broken.csv', 6_000);
	const { database } = hq.context;
	let pages = 0;
	const failing = {
		...database,
		tx: ((run) =>
			database.tx(async (tx) => {
				const value = await run(tx);
				pages += 1;
				// The power goes after the page's last statement and before its commit.
				if (pages === 2) throw new Error('cut');
				return value;
			})) satisfies typeof database.tx,
	};
	await expect(importMembers({ ...hq.context, database: failing }, path)).rejects.toThrow('cut');
	expect(await count('member')).toBe(1_998);
	expect(await importMembers(hq.context, path)).toMatchObject({ ok: true, value: { imported: 5_994, rejected: 6, resumedAtLine: 2_002 } });
	expect(await count('member')).toBe(5_994);
	expect((await readFile(`${path}.rejected`, 'utf8')).split('\n')).toHaveLength(8);
});

test('a file that was changed is another file', async () => {
	const path = await put('changing.csv', `loyalty_barcode\n${card(1)}\n`);
	await importMembers(hq.context, path);
	const { atime, mtimeMs } = await stat(path);
	await utimes(path, atime, new Date(mtimeMs + 5_000));
	expect(await importMembers(hq.context, path)).toMatchObject({ ok: true, value: { imported: 0, rejected: 1, wasFinished: false } });
});

test('two runs of one import do not add anybody twice', async () => {
	const path = await putMany('twice.csv', 8_000);
	const results = await Promise.all([importMembers(hq.context, path), importMembers(hq.context, path)]);
	expect(results.filter((result) => result.ok)).toHaveLength(1);
	expect(results.find((result) => !result.ok)).toMatchObject({ error: { kind: 'other_run' } });
	expect(await count('member')).toBe(7_992);
	expect((await readFile(`${path}.rejected`, 'utf8')).split('\n')).toHaveLength(10);
});

test('members go through the feed once a terminal may hold a cursor, and not before', async () => {
	let announced = 0;
	const context = { ...hq.context, announceStaged: () => (announced += 1) };
	await importMembers(context, await put('before.csv', `loyalty_barcode\n${card(1)}\n`));
	expect([await count('change_staging'), announced]).toEqual([0, 0]);
	await hq.context.database.query('UPDATE hq_state SET feed_opened_at = 1');
	await importMembers(context, await put('after.csv', `loyalty_barcode\n${card(2)}\n${card(3)}\n`));
	expect([await count('change_staging'), announced]).toEqual([2, 1]);
	expect(
		await hq.context.database.query(
			'SELECT DISTINCT m.card FROM change_staging s JOIN member m ON m.id = s.member_id AND m.shard = s.shard ORDER BY m.card',
		),
	).toEqual([{ card: card(2) }, { card: card(3) }]);
});

test('a synthetic base grows to the size that is asked for, and its balances are opening balances', async () => {
	expect(await importSynthetic(hq.context, { count: 2_500 })).toEqual({ ok: true, value: { added: 2_500 } });
	expect(await importSynthetic(hq.context, { count: 2_500 })).toEqual({ ok: true, value: { added: 0 } });
	expect(await importSynthetic(hq.context, { count: 6_000 })).toEqual({ ok: true, value: { added: 3_500 } });
	const [sums] = await hq.context.database.query(
		`SELECT count(*)::int AS members, (sum(points) = sum(opening_points))::boolean AS is_conserved,
			bool_and(points = earned - spent - reserved - expired) AS is_split, (SELECT count(*) FROM card_index)::int AS cards FROM member`,
	);
	expect(sums).toMatchObject({ members: 6_000, is_conserved: true, is_split: true });
	const [codes] = await hq.context.database.query('SELECT sum(1 + jsonb_array_length(aliases))::int AS cards FROM member');
	expect(sums).toMatchObject(codes ?? {});
});

function card(number: number): string {
	return withCheckDigit(`29${String(number).padStart(10, '0')}`, 'mod10');
}

async function put(name: string, content: string | Buffer): Promise<string> {
	const path = join(folder, name);
	await writeFile(path, content);
	return path;
}

/** Every thousandth row is bad. */
async function putMany(name: string, rows: number): Promise<string> {
	const lines = Array.from({ length: rows }, (_, index) => `${card(index + 1)},${index % 1000 === 0 ? 'x' : index}`);
	return put(name, `loyalty_barcode,points\n${lines.join('\n')}\n`);
}

async function count(table: string): Promise<number> {
	const [row] = await hq.context.database.query<{ rows: number }>(`SELECT count(*)::int AS rows FROM ${table}`);
	return row?.rows ?? -1;
}
