import { tierFor } from '#shared/domain/earn.ts';
import type { Programme } from '#shared/domain/programme.ts';
import { must } from '#shared/lib/assert.ts';
import type { NewMember } from './new-member.ts';
import { syntheticCard, syntheticPass, unknownCard } from './synthetic-card.ts';

/** What a showcase member is made from besides the invented one in its place. `asOfMs` is the day of the last visits. */
type Staging = { readonly programme: Pick<Programme, 'tiers'>; readonly asOfMs: number };
type Stage = (invented: NewMember, staging: Staging) => NewMember;

const DAY_MS = 86_400_000;

/** The first members of every synthetic base: one for each state that a screen must be able to draw, at a fixed place. */
export const SHOWCASE: readonly Stage[] = [
	goldMember,
	(invented, staging) => beginner(named(invented, { first: 'Bence', last: 'Kiss', language: 'hu', mobile: '+36207654321' }), staging),
	(invented, staging) => ({
		...withPoints(named(invented, { first: 'Zsófia', last: 'Tóth', language: 'hu', mobile: '+36705551212' }), 640, staging),
		cardStatus: 'blocked',
	}),
	(invented, staging) =>
		withPoints(named(invented, { first: 'فاطمة الزهراء', last: 'القرشي', language: 'ar', mobile: '+966501234567' }), 1_275, staging),
	(invented, staging) =>
		withPoints(named(invented, { first: '美咲', last: '高橋', language: 'ja', mobile: '+819012345678' }), 2_090, staging),
	(invented, staging) =>
		withPoints(named(invented, { first: 'กมลชนก', last: 'เจริญสุขสวัสดิ์', language: 'th', mobile: '+66812345678' }), 415, staging),
	longName,
	(invented, staging) => ({ ...withPoints(invented, 55, staging), firstName: null, lastName: null, email: null, mobile: '+36301112233' }),
	(invented, staging) =>
		withPoints(
			named(invented, { first: 'Konstantinos', last: 'Papadopoulos', language: 'el', mobile: '+306971234567' }),
			1_234_567,
			staging,
		),
	(invented, staging) =>
		withPoints(named(invented, { first: 'Márta', last: 'Szabó', language: 'hu', mobile: '+36301234567' }), 860, staging),
];

/** The member of the pictures: gold, 3,840 points, 2,160 tier points short of the next tier. */
function goldMember(invented: NewMember, { programme, asOfMs }: Staging): NewMember {
	const gold = programme.tiers.findIndex((tier) => tier.colour === 'gold');
	const tier = must(programme.tiers[Math.max(gold, 0)], 'a tier');
	const next = programme.tiers[Math.max(gold, 0) + 1];
	const tierPoints = next === undefined ? tier.threshold : Math.max(tier.threshold, next.threshold - 2_160);
	const lastVisitAtMs = asOfMs - 10 * DAY_MS;
	return {
		...named(invented, { first: 'Éva', last: 'Nagy', language: 'hu', mobile: '+36201112233' }),
		email: 'nagy.eva@example.com',
		points: 3_840,
		tierPoints,
		tier: tier.id,
		updatedAtMs: lastVisitAtMs,
		optInAtMs: asOfMs - 800 * DAY_MS,
		aliases: [[syntheticPass(0), 'pass', 'active']],
		profile: {
			language: 'hu',
			opt_in_at: asOfMs - 800 * DAY_MS,
			last_visit_at: lastVisitAtMs,
			pending: 90,
			expiring: { points: 120, on: `${new Date(asOfMs).getUTCFullYear()}-12-31` },
			consents: { terms: true, email: true, sms: false },
			rewards: [
				{ id: 'free-coffee', name: 'Free coffee', cost: 500, note: 'stock 12' },
				{ id: 'ceramics-10', name: '10 % on ceramics', note: 'Gold, until Sunday' },
				{ id: 'five-off', name: '5 € off', cost: 1000, needs_line: true },
			],
			stamp_cards: [{ id: 'black-coffee', name: 'Black coffee card', total: 6, count: 4 }],
		},
	};
}

/** Joined yesterday: nothing earned, nothing to use. */
function beginner(invented: NewMember, staging: Staging): NewMember {
	const optInAtMs = staging.asOfMs - DAY_MS;
	return {
		...withPoints(invented, 0, staging),
		updatedAtMs: optInAtMs,
		optInAtMs,
		aliases: [],
		profile: { language: 'hu', opt_in_at: optInAtMs, consents: { terms: true, email: false, sms: false } },
	};
}

function longName(invented: NewMember, staging: Staging): NewMember {
	const first = 'Maximiliana Theodora Wilhelmine-Friederike';
	const last = 'von Hohenlohe-Waldenburg-Schillingsfürst-Oettingen-Wallerstein';
	return withPoints(named(invented, { first, last, language: 'de', mobile: '+4915112345678' }), 4_410, staging);
}

function named(
	invented: NewMember,
	person: { readonly first: string; readonly last: string; readonly language: string; readonly mobile: string },
): NewMember {
	const { first, last, language, mobile } = person;
	return {
		...invented,
		status: 'active',
		cardStatus: 'active',
		firstName: first,
		lastName: last,
		mobile,
		email: null,
		profile: { ...invented.profile, language },
	};
}

function withPoints(invented: NewMember, points: number, { programme }: Staging): NewMember {
	const { language, opt_in_at, last_visit_at, consents, stamp_cards } = invented.profile;
	const rewards = points >= 500 ? { rewards: [{ id: 'free-coffee', name: 'Free coffee', cost: 500, note: 'stock 12' }] } : {};
	const profile = { language, opt_in_at, last_visit_at, consents, stamp_cards, ...rewards };
	return { ...invented, status: 'active', cardStatus: 'active', points, tierPoints: points, tier: tierFor(points, programme).id, profile };
}

/** A code to try and what it is, for the start screen. */
export type BarcodeToTry = { readonly barcode: string; readonly label: string };

/** Six codes that show what scanning can meet, valid with every synthetic base. */
export function barcodesToTry(): readonly BarcodeToTry[] {
	const gold = syntheticCard(0);
	const wrongDigit = String((Number(gold.at(-1)) + 1) % 10);
	return [
		{ barcode: gold, label: 'a gold member with rewards and a stamp card' },
		{ barcode: syntheticCard(1), label: 'a new member with no points yet' },
		{ barcode: unknownCard(), label: 'a good card that nobody has' },
		{ barcode: gold.slice(0, -1) + wrongDigit, label: 'a card that was misread (wrong check digit)' },
		{ barcode: '9900000041908', label: 'a coupon' },
		{ barcode: syntheticCard(2), label: 'a blocked card' },
	];
}
