import type { Programme } from '#shared/domain/programme.ts';
import type { Queryable } from '../../storage/database.ts';
import type { CardEntry } from '../decide/decision.ts';
import { forgottenCardHash } from './forget-card.ts';
import { saleKeyOf } from './incoming.ts';
import type { Incoming, ParsedBody, Sender } from './incoming.ts';
import { chainOf, loadWhole, lockMembers } from './lock-members.ts';
import { readOwners, readStored } from './read-stored.ts';
import { readTimelines } from './timelines.ts';
import { emptyWorld } from './world.ts';
import type { World } from './world.ts';

/** Something changed between looking a card up and locking its holder: the transaction is to be run again. */
export class ConcurrentChange extends Error {
	override readonly name = 'ConcurrentChange';
}

export type ReadContext = { readonly sender: Sender; readonly programme: Programme; readonly nowMs: number; readonly secret: string };

/**
 * Locks and loads what the items touch. The order of the locks is the same for everybody — members by id — so that requests
 * which share members wait for each other and never in a circle. (The sender's own row was locked before.)
 */
export async function readWorld(tx: Queryable, items: readonly Incoming[], context: ReadContext): Promise<World> {
	const world = emptyWorld(context.programme, context.nowMs);
	const keys = collectKeys(items);
	for (const entry of await readCards(tx, keys.cards)) world.cards.set(entry.card, entry);
	const owners = await readOwners(tx, keys.refunds);
	const holders = [...world.cards.values()].map((entry) => entry.memberId);
	await lockMembers(tx, world, [...keys.members, ...holders, ...owners]);
	await checkCards(tx, world, keys.cards);
	const movers = [...keys.movers.ids, ...holdersOf(world, keys.movers.cards)];
	await loadWhole(tx, world, movers);
	await readOwnCards(tx, world, movers);
	await readForgotten(tx, world, { cards: keys.cards, secret: context.secret });
	await readStored(tx, world, { items, sender: context.sender, transactionIds: keys.sales });
	await readTimelines(tx, world, items);
	return world;
}

type Keys = {
	readonly members: readonly string[];
	readonly cards: readonly string[];
	readonly sales: readonly string[];
	readonly refunds: readonly string[];
	/** Members, and cards that stand for them, of whom more may change than a sale changes. */
	readonly movers: { readonly ids: readonly string[]; readonly cards: readonly string[] };
};

function collectKeys(items: readonly Incoming[]): Keys {
	const bodies = items.map((item) => item.body).filter((body) => body.ok);
	const byId = bodies.filter((body) => body.named === null);
	const isMover = ({ event }: ParsedBody) => event.action === 'opt_in' || event.action === 'opt_out' || event.action === 'profile';
	const movers = bodies.filter(isMover);
	const cardsIn = (from: readonly ParsedBody[]) => from.flatMap(({ named, offered }) => [named, offered].filter((card) => card !== null));
	return {
		members: unique(byId.map((body) => body.event.customer)),
		cards: unique(cardsIn(bodies)),
		sales: unique(bodies.map((body) => saleKeyOf(body.event)).filter((key) => key !== null)),
		refunds: unique(
			bodies
				.filter((body) => body.event.action !== 'checkout')
				.map((body) => saleKeyOf(body.event))
				.filter((key) => key !== null),
		),
		movers: {
			ids: unique(movers.filter((body) => body.named === null).map((body) => body.event.customer)),
			cards: unique(cardsIn(movers)),
		},
	};
}

function unique<T>(values: readonly T[]): T[] {
	return [...new Set(values)];
}

/** A card moves only under its holder's lock: if it still means the same member now, it will until the end of the transaction. */
async function checkCards(tx: Queryable, world: World, cards: readonly string[]): Promise<void> {
	for (const entry of await readCards(tx, cards)) {
		if (world.cards.get(entry.card)?.memberId !== entry.memberId) throw new ConcurrentChange('a card changed hands meanwhile');
		world.cards.set(entry.card, entry);
		world.knownCards.add(entry.card);
	}
	if (world.knownCards.size !== world.cards.size) throw new ConcurrentChange('a card was given up meanwhile');
}

async function readCards(tx: Queryable, cards: readonly string[]): Promise<CardEntry[]> {
	if (cards.length === 0) return [];
	return tx.query<CardEntry>('SELECT card, member_id AS "memberId", kind, status FROM card_index WHERE card = ANY($1::text[])', [cards]);
}

function holdersOf(world: World, cards: readonly string[]): string[] {
	return cards.map((card) => world.cards.get(card)?.memberId).filter((id) => id !== undefined);
}

async function readOwnCards(tx: Queryable, world: World, movers: readonly string[]): Promise<void> {
	const ids = movers.flatMap((id) => chainOf(world, id));
	if (ids.length === 0) return;
	const entries = await tx.query<CardEntry>(
		'SELECT card, member_id AS "memberId", kind, status FROM card_index WHERE member_id = ANY($1::text[])',
		[unique(ids)],
	);
	for (const entry of entries) {
		world.cards.set(entry.card, entry);
		world.knownCards.add(entry.card);
	}
}

async function readForgotten(
	tx: Queryable,
	world: World,
	{ cards, secret }: { readonly cards: readonly string[]; readonly secret: string },
): Promise<void> {
	const byHash = new Map(cards.filter((card) => !world.cards.has(card)).map((card) => [forgottenCardHash(card, secret), card]));
	if (byHash.size === 0) return;
	const rows = await tx.query<{ card_hash: string; forgotten_at: number }>(
		'SELECT card_hash, forgotten_at FROM forgotten_card WHERE card_hash = ANY($1::text[])',
		[[...byHash.keys()]],
	);
	for (const row of rows) world.forgottenCards.set(byHash.get(row.card_hash) ?? '', row.forgotten_at);
}
