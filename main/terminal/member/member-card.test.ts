import { afterEach, beforeEach, expect, test } from 'vitest';
import { must } from '#shared/lib/assert.ts';
import { earn } from '../sale/earn.ts';
import { card, memberId, memberRow, NOON_MS, openFakeContext, orThrow, requestId } from '../fake-context.ts';
import type { FakeContext } from '../fake-context.ts';
import { enrol } from '../enrolment/enrol.ts';
import { identify, openMember } from './identify.ts';

const EVA = { id: 'EVA', card: card(1), name: ['Éva', 'Nagy'], points: 3840 } as const;

let fake: FakeContext;
let requests = 0;
beforeEach(async () => {
	fake = await openFakeContext([memberRow(EVA)]);
});
afterEach(async () => fake.close());

async function open(id: string): Promise<unknown> {
	return orThrow(await openMember(fake.context, { memberId: memberId(id) }));
}

/** A sale of `points` euros for a beginner. */
async function sell(euros: number, id = 'EVA'): Promise<ReturnType<typeof memberId>> {
	requests += 1;
	const input = {
		requestId: requestId(requests),
		receiptNumber: `R-${requests}`,
		amountMinor: euros * 100,
		currency: 'EUR',
		isRepeatConfirmed: false,
	};
	orThrow(await earn(fake.context, { ...input, member: { memberId: memberId(id) } }));
	return memberId(id);
}

test('shows all that headquarters told, and no contact', async () => {
	await fake.change([
		memberRow({
			...EVA,
			ver: 2,
			mobile: '+36201112233',
			email: 'nagy.eva@example.com',
			tierPoints: 2500,
			profile: {
				language: 'hu',
				opt_in_at: 1_631_673_016_000,
				last_visit_at: 1_795_000_000_000,
				pending: 90,
				expiring: { points: 120, on: '2026-12-31' },
				consents: { terms: true, email: false },
				rewards: [
					{ id: 'coffee', name: 'Free coffee', cost: 500, note: 'stock 12' },
					{ id: 'off', name: '5 € off', needs_line: true },
				],
				stamp_cards: [{ id: 'c', name: 'Coffee', total: 6, count: 4 }],
				of_a_later_version: 1,
			},
		}),
	]);
	const shown = await open('EVA');
	expect(shown).toEqual({
		memberId: 'EVA',
		name: 'Nagy Éva',
		firstName: 'Éva',
		initials: 'NÉ',
		barcode: card(1),
		status: 'active',
		tierId: 'gold',
		tierPoints: 2500,
		points: 3840,
		pendingPoints: 90,
		expiring: { points: 120, on: '2026-12-31' },
		lastVisitAtMs: 1_795_000_000_000,
		memberSinceMs: 1_631_673_016_000,
		consents: { terms: true, email: false },
		rewards: [
			{ id: 'coffee', name: 'Free coffee', cost: 500, note: 'stock 12', needsLine: false },
			{ id: 'off', name: '5 € off', cost: null, note: null, needsLine: true },
		],
		stampCards: [{ id: 'c', name: 'Coffee', total: 6, count: 4 }],
		asOfMs: NOON_MS,
		isBalanceUpdating: false,
		isLocal: false,
	});
	expect(JSON.stringify(shown)).not.toMatch(/example\.com|1112233/);
});

test('a balance says how old it is', async () => {
	await fake.time.pass(3_600_000);
	expect(await open('EVA')).toMatchObject({ asOfMs: NOON_MS });
	await fake.change([]);
	expect(await open('EVA')).toMatchObject({ asOfMs: NOON_MS + 3_600_000 });
});

test('own points are pending until the replica has them, at whatever moment the answer and the page arrive', async () => {
	await sell(100);
	expect(await open('EVA')).toMatchObject({ points: 3840, pendingPoints: 125 });
	const [entry] = await fake.context.outbox.takeBatch({ events: 1, bytes: 100_000, nowMs: NOON_MS });
	expect(await open('EVA')).toMatchObject({ points: 3840, pendingPoints: 125 });
	// The answer first: the points are headquarters', but not in this replica yet.
	const result = {
		event_id: must(entry, 'an entry').eventId,
		status: 'applied',
		applied_to: memberId('EVA'),
		applied_ver: 2,
		points: 130,
	} as const;
	await fake.context.outbox.settle([result], NOON_MS);
	expect(await open('EVA')).toMatchObject({ points: 3840, pendingPoints: 130 });
	await fake.change([memberRow({ ...EVA, ver: 2, points: 3970 })]);
	expect(await open('EVA')).toMatchObject({ points: 3970, pendingPoints: 0 });
	await fake.change([memberRow({ ...EVA, ver: 9, points: 4000 })]);
	expect(await open('EVA')).toMatchObject({ points: 4000, pendingPoints: 0 });
});

