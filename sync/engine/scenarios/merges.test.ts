/** Two members become one at headquarters while this terminal holds points of both. What the screen of the winner shows, at every step. */
import { expect, test } from 'vitest';
import type { EventId, MemberId } from '#shared/domain/ids.ts';
import { shardOf } from '#shared/domain/shard.ts';
import { must } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { SHARD_COUNT } from '#shared/wire/limits.ts';
import { mergeMembers } from '../../transport/fake-ledger.ts';
import type { CallName, Fault } from '../../transport/fake-line.ts';
import { createFakeShop } from './fake-shop.ts';
import type { FakeShop } from './fake-shop.ts';

const SECOND_MS = 1_000;
const MINUTE_MS = 60_000;
const SEEDS = Array.from({ length: 30 }, (_, seed) => seed + 1);

type Merge = { readonly loser: MemberId; readonly winner: MemberId; readonly winnerVer: number };

type Run = {
	readonly shop: FakeShop;
	/** Everything that each id was ever given: 100 at the beginning, and what this terminal recorded under it. */
	readonly given: Map<MemberId, number>;
	readonly merges: Merge[];
	readonly violations: string[];
	/** How often a screen was looked at with all merges here, and with a tombstone whose points are not here yet. */
	readonly looks: { whole: number; half: number };
};

/** Who `id` is by now, as far as the replica knows. */
function endOf(shop: FakeShop, id: MemberId): MemberId {
	const row = shop.replica.row(id);
	return row?.status === 'merged' && row.mergedInto !== null ? endOf(shop, row.mergedInto) : id;
}

/**
 * Whether the effect of an event is, by the books of headquarters, in the balance of `id` as it is here: it went to the member or to one who
 * leads there, or came with one of the merges since. Of one that went to somebody else: whether it is in the row of that one, and shown there.
 */
function isInBalance({ shop, merges }: Run, eventId: EventId, id: MemberId): boolean {
	const { applied_to: appliedTo, applied_ver: ver } = shop.hq.ledger().outcomes.get(eventId) ?? {};
	if (appliedTo === undefined || ver === undefined) return false;
	const isHere = (place: { readonly at: MemberId; readonly ver: number }): boolean => (shop.replica.row(place.at)?.ver ?? 0) >= place.ver;
	if (endOf(shop, appliedTo) !== id) return isHere({ at: appliedTo, ver });
	const places = [{ at: appliedTo, ver }];
	for (const { loser, winner, winnerVer } of merges) if (loser === places.at(-1)?.at) places.push({ at: winner, ver: winnerVer });
	return places.some((place) => endOf(shop, place.at) === id && isHere(place));
}

/** The balance of the row, and own events of every id that leads to it which are not in it. */
function truthOf(run: Run, id: MemberId): number {
	const { shop } = run;
	const own = shop.outbox.entries().filter(({ memberId, outcome }) => {
		const ids = [memberId, outcome?.appliedTo ?? null].filter((one) => one !== null);
		return ids.some((one) => endOf(shop, one) === id);
	});
	const waiting = own.filter(({ eventId }) => !isInBalance(run, eventId, id));
	return waiting.reduce((sum, { pointsEstimated }) => sum + pointsEstimated, shop.replica.row(id)?.points ?? 0);
}

/** What nobody can be wrong about once both halves of every merge are here: all that was ever given under all ids that are one member. */
function sumOf({ shop, given }: Run, id: MemberId): number {
	return [...given].reduce((sum, [one, points]) => (endOf(shop, one) === id ? sum + points : sum), 0);
}

function look(run: Run, step: string): void {
	const { shop, given, merges, violations, looks } = run;
	if (shop.replica.state().phase !== 'ready') return;
	const isHere = ({ loser, winner, winnerVer }: Merge): boolean =>
		shop.replica.row(loser)?.status === 'merged' && (shop.replica.row(winner)?.ver ?? 0) >= winnerVer;
	const isWhole = merges.every(isHere);
	for (const id of given.keys()) {
		if (endOf(shop, id) !== id) {
			if (merges.length > 0) looks[isWhole ? 'whole' : 'half'] += 1;
			continue;
		}
		const expected = isWhole ? sumOf(run, id) : truthOf(run, id);
		if (shop.shown(id) !== expected) violations.push(`${step}: ${id} shows ${shop.shown(id)}, not ${expected}`);
	}
}

async function openRun(names: readonly string[], options: Parameters<typeof createFakeShop>[0] = {}): Promise<Run> {
	const shop: FakeShop = createFakeShop({ ...options, onStep: (step) => look(run, step) });
	const run: Run = { shop, given: new Map(), merges: [], violations: [], looks: { whole: 0, half: 0 } };
	for (const name of names) run.given.set(shop.member(name, 100), 100);
	await shop.engine.start();
	await shop.time.advanceUntil(() => shop.replica.state().phase === 'ready', MINUTE_MS);
	shop.replica.onChange(() => look(run, 'change of the replica'));
	shop.outbox.onChange(() => look(run, 'change of the outbox'));
	return run;
}

function give({ shop, given }: Run, member: MemberId, points: number): void {
	// Before the step is looked at.
	given.set(member, (given.get(member) ?? 0) + points);
	shop.give(member, points);
}

function merge({ shop, merges }: Run, [loser, winner]: readonly [MemberId, MemberId], isWinnerFirst = false): void {
	const { ver } = must(shop.hq.ledger().members.get(winner), 'the winner');
	merges.push({ loser, winner, winnerVer: ver + 1 });
	mergeMembers(shop.hq.ledger(), [loser, winner], isWinnerFirst);
}

