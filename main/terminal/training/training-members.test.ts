import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBarcode } from '#shared/domain/loyalty-barcode.ts';
import { MemberRowSchema } from '#shared/wire/member-row.ts';
import { NOON_MS, openFakeContext, orThrow, PROGRAMME } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { identify } from '../member/identify.ts';
import { loadTraining } from './load-training.ts';
import { TRAINING_MEMBERS, trainingCard, trainingMembers } from './training-members.ts';
import { TRAINING_PROGRAMME, trainingIdentity } from './training-programme.ts';

let fake: FakeContext;
beforeAll(async () => {
	fake = await openFakeContext();
	orThrow(await loadTraining(fake.context.replica, PROGRAMME, NOON_MS));
});
afterAll(async () => fake.close());

test('the invented members are the same at every start, and have the form in which headquarters writes members', () => {
	const rows = trainingMembers(TRAINING_PROGRAMME, NOON_MS);
	expect(rows).toHaveLength(TRAINING_MEMBERS);
	expect(trainingMembers(TRAINING_PROGRAMME, NOON_MS)).toEqual(rows);
	for (const row of rows) expect(MemberRowSchema.safeParse(row).success).toBe(true);
	const [ids, cards, mobiles] = [0, 3, 7].map((column) => new Set(rows.map((row) => row[column])));
	expect([ids?.size, cards?.size, mobiles?.size]).toEqual([TRAINING_MEMBERS, TRAINING_MEMBERS, TRAINING_MEMBERS]);
});

test('their cards are cards of the programme, whatever series it has, and none is one that a trainee hands out', () => {
	for (const cardSeries of [TRAINING_PROGRAMME.cardSeries, [{ id: 's', prefix: 'VIP', length: 9, check: 'none' as const }], []]) {
		const programme = { ...TRAINING_PROGRAMME, cardSeries };
		for (const index of [0, 1, TRAINING_MEMBERS - 1]) {
			expect(readBarcode(trainingCard(programme, index), programme)).toMatchObject({ kind: 'card', seriesId: cardSeries[0]?.id ?? null });
		}
		expect(trainingIdentity(programme).cardBlock?.first).toBeGreaterThan(TRAINING_MEMBERS);
	}
});

test.each([
	['a member with points and rewards', 0, { kind: 'found', member: { points: 3840, tierId: 'gold' } }],
	['a beginner', 1, { kind: 'found', member: { points: 0, rewards: [] } }],
	['a blocked card', 2, { kind: 'blocked_card', cardStatus: 'blocked' }],
	['a suspended member', 3, { kind: 'found', member: { status: 'suspended' } }],
	['a member without a name', 4, { kind: 'found', member: { name: null } }],
	['a balance of seven digits', 5, { kind: 'found', member: { points: 1_234_567 } }],
])('a trainee can scan %s', async (_what, index, answer) => {
	expect(orThrow(await identify(fake.context, { text: trainingCard(PROGRAMME, index), source: 'scan' }))).toMatchObject(answer);
});

test('a trainee can search by name, and finds names of more than one script', async () => {
	for (const text of ['Kovács', 'smith', '佐藤', 'فاطمة'])
		expect(['found', 'several']).toContain(orThrow(await identify(fake.context, { text, source: 'typed' })).kind);
});