test('refused points never count', async () => {
	await sell(100);
	const [entry] = await fake.context.outbox.takeBatch({ events: 1, bytes: 100_000, nowMs: NOON_MS });
	const error = { type: 'x', code: 5003, message: 'x' };
	await fake.context.outbox.settle([{ event_id: must(entry, 'an entry').eventId, status: 'rejected', error }], NOON_MS);
	expect(await open('EVA')).toMatchObject({ pendingPoints: 0 });
});

test('a balance that lacks the points of a card joined to it says that it is being updated', async () => {
	await fake.change([memberRow({ id: 'OTHER', ver: 7, status: 'merged', mergedInto: 'EVA' })]);
	expect(await open('OTHER')).toMatchObject({ memberId: 'EVA', isBalanceUpdating: true });
	expect(await open('EVA')).toMatchObject({ memberId: 'EVA', isBalanceUpdating: true });
	await fake.change([memberRow({ ...EVA, ver: 7, points: 3900 })]);
	expect(await open('OTHER')).toMatchObject({ memberId: 'EVA', points: 3900, isBalanceUpdating: false });
});

test('points that were recorded for a member before it was merged are pending for the one that it is now', async () => {
	await fake.change([memberRow({ id: 'OTHER', name: ['Evi', 'Nagy'] })]);
	await sell(100, 'OTHER');
	await fake.change([memberRow({ id: 'OTHER', ver: 2, status: 'merged', mergedInto: 'EVA' }), memberRow({ ...EVA, ver: 2 })]);
	for (const id of ['OTHER', 'EVA']) expect(await open(id)).toMatchObject({ memberId: 'EVA', points: 3840, pendingPoints: 100 });
	const scanned = orThrow(await identify(fake.context, { text: card(1), source: 'scan' }));
	expect(scanned).toMatchObject({ kind: 'found', member: { points: 3840, pendingPoints: 100, isBalanceUpdating: false } });
	const [entry] = await fake.context.outbox.takeBatch({ events: 1, bytes: 100_000, nowMs: NOON_MS });
	const result = {
		event_id: must(entry, 'an entry').eventId,
		status: 'applied',
		applied_to: memberId('EVA'),
		applied_ver: 3,
		points: 100,
	} as const;
	await fake.context.outbox.settle([result], NOON_MS);
	expect(await open('EVA')).toMatchObject({ memberId: 'EVA', points: 3840, pendingPoints: 100 });
	await fake.change([memberRow({ ...EVA, ver: 3, points: 3940 })]);
	expect(await open('EVA')).toMatchObject({ points: 3940, pendingPoints: 0 });
	expect(await open('OTHER')).toMatchObject({ points: 3940, pendingPoints: 0 });
});

test('points that headquarters gave to somebody else are shown there as soon as that row is here, and until then the balance says so', async () => {
	await sell(100);
	const [entry] = await fake.context.outbox.takeBatch({ events: 1, bytes: 100_000, nowMs: NOON_MS });
	const outcome = { status: 'applied', applied_to: memberId('WINNER'), applied_ver: 6, points: 125 } as const;
	await fake.context.outbox.settle([{ event_id: must(entry, 'an entry').eventId, ...outcome }], NOON_MS);
	expect(await open('EVA')).toMatchObject({ points: 3840, pendingPoints: 125, isBalanceUpdating: true });
	// The winner's row comes first: of the merge nothing is known yet.
	await fake.change([memberRow({ id: 'WINNER', ver: 6, points: 4000 })]);
	expect(await open('EVA')).toMatchObject({ points: 3840, pendingPoints: 0 });
	expect(await open('WINNER')).toMatchObject({ points: 4000, pendingPoints: 0 });
	await fake.change([memberRow({ ...EVA, ver: 5, status: 'merged', mergedInto: 'WINNER' })]);
	for (const id of ['WINNER', 'EVA']) expect(await open(id)).toMatchObject({ points: 4000, pendingPoints: 0, isBalanceUpdating: false });
});

