/** What a cashier does at a terminal, straight into the outbox: the use cases above it are tested elsewhere, and need a roster and a session. */
import { systemRandom } from '#main/devices/system-clock.ts';
import { findByCard, findById, idOf } from '#main/terminal/member/known-member.ts';
import type { KnownMember } from '#main/terminal/member/known-member.ts';
import { EventIdSchema, LoyaltyBarcodeSchema, MemberIdSchema, ReceiptNumberSchema, TransactionIdSchema } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { Receipt } from '#sync/outbox/entry.ts';
import { bookOf, note, unrefundedMinor } from './books.ts';
import type { Books, Kind, Person, Recorded } from './books.ts';
import { orThrow } from './shop-terminal.ts';
import { contextOf } from './world.ts';
import type { World } from './world.ts';

/** `who` and `card` are numbers that a generator chose; they are taken round whatever there is. */
export type Wish = { readonly kind: Kind; readonly who: number; readonly byCard: boolean; readonly card: number; readonly points: number };

const CENTS = 100;
/** Cards that several terminals may hand out by mistake. */
const SHARED_CARDS = ['2900000000100', '2900000000117', '2900000000018'] as const;

/** A card of its own for each enrolment. */
export const SHARED_BY_NOBODY = SHARED_CARDS.length;

type Draft = Pick<Recorded, 'kind' | 'memberId' | 'card' | 'points' | 'amountMinor' | 'transactionId' | 'word'> & { readonly data: object };

/** Records what was wished for, as far as it makes sense on this terminal; `false` when it does not. */
export async function record(
	books: Books,
	world: World,
	{ index, wish }: { readonly index: number; readonly wish: Wish },
): Promise<boolean> {
	const draft = await draftOf(books, world, { index, wish });
	if (draft === null) return false;
	const { data, ...rest } = draft;
	const { clock, life } = world.terminal(index);
	const { outbox, engine } = life();
	const event: Recorded = { ...rest, eventId: uuidV7(clock.nowMs(), systemRandom), terminal: index };
	orThrow(
		await outbox.record({
			requestId: crypto.randomUUID(),
			eventId: EventIdSchema.parse(event.eventId),
			event: toWire(event, data),
			memberId: event.memberId === null ? null : MemberIdSchema.parse(event.memberId),
			pointsEstimated: event.points,
			receipt: receiptOf(event),
			cashier: '',
		}),
	);
	note(books, event);
	engine.notifyRecorded();
	return true;
}

async function draftOf(
	books: Books,
	world: World,
	{ index, wish }: { readonly index: number; readonly wish: Wish },
): Promise<Draft | null> {
	world.count += 1;
	if (wish.kind === 'enrolment') return enrolmentOf(world, wish);
	if (wish.kind === 'refund') return refundOf(books, index, wish);
	const owner = await findOwner(books, world, { index, wish });
	if (owner === null) return null;
	const transactionId = `sale-${index}-${world.count}-${crypto.randomUUID().slice(0, 8)}`;
	const nothing = { ...owner, points: 0, amountMinor: 0, transactionId: null, word: null };
	switch (wish.kind) {
		case 'points':
			return { ...nothing, kind: 'points', points: wish.points, data: { points: wish.points } };
		case 'sale': {
			const data = { transaction_id: transactionId, total: wish.points, currency: 'EUR' };
			return { ...nothing, kind: 'sale', points: wish.points, amountMinor: wish.points * CENTS, transactionId, data };
		}
		case 'profile': {
			const word = `Qname${world.count}x`;
			return owner.memberId === null ? null : { ...nothing, kind: 'profile', word, data: { first_name: word } };
		}
		case 'opt_out':
			return owner.memberId === null ? null : { ...nothing, kind: 'opt_out', data: {} };
	}
}

function enrolmentOf(world: World, { card }: Wish): Draft {
	const barcode = SHARED_CARDS[card] ?? `29000000${String(1_000 + world.count)}7`;
	const word = `Vname${world.count}x`;
	const memberId = uuidV7(Date.now(), systemRandom);
	return {
		kind: 'enrolment',
		memberId,
		card: barcode,
		points: 0,
		amountMinor: 0,
		transactionId: null,
		word,
		data: { first_name: word, loyalty_barcode: barcode },
	};
}

function refundOf(books: Books, index: number, { who, points, byCard }: Wish): Draft | null {
	const book = bookOf(books, index);
	const sales = book.kept.filter(({ event, isVoided }) => event.kind === 'sale' && !isVoided && unrefundedMinor(book, event) > 0);
	const sale = sales[who % Math.max(1, sales.length)]?.event;
	if (sale === undefined) return null;
	const left = unrefundedMinor(book, sale);
	// "All that is left" means something else to a terminal that has forgotten a refund: only who forgets nothing says it here.
	const isWhole = byCard && !book.wasRestored;
	const amountMinor = isWhole ? left : Math.min(left, points * CENTS);
	const { memberId, card, transactionId } = sale;
	const data = { transaction_id: transactionId, ...(isWhole ? {} : { amount: amountMinor / CENTS }) };
	return { kind: 'refund', memberId, card, points: -amountMinor / CENTS, amountMinor, transactionId, word: null, data };
}

/** Whoever stands at the counter: found by id or card as the screens find them; a card that nobody here has is taken as it is. */
async function findOwner(
	books: Books,
	world: World,
	{ index, wish }: { readonly index: number; readonly wish: Wish },
): Promise<Pick<Recorded, 'memberId' | 'card'> | null> {
	const person: Person = must(books.people[wish.who % books.people.length], 'somebody');
	const known = await findKnown(world, index, { person, wish });
	if (known !== null) {
		// A stub of this card, perhaps, whose id nobody has noted yet.
		books.bonds.join(idOf(known), person.id);
		return { memberId: idOf(known), card: null };
	}
	return wish.byCard ? { memberId: null, card: person.card } : null;
}

async function findKnown(
	world: World,
	index: number,
	{ person, wish }: { readonly person: Person; readonly wish: Wish },
): Promise<KnownMember | null> {
	const context = contextOf(world.terminal(index));
	return wish.byCard ? ((await findByCard(context, person.card))?.known ?? null) : findById(context, MemberIdSchema.parse(person.id));
}

const ACTIONS = { points: 'point_add', sale: 'checkout', enrolment: 'opt_in', profile: 'profile', opt_out: 'opt_out' } as const;

function toWire({ kind, memberId, card }: Recorded, data: object): WireEvent {
	const ofRefund = 'amount' in data ? 'partial_refund' : 'refund';
	const action = kind === 'refund' ? ofRefund : ACTIONS[kind];
	const owner = memberId === null ? { customer: LoyaltyBarcodeSchema.parse(card), external_id: 'loyalty_barcode' } : { customer: memberId };
	return WireEventSchema.parse({ ...owner, action, data });
}

function receiptOf({ transactionId, amountMinor }: Recorded): Receipt | null {
	if (transactionId === null) return null;
	const receiptNumber = ReceiptNumberSchema.parse(transactionId.slice(0, 20));
	return { receiptNumber, amountMinor, currency: 'EUR', transactionId: TransactionIdSchema.parse(transactionId) };
}
