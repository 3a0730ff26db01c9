import { must } from '#shared/lib/assert.ts';
import { tierFor } from '#shared/domain/earn.ts';
import type { Programme } from '#shared/domain/programme.ts';
import type { CardStatus, MemberProfile } from '#shared/wire/member-row.ts';
import { drawNamePools } from './name-pools.ts';
import type { NamePool } from './name-pools.ts';
import type { NewMember } from './new-member.ts';
import { PHONE_PLANS, phoneOf } from './phone-plans.ts';
import { createPrng } from './prng.ts';
import type { Prng } from './prng.ts';
import { SHOWCASE } from './showcase.ts';
import { syntheticCard, syntheticOldCard, syntheticPass } from './synthetic-card.ts';

/** The seed of the demonstration base: the same people everywhere. */
export const SYNTHETIC_SEED = 20_261_122;
/** The day on which the invented visits end, so that a member depends on nothing but seed and index. */
export const SYNTHETIC_AS_OF_MS = Date.UTC(2026, 10, 22, 6);

const DAY_MS = 86_400_000;
const OPT_IN_DAYS_MAX = 2_190;
/** The first opt-in that ids are dated with. They grow with the index, so that loading a million keeps indexes compact. */
const FIRST_ID_MS = Date.UTC(2020, 0, 1);
const TIER_POINTS_MAX = 24_000;
const MAIL_DOMAINS = ['example.com', 'example.net', 'example.org'] as const;

const REWARDS: NonNullable<MemberProfile['rewards']> = [
	{ id: 'free-coffee', name: 'Free coffee', cost: 500, note: 'stock 12' },
	{ id: 'cake-slice', name: 'Slice of cake', cost: 800 },
	{ id: 'tote-bag', name: 'Linen tote bag', cost: 1500, note: 'stock 40' },
	{ id: 'five-off', name: '5 € off', cost: 1000, needs_line: true },
	{ id: 'ceramic-mug', name: 'Ceramic mug', cost: 2400, note: 'stock 7' },
	{ id: 'tasting', name: 'Tasting for two', cost: 6000, needs_line: true },
];
const PROMOTIONS: NonNullable<MemberProfile['rewards']> = [
	{ id: 'ceramics-10', name: '10 % on ceramics', note: 'until Sunday' },
	{ id: 'double-tuesday', name: 'Double points on Tuesday' },
	{ id: 'birthday', name: 'Birthday treat', note: 'once this month' },
];
const STAMP_CARDS = [
	{ id: 'black-coffee', name: 'Black coffee card', total: 6 },
	{ id: 'sandwich', name: 'Sandwich card', total: 10 },
] as const;

/** Invented members of one seed. `member(index)` depends on nothing but seed, index and the programme's tiers. */
export type SyntheticBase = { readonly member: (index: number) => NewMember };

/** Draws the names once (about 0.2 s); a member then costs a few microseconds. The first ten are the showcase. */
export function createSyntheticBase(seed: number, programme: Pick<Programme, 'tiers'>): SyntheticBase {
	const pools = drawNamePools(seed);
	const phoneOffset = createPrng(seed, -1).bits();
	return {
		member: (index) => {
			const member = inventMember({ index, prng: createPrng(seed, index), pools, phoneOffset, programme });
			const staged = SHOWCASE[index];
			return staged === undefined ? member : staged(member, { programme, asOfMs: SYNTHETIC_AS_OF_MS });
		},
	};
}

type Draw = {
	readonly index: number;
	readonly prng: Prng;
	readonly pools: readonly NamePool[];
	readonly phoneOffset: number;
	readonly programme: Pick<Programme, 'tiers'>;
};

function inventMember(draw: Draw): NewMember {
	const { index, prng, programme } = draw;
	const id = inventId(index, prng);
	const person = inventPerson(draw);
	const optInAtMs = SYNTHETIC_AS_OF_MS - prng.below(OPT_IN_DAYS_MAX * DAY_MS);
	const lastVisitAtMs = optInAtMs + Math.floor((1 - square(prng.below(1000) / 1000)) * (SYNTHETIC_AS_OF_MS - optInAtMs));
	// Most have little, a few have very much, as in a real programme.
	const tierPoints = prng.below(900) + Math.floor(square(square(square(prng.below(10_000) / 10_000))) * TIER_POINTS_MAX);
	const points = Math.floor((tierPoints * prng.below(1300)) / 1000);
	const profile = inventProfile({ prng, points, optInAtMs, lastVisitAtMs, language: person.language });
	return {
		id,
		status: inventStatus(prng),
		card: syntheticCard(index),
		cardStatus: prng.isOneIn(100) ? 'blocked' : 'active',
		firstName: person.firstName,
		lastName: person.lastName,
		mobile: person.mobile,
		email: person.email,
		points,
		tier: tierFor(tierPoints, programme).id,
		tierPoints,
		updatedAtMs: lastVisitAtMs,
		optInAtMs,
		aliases: inventAliases(index, prng),
		profile,
	};
}

