/** What can happen in the shops, as commands that fast-check puts in any order and takes away again when it looks for a shorter story. */
import fc from 'fast-check';
import type { AsyncCommand } from 'fast-check';
import { systemRandom } from '#main/devices/system-clock.ts';
import { must } from '#shared/lib/assert.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { bookOf, noteTerminalRestored, noteVoided } from './books.ts';
import type { Books, Kind } from './books.ts';
import { checkRest } from './check-rest.ts';
import { FAIR, FAULTS } from './line.ts';
import type { Weather } from './line.ts';
import { record, SHARED_BY_NOBODY } from './record.ts';
import type { Wish } from './record.ts';
import { NOTHING } from './shop-terminal.ts';
import { EventIdSchema } from '#shared/domain/ids.ts';
import { readFacts, tally } from './world.ts';
import type { World } from './world.ts';

export type ShopCommand = AsyncCommand<Books, World>;

type Deed = {
	readonly title: string;
	/** Of this terminal, if of any: not after it is lost. */
	readonly index?: number;
	readonly isPossible?: (books: Books) => boolean;
	/** `false`: there was nothing to do. */
	readonly run: (books: Books, world: World) => Promise<boolean>;
};

function command({ title, index, isPossible, run }: Deed): ShopCommand {
	return {
		check: (books) => (index === undefined || !bookOf(books, index).isLost) && (isPossible?.(books) ?? true),
		run: async (books, world) => {
			if (await run(books, world)) tally(world, title.replace(/\(.*/s, ''));
			await checkRest(books, world);
		},
		toString: () => title,
	};
}

export type CommandOptions = { readonly terminals: number };

/** The more often one stands in the list, the more often it happens. */
export function shopCommands({ terminals }: CommandOptions): fc.Arbitrary<ShopCommand>[] {
	const at = fc.nat({ max: terminals - 1 });
	return [
		...repeat(10, fc.tuple(at, wish).map(recordCommand)),
		...repeat(8, fc.tuple(at, weather, meanwhile).map(contactCommand)),
		...repeat(2, fc.tuple(at, fc.nat({ max: 1 })).map(voidCommand)),
		...repeat(2, fc.tuple(at, wish).map(mistakeCommand)),
		...repeat(2, fc.tuple(at, fc.nat({ max: terminals - 2 }), wish).map(strangerCommand)),
		...repeat(1, at.map(crashCommand)),
		...repeat(1, at.map(backupCommand)),
		...repeat(2, at.map(restoreCommand)),
		...repeat(1, fc.constant(undefined).map(backupHeadquartersCommand)),
		...repeat(2, fc.constant(undefined).map(restoreHeadquartersCommand)),
		...repeat(2, fc.tuple(fc.nat({ max: 5 }), fc.nat({ max: 5 })).map(mergeCommand)),
		...repeat(1, fc.nat({ max: 9 }).map(optOutCommand)),
		...repeat(1, fc.tuple(at, hours).map(advanceCommand)),
		...repeat(1, fc.nat({ max: 48 }).map(advanceHeadquartersCommand)),
		...repeat(1, at.map(loseCommand)),
	];
}

function repeat(times: number, arbitrary: fc.Arbitrary<ShopCommand>): fc.Arbitrary<ShopCommand>[] {
	return Array.from({ length: times }, () => arbitrary);
}

const KINDS: readonly Kind[] = [
	...manyOf('points', 4),
	...manyOf('sale', 4),
	...manyOf('enrolment', 3),
	...manyOf('refund', 2),
	'profile',
	'opt_out',
];

function manyOf(kind: Kind, times: number): Kind[] {
	return Array.from({ length: times }, () => kind);
}

const wish: fc.Arbitrary<Wish> = fc.record({
	kind: fc.constantFrom(...KINDS),
	who: fc.nat({ max: 5 }),
	byCard: fc.boolean(),
	card: fc.nat({ max: 4 }),
	points: fc.integer({ min: 1, max: 40 }),
});
const weather: fc.Arbitrary<Weather> = fc.record({
	fault: fc.constantFrom('none', 'none', 'none', ...FAULTS),
	isLast: fc.boolean(),
	hasPauses: fc.boolean(),
});
/** A sale in the middle of a contact, between the page of the feed and the outcomes. */
const meanwhile: fc.Arbitrary<Wish | null> = fc.option(wish, { freq: 3 });
const hours = fc.integer({ min: -48, max: 72 });

function recordCommand([index, what]: [number, Wish]): ShopCommand {
	return command({
		title: `record(T${index + 1}, ${show(what)})`,
		index,
		run: (books, world) => record(books, world, { index, wish: what }),
	});
}

function show(what: Wish): string {
	return JSON.stringify(what).replaceAll('"', '');
}

const A_FOUNDERS_POINTS: Wish = { kind: 'points', who: 0, byCard: false, card: 0, points: 3 };

function contactCommand([index, how, sale]: [number, Weather, Wish | null]): ShopCommand {
	const story = [
		`T${index + 1}`,
		how.fault,
		...(how.isLast ? ['then nothing'] : []),
		...(how.hasPauses ? ['with pauses'] : []),
		...(sale === null ? [] : [`meanwhile ${show(sale)}`]),
	];
	return command({
		title: `contact(${story.join(', ')})`,
		index,
		run: async (books, world) => {
			let left = sale;
			const sellNow = async (wanted: Wish | null): Promise<boolean> => {
				left = null;
				return wanted !== null && record(books, world, { index, wish: wanted });
			};
			const { hasCrashed } = await world.terminal(index).contact(how, {
				onPage: async () => void (await sellNow(left)),
				onSaleInPage: () => sellNow(left ?? A_FOUNDERS_POINTS),
			});
			tally(world, hasCrashed ? `${how.fault}, crashed` : how.fault);
			return true;
		},
	});
}

function voidCommand([index, which]: [number, number]): ShopCommand {
	return command({
		title: `voidEntry(T${index + 1}, ${which})`,
		index,
		run: async (books, world) => {
			return takeBack(books, world, { index, which });
		},
	});
}

/** `which`: the newest is 0; what is older has mostly been sent. `false` when it was, or there is none. */
async function takeBack(
	books: Books,
	world: World,
	{ index, which }: { readonly index: number; readonly which: number },
): Promise<boolean> {
	const book = bookOf(books, index);
	const refunded = new Set(
		book.kept.filter(({ event, isVoided }) => event.kind === 'refund' && !isVoided).map(({ event }) => event.transactionId),
	);
	const candidates = book.kept.filter(
		({ event, isVoided }) =>
			!isVoided && ['points', 'sale', 'refund'].includes(event.kind) && !(event.kind === 'sale' && refunded.has(event.transactionId)),
	);
	const chosen = candidates.toReversed()[which]?.event;
	if (chosen === undefined) return false;
	const voided = await world.terminal(index).life().outbox.voidEntry(EventIdSchema.parse(chosen.eventId));
	if (!voided.ok) return false;
	if (books.atHeadquarters.has(chosen.eventId) && !book.wasRestored)
		throw new Error(`I2: ${chosen.eventId} was taken back after it had arrived`);
	noteVoided(books, index, chosen.eventId);
	return true;
}

/** The cashier has mistyped it, and takes it back before anything was sent. */
function mistakeCommand([index, what]: [number, Wish]): ShopCommand {
	return command({
		title: `mistake(T${index + 1}, ${show(what)})`,
		index,
		run: async (books, world) => (await record(books, world, { index, wish: what })) && takeBack(books, world, { index, which: 0 }),
	});
}

const LONGER_THAN_A_DEFERRAL_H = 25;

/**
 * Somebody is enrolled at one terminal, which says nothing of it yet, and shops at another for a day: there headquarters is asked to open a stub.
 */
function strangerCommand([index, further, what]: [number, number, Wish]): ShopCommand {
	return command({
		title: `stranger(T${index + 1}, ${further}, ${show(what)})`,
		index,
		isPossible: (books) => books.terminals.every(({ isLost }) => !isLost),
		run: async (books, world) => {
			const elsewhere = (index + 1 + further) % books.terminals.length;
			const terminal = world.terminal(index);
			await record(books, world, { index: elsewhere, wish: { ...what, kind: 'enrolment', card: SHARED_BY_NOBODY } });
			const newest: Wish = { ...what, kind: what.kind === 'points' ? 'points' : 'sale', who: books.people.length - 1, byCard: true };
			if (!(await record(books, world, { index, wish: newest }))) return false;
			await terminal.contact(FAIR, NOTHING);
			terminal.clock.advance(LONGER_THAN_A_DEFERRAL_H * HOUR_MS);
			await terminal.contact(FAIR, NOTHING);
			const { members } = await readFacts(world.hq);
			if (members.some(({ status }) => status === 'stub')) tally(world, 'a stub was opened');
			return true;
		},
	});
}

function crashCommand(index: number): ShopCommand {
	return command({
		title: `crash(T${index + 1})`,
		index,
		run: async (_books, world) => {
			await world.terminal(index).crash();
			return true;
		},
	});
}

function backupCommand(index: number): ShopCommand {
	return command({
		title: `backupTerminal(T${index + 1})`,
		index,
		run: async (books, world) => {
			await world.terminal(index).backup();
			const book = bookOf(books, index);
			book.backup = book.kept;
			return true;
		},
	});
}

function restoreCommand(index: number): ShopCommand {
	return command({
		title: `restoreTerminal(T${index + 1})`,
		index,
		run: async (books, world) => {
			await world.terminal(index).restore();
			noteTerminalRestored(books, index);
			return true;
		},
	});
}

function backupHeadquartersCommand(): ShopCommand {
	return command({
		title: 'backupHq()',
		run: async (books, world) => {
			world.hqBackup = await world.hq.backup();
			books.hqBackup = new Set(books.atHeadquarters);
			return true;
		},
	});
}

function restoreHeadquartersCommand(): ShopCommand {
	return command({
		title: 'restoreHq()',
		run: async (books, world) => {
			world.facts.set(world.hq.epoch(), await readFacts(world.hq));
			await world.hq.restore(world.hqBackup);
			books.atHeadquarters = new Set(books.hqBackup);
			return true;
		},
	});
}

function mergeCommand([one, other]: [number, number]): ShopCommand {
	return command({
		title: `merge(${one}, ${other})`,
		run: async (books, world) => {
			const [loser, winner] = [one, other].map((number) => must(books.people[number % books.people.length], 'somebody').id);
			const isPossible = await areActive(world, [loser, winner]);
			if (loser === undefined || winner === undefined || !isPossible) return false;
			await world.hq.operate('/members/merge', { merge_id: uuidV7(world.hq.clock.nowMs(), systemRandom), loser, winner });
			books.bonds.join(loser, winner);
			return true;
		},
	});
}

async function areActive({ hq }: World, ids: readonly (string | undefined)[]): Promise<boolean> {
	const rows = await hq.database.query<{ id: string }>(
		"SELECT id FROM member WHERE id IN (SELECT jsonb_array_elements_text($1)) AND status = 'active'",
		[JSON.stringify(ids)],
	);
	return rows.length === ids.length;
}

function optOutCommand(who: number): ShopCommand {
	return command({
		title: `optOut(${who})`,
		run: async (books, world) => {
			const person = must(books.people[who % books.people.length], 'somebody');
			if (!(await areActive(world, [person.id]))) return false;
			await world.hq.operate('/events/bulk', { events: [{ customer: person.id, action: 'opt_out', data: {} }] });
			return true;
		},
	});
}

const HOUR_MS = 3_600_000;

function advanceCommand([index, by]: [number, number]): ShopCommand {
	return command({
		title: `advanceClock(T${index + 1}, ${by} h)`,
		index,
		run: async (_books, world) => {
			world.terminal(index).clock.advance(by * HOUR_MS);
			return Promise.resolve(true);
		},
	});
}

function advanceHeadquartersCommand(by: number): ShopCommand {
	return command({
		title: `advanceClock(headquarters, ${by} h)`,
		run: async (_books, world) => {
			world.hq.clock.advance(by * HOUR_MS);
			return Promise.resolve(true);
		},
	});
}

/** Burnt, with its disk, and the side journal with it. It happens once. */
function loseCommand(index: number): ShopCommand {
	return command({
		title: `loseTerminal(T${index + 1})`,
		index,
		isPossible: ({ terminals }) => !terminals.some(({ isLost }) => isLost),
		run: async (books, world) => {
			await world.lose(index);
			bookOf(books, index).isLost = true;
			return true;
		},
	});
}
