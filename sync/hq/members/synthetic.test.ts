import { isValidPhoneNumber } from 'libphonenumber-js/max';
import { expect, test } from 'vitest';
import { tierFor } from '#shared/domain/earn.ts';
import { hasMod10, readBarcode } from '#shared/domain/loyalty-barcode.ts';
import { shardOf } from '#shared/domain/shard.ts';
import { must } from '#shared/lib/assert.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import { MemberRowSchema } from '#shared/wire/member-row.ts';
import { DEFAULT_PROGRAMME } from '../programme.ts';
import type { NewMember } from './new-member.ts';
import { barcodesToTry } from './showcase.ts';
import { createSyntheticBase, SYNTHETIC_SEED } from './synthetic.ts';

const base = createSyntheticBase(SYNTHETIC_SEED, DEFAULT_PROGRAMME);
const sample = Array.from({ length: 20_000 }, (_, index) => base.member(index));

test('a member depends on nothing but seed and index', () => {
	const again = createSyntheticBase(SYNTHETIC_SEED, DEFAULT_PROGRAMME);
	const backwards = [19_999, 4_321, 777, 10, 3, 0].map((index) => again.member(index));
	expect(backwards).toEqual([19_999, 4_321, 777, 10, 3, 0].map((index) => sample[index]));
	expect(createSyntheticBase(1, DEFAULT_PROGRAMME).member(500)).not.toEqual(sample[500]);
});

test('every member is a valid row of a snapshot', () => {
	for (const member of sample) expect(() => MemberRowSchema.parse(toRow(member))).not.toThrow();
});

test('every card and old card is an EAN-13 of the membership series, and nobody has another one', () => {
	const codes = sample.flatMap((member) => [must(member.card, 'a card'), ...member.aliases.map(([value]) => value)]);
	expect(new Set(codes).size).toBe(codes.length);
	const cards = codes.filter((code) => !code.startsWith('PASS-'));
	expect(cards.filter((card) => !/^29\d{11}$/.test(card) || !hasMod10(card))).toEqual([]);
	expect(codes.filter((code) => readBarcode(code, DEFAULT_PROGRAMME).kind !== 'card')).toEqual([]);
});

test('cards stay below the blocks of terminals', () => {
	const highest = base.member(999_998_999);
	expect(Number(must(highest.card, 'a card').slice(2, 12))).toBeLessThan(2_000_000_000);
	expect(() => base.member(999_999_000)).toThrow('a synthetic member has a card number');
});

test('every phone number is valid in its country and belongs to one member', () => {
	const mobiles = sample.flatMap((member) => member.mobile ?? []);
	expect(mobiles.filter((mobile) => !isValidPhoneNumber(mobile))).toEqual([]);
	expect(new Set(mobiles).size).toBe(mobiles.length);
});

test('ids are version 7 UUIDs in rising order, spread evenly over the shards', () => {
	const ids = sample.map((member) => member.id);
	expect(ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id))).toBe(true);
	expect(ids.toSorted()).toEqual(ids);
	const counts = Map.groupBy(ids, (id) => shardOf(id, SHARD_COUNT));
	expect(counts.size).toBe(SHARD_COUNT);
	expect(Math.max(...[...counts.values()].map((shard) => shard.length))).toBeLessThan((20_000 / SHARD_COUNT) * 1.4);
});

test('tiers fit their points, and every tier, script and rare state occurs', () => {
	expect(sample.filter((member) => member.tier !== tierFor(member.tierPoints, DEFAULT_PROGRAMME).id)).toEqual([]);
	expect(new Set(sample.map((member) => member.tier)).size).toBe(DEFAULT_PROGRAMME.tiers.length);
	for (const script of ['Latin', 'Arabic', 'Han', 'Thai', 'Greek', 'Cyrillic', 'Hebrew', 'Hangul']) {
		expect(sample.some((member) => new RegExp(`\\p{Script=${script}}`, 'u').test(member.firstName ?? ''))).toBe(true);
	}
	const share = (has: (member: NewMember) => boolean): number => sample.filter(has).length / sample.length;
	expect(share((member) => member.cardStatus === 'blocked')).toBeCloseTo(0.01, 2);
	expect(share((member) => member.status === 'suspended')).toBeGreaterThan(0.001);
	expect(share((member) => member.firstName === null && member.lastName === null)).toBeGreaterThan(0.0005);
	expect(share((member) => member.firstName !== null && member.lastName === null)).toBeGreaterThan(0.002);
	expect(share((member) => member.aliases.length > 0)).toBeGreaterThan(0.03);
});

test('the first ten are the showcase', () => {
	const [gold, beginner, blocked, arabic, japanese, thai, long, nameless, rich, phone] = sample.slice(0, 10);
	expect(gold).toMatchObject({ firstName: 'Éva', lastName: 'Nagy', tier: 'gold', points: 3_840, tierPoints: 3_840, card: '2900000000018' });
	expect(gold?.profile).toMatchObject({ pending: 90, expiring: { points: 120, on: '2026-12-31' }, stamp_cards: [{ total: 6, count: 4 }] });
	expect(beginner).toMatchObject({ points: 0, tier: 'basic' });
	expect(beginner?.profile.rewards).toBeUndefined();
	expect(blocked?.cardStatus).toBe('blocked');
	expect(arabic?.lastName).toMatch(/^\p{Script=Arabic}/u);
	expect(japanese?.lastName).toMatch(/^\p{Script=Han}/u);
	expect(thai?.lastName).toMatch(/^\p{Script=Thai}/u);
	expect(`${long?.firstName} ${long?.lastName}`.length).toBeGreaterThan(90);
	expect([nameless?.firstName, nameless?.lastName]).toEqual([null, null]);
	expect(rich?.points).toBe(1_234_567);
	expect(phone).toMatchObject({ firstName: 'Márta', lastName: 'Szabó', mobile: '+36301234567' });
});

test('the six codes to try are what their labels say', () => {
	const cards = new Map(sample.map((member) => [member.card, member]));
	const found = barcodesToTry().map(({ barcode }) => ({ kind: readBarcode(barcode, DEFAULT_PROGRAMME).kind, member: cards.get(barcode) }));
	expect(found.map(({ kind }) => kind)).toEqual(['card', 'card', 'card', 'wrong_check_digit', 'coupon', 'card']);
	expect(found[0]?.member?.tier).toBe('gold');
	expect(found[1]?.member?.points).toBe(0);
	expect(found[2]?.member).toBeUndefined();
	expect(found[5]?.member?.cardStatus).toBe('blocked');
});

function toRow(member: NewMember): unknown[] {
	const { id, status, card, cardStatus, firstName, lastName, mobile, email, points, tier, tierPoints, updatedAtMs, aliases, profile } =
		member;
	return [
		id,
		1,
		status,
		card,
		cardStatus,
		firstName,
		lastName,
		mobile,
		email,
		points,
		tier,
		tierPoints,
		updatedAtMs,
		null,
		null,
		aliases,
		profile,
		0,
		0,
	];
}