const NO_PUSH = (name: CallName): Fault | null => (name === 'push' ? { status: 503, retryAfterMs: 5_000 } : null);

async function pull({ shop }: Run): Promise<void> {
	shop.engine.syncNow();
	await shop.time.advance(5 * SECOND_MS);
}

test.each([false, true])(
	'I7: points that wait under the id of a loser are shown for the winner from the moment the merge is here (winner first: %s)',
	async (isWinnerFirst) => {
		const run = await openRun(['loser', 'winner'], { hq: { pageRows: 1 } });
		const { shop, violations, looks } = run;
		const [loser, winner] = [shop.member('loser'), shop.member('winner')];
		shop.hq.line.weather(NO_PUSH);
		give(run, loser, 30);
		give(run, winner, 5);
		await shop.time.advance(SECOND_MS);
		merge(run, [loser, winner], isWinnerFirst);
		await pull(run);
		expect(shop.outbox.entries().map(({ status }) => status)).toEqual(['pending', 'pending']);
		expect(shop.replica.row(winner)?.points).toBe(200);
		expect(shop.shown(winner)).toBe(235);
		shop.hq.line.weather(null);
		await shop.time.advance(2 * MINUTE_MS);
		expect(shop.replica.row(winner)?.points).toBe(235);
		expect(shop.shown(winner)).toBe(235);
		expect(violations).toEqual([]);
		expect(looks.whole).toBeGreaterThan(0);
		expect(looks.half > 0).toBe(!isWinnerFirst);
	},
);

test('I7: points of a member who was merged twice follow to the end, whichever of the three rows is here', async () => {
	const run = await openRun(['first', 'second', 'third'], { hq: { pageRows: 1 } });
	const { shop, violations } = run;
	const [first, second, third] = [shop.member('first'), shop.member('second'), shop.member('third')];
	shop.hq.line.weather(NO_PUSH);
	for (const member of [first, second, third]) give(run, member, 7);
	merge(run, [first, second]);
	await pull(run);
	expect(shop.shown(second)).toBe(214);
	merge(run, [second, third]);
	await pull(run);
	expect(shop.shown(third)).toBe(321);
	expect(violations).toEqual([]);
});

test('I7: nothing is lost or doubled when the rows of a merge come with a new snapshot, or with one shard of it', async () => {
	const run = await openRun(['loser', 'winner'], { hq: { pageRows: 1 } });
	const { shop, violations } = run;
	const [loser, winner] = [shop.member('loser'), shop.member('winner')];
	shop.hq.line.weather(NO_PUSH);
	give(run, loser, 30);
	merge(run, [loser, winner]);
	shop.hq.publishSnapshot();
	shop.hq.line.fault('feed', { status: 410, code: WIRE_CODES.resyncNeeded, shards: [shardOf(loser, SHARD_COUNT)] });
	await pull(run);
	expect(shop.shown(winner)).toBe(230);
	give(run, loser, 4);
	const swaps = shop.trace.filter((step) => step === 'swap').length;
	shop.hq.line.fault('feed', { status: 410, code: WIRE_CODES.resyncNeeded });
	await pull(run);
	expect(shop.trace.filter((step) => step === 'swap')).toHaveLength(swaps + 1);
	expect(shop.shown(winner)).toBe(234);
	shop.hq.line.weather(null);
	await shop.time.advance(2 * MINUTE_MS);
	expect(shop.replica.row(winner)?.points).toBe(234);
	expect(violations).toEqual([]);
});

const FAULTS: readonly Fault[] = ['refuse_connection', 'lose_answer', 'lose_answer', { status: 500 }, { status: 503, retryAfterMs: 4_000 }];

test.each(SEEDS)(
	'I7: merges on a bad line, one after the other into the same member, are shown right at every step (seed %i)',
	async (seed) => {
		const chance = seededRandom(seed * 7919);
		const below = (limit: number): number => Math.floor(chance.fraction() * limit);
		const names = ['a', 'b', 'c', 'd', 'e'];
		const run = await openRun(names, { seed, hq: { pageRows: 1 + below(3), timeLimitMs: 5_000 } });
		const { shop, violations, given, merges } = run;
		const alive = names.map((name) => shop.member(name));
		shop.hq.line.weather((name) => (chance.fraction() < (name === 'push' ? 0.6 : 0.2) ? (FAULTS[below(FAULTS.length)] ?? null) : null));
		for (let sale = 0; sale < 60; sale += 1) {
			// A cashier who has the old card in hand: its row leads on only when the terminal has heard of the merge.
			const named = shop.member(names[below(names.length)] ?? 'a');
			const row = shop.replica.row(named);
			give(run, row?.status === 'merged' ? (row.mergedInto ?? named) : named, 1 + below(9));
			await shop.time.advance(below(8 * SECOND_MS));
			if (sale % 15 === 9 && alive.length > 1) {
				const [loser] = alive.splice(below(alive.length), 1);
				const winner = alive[below(alive.length)];
				if (loser !== undefined && winner !== undefined) merge(run, [loser, winner], below(2) === 0);
			}
		}
		shop.hq.line.weather(null);
		await shop.time.advance(10 * MINUTE_MS);
		expect(merges).toHaveLength(4);
		expect(violations).toEqual([]);
		const [last] = alive;
		expect(shop.shown(must(last, 'who is left'))).toBe([...given.values()].reduce((sum, points) => sum + points, 0));
	},
);
