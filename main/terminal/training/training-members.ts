import { tierFor } from '#shared/domain/earn.ts';
import { LoyaltyBarcodeSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import type { Programme } from '#shared/domain/programme.ts';
import { shardOf } from '#shared/domain/shard.ts';
import { must } from '#shared/lib/assert.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import type { CardStatus, MemberProfile, MemberRow, MemberStatus } from '#shared/wire/member-row.ts';
import { cardOf } from '../enrolment/next-card.ts';

/** Invented members; their cards have the numbers 1 to this one. */
export const TRAINING_MEMBERS = 500;

const DAY_MS = 86_400_000;
const PEOPLE = [
	{
		language: 'hu',
		mobile: '+3630555',
		first: ['Anna', 'Bence', 'Csilla', 'Dávid', 'Éva', 'Gergő', 'Ildikó', 'Márton', 'Réka', 'Zsófia'],
		last: ['Balogh', 'Farkas', 'Horváth', 'Kiss', 'Kovács', 'Molnár', 'Nagy', 'Szabó', 'Tóth', 'Varga'],
	},
	{
		language: 'en',
		mobile: '+4477009',
		first: ['Alice', 'Ben', 'Chloe', 'Daniel', 'Emma', 'George', 'Hannah', 'James', 'Olivia', 'Zoë'],
		last: ['Baker', 'Clarke', 'Davies', 'Evans', 'Green', 'Hughes', 'Jones', 'O’Neill', 'Smith', 'Walker'],
	},
	{ language: 'ja', mobile: '+8190555', first: ['美咲', '翔太', '陽菜', '蓮', '結衣'], last: ['佐藤', '鈴木', '高橋', '田中', '渡辺'] },
	{
		language: 'ar',
		mobile: '+9665055',
		first: ['فاطمة', 'محمد', 'ليلى', 'يوسف', 'مريم'],
		last: ['القرشي', 'الحسن', 'العلي', 'النجار', 'حداد'],
	},
] as const;

/** What the first members are for: the states that a trainee must have seen once. */
const STATES: readonly {
	readonly status?: MemberStatus;
	readonly cardStatus?: CardStatus;
	readonly isNameless?: boolean;
	readonly points?: number;
}[] = [{ points: 3840 }, { points: 0 }, { cardStatus: 'blocked' }, { status: 'suspended' }, { isNameless: true }, { points: 1_234_567 }];

/**
 * The member base of training mode, the same at every start but for its dates: rows as headquarters writes them. `nowMs` is the day of
 * the last visits.
 */
export function trainingMembers(programme: Programme, nowMs: number): readonly MemberRow[] {
	const chance = chanceFrom(20_261_122);
	return Array.from({ length: TRAINING_MEMBERS }, (_, index) => trainingMember(index, { programme, nowMs, chance }));
}

/** The card of training member `index`, from 0. */
export function trainingCard(programme: Programme, index: number): string {
	const prefix = programme.cardSeries[0]?.prefix ?? '';
	return must(cardOf({ prefix, first: 1, last: TRAINING_MEMBERS }, index + 1, programme.cardSeries), 'a card of the series');
}

type World = { readonly programme: Programme; readonly nowMs: number; readonly chance: () => number };

function trainingMember(index: number, { programme, nowMs, chance }: World): MemberRow {
	const pick = <T>(of: readonly T[]): T => must(of[Math.floor(chance() * of.length)], 'one to pick');
	// The draws are made in one order for every member, so that a change of one state leaves the others as they are.
	const people = index < STATES.length ? PEOPLE[0] : pick([...PEOPLE, PEOPLE[0], PEOPLE[0], PEOPLE[1]]);
	const [first, last, ageDays, visitDays] = [
		pick<string>(people.first),
		pick<string>(people.last),
		Math.ceil(chance() * 1500),
		Math.floor(chance() * 60),
	];
	const [drawnPoints, isReachable] = [Math.floor(chance() ** 3 * 8000), chance() < 0.8];
	const state = STATES[index] ?? {};
	const points = state.points ?? drawnPoints;
	const id = MemberIdSchema.parse(`TRAINING-${String(index + 1).padStart(4, '0')}`);
	const optInAtMs = nowMs - ageDays * DAY_MS;
	const profile: MemberProfile = {
		language: people.language,
		opt_in_at: optInAtMs,
		last_visit_at: Math.max(optInAtMs, nowMs - visitDays * DAY_MS),
		consents: { terms: true, email: isReachable, sms: false },
		...(points >= 500 ? { rewards: [{ id: 'free-coffee', name: 'Free coffee', cost: 500 }] } : {}),
		stamp_cards: [{ id: 'black-coffee', name: 'Black coffee', total: 6, count: index % 6 }],
	};
	return [
		id,
		1,
		state.status ?? 'active',
		LoyaltyBarcodeSchema.parse(trainingCard(programme, index)),
		state.cardStatus ?? 'active',
		state.isNameless === true ? null : first,
		state.isNameless === true ? null : last,
		`${people.mobile}${String(index + 1).padStart(4, '0')}`,
		isReachable ? `member${index + 1}@example.org` : null,
		points,
		tierFor(points, programme).id,
		points,
		nowMs - visitDays * DAY_MS,
		null,
		null,
		[],
		profile,
		shardOf(id, SHARD_COUNT),
		0,
	];
}

/** Mulberry32: fractions in [0, 1) that are the same at every start. Not for anything secret. */
function chanceFrom(seed: number): () => number {
	let state = seed;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
}