/** A UUIDv7 whose time grows by a millisecond per member. */
function inventId(index: number, prng: Prng): string {
	const time = (FIRST_ID_MS + index).toString(16).padStart(12, '0');
	const high = (0x7000 | (prng.bits() & 0x0fff)).toString(16);
	const middle = (0x8000 | (prng.bits() & 0x3fff)).toString(16);
	const low = prng.bits().toString(16).padStart(8, '0') + (prng.bits() & 0xffff).toString(16).padStart(4, '0');
	return `${time.slice(0, 8)}-${time.slice(8)}-${high}-${middle}-${low}`;
}

function inventPerson({ index, prng, pools, phoneOffset }: Draw) {
	const pool = pick(pools, prng);
	const { firstNames, lastNames } = pick(pool.sexes, prng);
	const first = pick(firstNames, prng);
	const last = pick(lastNames, prng);
	// Who joined with a phone number alone, has one name only, or two of each.
	const form = prng.below(500);
	const firstName = form === 0 ? null : `${first}${form > 485 ? `-${pick(firstNames, prng)}` : ''}`;
	const lastName = form < 6 ? null : `${last}${form > 480 ? `-${pick(lastNames, prng)}` : ''}`;
	const contact = prng.below(10);
	return {
		language: pool.language,
		firstName,
		lastName,
		mobile: contact < 8 ? phoneOf(PHONE_PLANS[pool.country], index, phoneOffset) : null,
		email: contact > 2 ? `${latin(first, last)}${index.toString(36)}@${pick(MAIL_DOMAINS, prng)}` : null,
	};
}

/** `Éva`, `Nagy` → `eva.nagy.`; names of other scripts give `member.`. */
function latin(first: string, last: string): string {
	const plain = `${first}.${last}`
		.normalize('NFD')
		.toLowerCase()
		.replaceAll(/[^a-z.]+/g, '');
	return /^[a-z]+\.[a-z]+$/.test(plain) ? `${plain}.` : 'member.';
}

function inventStatus(prng: Prng): NewMember['status'] {
	const draw = prng.below(1000);
	if (draw < 3) return 'suspended';
	return draw < 15 ? 'inactive' : 'active';
}

function inventAliases(index: number, prng: Prng): NewMember['aliases'] {
	const aliases: [string, 'pass' | 'old_card', CardStatus][] = [];
	if (prng.isOneIn(25)) aliases.push([syntheticPass(index), 'pass', 'active']);
	if (prng.isOneIn(50)) aliases.push([syntheticOldCard(index), 'old_card', 'replaced']);
	return aliases;
}

function inventProfile(facts: {
	readonly prng: Prng;
	readonly points: number;
	readonly optInAtMs: number;
	readonly lastVisitAtMs: number;
	readonly language: string;
}): MemberProfile {
	const { prng, points } = facts;
	const expiring = points > 50 && prng.isOneIn(3) ? Math.max(10, Math.floor(points / (2 + prng.below(8)))) : 0;
	const rewards = [
		...REWARDS.filter((reward) => (reward.cost ?? 0) <= points).slice(-3),
		...(prng.isOneIn(2) ? [pick(PROMOTIONS, prng)] : []),
	];
	const stamps = prng.isOneIn(2) ? pick(STAMP_CARDS, prng) : null;
	return {
		language: facts.language,
		opt_in_at: facts.optInAtMs,
		last_visit_at: facts.lastVisitAtMs,
		...(prng.isOneIn(20) ? { pending: 10 + prng.below(300) } : {}),
		...(expiring > 0 ? { expiring: { points: expiring, on: `${new Date(SYNTHETIC_AS_OF_MS).getUTCFullYear()}-12-31` } } : {}),
		consents: { terms: true, email: prng.isOneIn(2), sms: prng.isOneIn(4) },
		...(rewards.length > 0 ? { rewards } : {}),
		...(stamps === null ? {} : { stamp_cards: [{ ...stamps, count: prng.below(stamps.total) }] }),
	};
}

function pick<T>(list: readonly T[], prng: Prng): T {
	return must(list[prng.below(list.length)], 'a list to pick from is not empty');
}

function square(value: number): number {
	return value * value;
}