test('points that wait for a stub are those of whoever was enrolled here with its card, from the moment that one has absorbed it', async () => {
	const form = { barcode: card(50), firstName: 'Új', lastName: '', mobile: '', email: 'uj@example.org' };
	const consents = [{ purpose: 'terms', granted: true, version: 1, language: 'hu' } as const];
	await fake.change([memberRow({ id: 'STUB', status: 'stub', card: card(50) })]);
	await sell(10, 'STUB');
	const { member } = orThrow(await enrol(fake.context, { requestId: requestId(9001), form, consents }));
	await fake.change([memberRow({ id: 'STUB', ver: 2, status: 'merged', mergedInto: member.memberId })]);
	expect(await open(member.memberId)).toMatchObject({ isLocal: true, points: 0, pendingPoints: 10, isBalanceUpdating: true });
	await fake.change([memberRow({ id: member.memberId, ver: 2, card: card(50) })]);
	expect(await open(member.memberId)).toMatchObject({ isLocal: false, points: 0, pendingPoints: 10, isBalanceUpdating: false });
});

test('points that a stub got for a card are its owner’s, and not counted again when the stub’s tombstone is gone', async () => {
	requests += 1;
	const till = { receiptNumber: 'R-S', amountMinor: 1000, currency: 'EUR', isRepeatConfirmed: false };
	orThrow(await earn(fake.context, { ...till, requestId: requestId(requests), member: { barcode: card(50) } }));
	const [entry] = await fake.context.outbox.takeBatch({ events: 1, bytes: 100_000, nowMs: NOON_MS });
	const outcome = { status: 'applied', applied_to: memberId('STUB'), applied_ver: 1, points: 10 } as const;
	await fake.context.outbox.settle([{ event_id: must(entry, 'an entry').eventId, ...outcome }], NOON_MS);
	const owner = memberRow({ id: 'OWNER', ver: 2, card: card(50), points: 10 });
	const open50 = async (): Promise<unknown> => orThrow(await identify(fake.context, { text: card(50), source: 'scan' }));
	await fake.change([owner, memberRow({ id: 'STUB', ver: 2, status: 'merged', mergedInto: 'OWNER' })]);
	expect(await open50()).toMatchObject({ member: { points: 10, pendingPoints: 0, isBalanceUpdating: false } });
	// Of the owner's row alone nobody can say whether the stub's is still to come, until it would have come long ago.
	await fake.load([owner]);
	expect(await open50()).toMatchObject({ member: { points: 10, pendingPoints: 10, isBalanceUpdating: true } });
	await fake.time.pass(200 * 86_400_000);
	await fake.change([]);
	expect(await open50()).toMatchObject({ member: { points: 10, pendingPoints: 0, isBalanceUpdating: false } });
});

test('a member who arrives between the look into the replica and the one into the outbox is found', async () => {
	const { outbox } = fake.context;
	const form = { barcode: card(50), firstName: 'Új', lastName: '', mobile: '', email: 'uj@example.org' };
	const consents = [{ purpose: 'terms', granted: true, version: 1, language: 'hu' } as const];
	const { member } = orThrow(await enrol(fake.context, { requestId: requestId(9001), form, consents }));
	const findEnrolment: typeof outbox.findEnrolment = async (by) => {
		await fake.change([memberRow({ id: member.memberId, card: card(50), name: ['Új', null], points: 7 })]);
		await outbox.forgetEnrolments([member.memberId]);
		return outbox.findEnrolment(by);
	};
	const context = { ...fake.context, outbox: { ...outbox, findEnrolment } };
	expect(orThrow(await identify(context, { text: card(50), source: 'scan' }))).toMatchObject({
		kind: 'found',
		member: { points: 7, isLocal: false },
	});
});

test('a member without a name has none, and no letters for a list', async () => {
	await fake.change([memberRow({ id: 'NAMELESS', name: [null, null] })]);
	expect(await open('NAMELESS')).toMatchObject({ name: null, firstName: null, initials: '', barcode: null });
});
