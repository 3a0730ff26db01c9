/** What cashiers do at a terminal: they see what it knows, and record what its use cases would record. */
import { pointsForSale, tierFor } from '#shared/domain/earn.ts';
import { EventIdSchema, ReceiptNumberSchema, TransactionIdSchema } from '#shared/domain/ids.ts';
import type { EventId, LoyaltyBarcode, MemberId, TransactionId } from '#shared/domain/ids.ts';
import type { Random } from '#shared/lib/clock.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import { DEFAULT_PROGRAMME } from '#sync/hq/programme.ts';
import type { Recording } from '#sync/outbox/outbox.ts';
import type { ReplicaMember } from '#sync/replica/replica.ts';
import { cardOf, personOf } from './people.ts';
import type { Person } from './people.ts';
import type { TerminalMachine } from './terminal-machine.ts';

/** A sale that was recorded at a terminal. */
export type Sale = {
	readonly machine: string;
	readonly recording: Recording;
	readonly transactionId: TransactionId;
	readonly minor: number;
};

/** A member as the terminal knows one: whom it may name in an event, or a card that it does not know. */
export type Customer = { readonly memberId: MemberId | null; readonly barcode: LoyaltyBarcode | null; readonly row: ReplicaMember | null };

export type Till = { readonly machine: TerminalMachine; readonly nowMs: number; readonly random: Random };

/** The owner of the sale, or `null` when this terminal would not serve them. */
export function ownerAt({ machine }: Till, person: Person): Customer | null {
	const { outbox, replica } = machine.disk();
	const rows = replica.commits.at(-1)?.members ?? new Map<MemberId, ReplicaMember>();
	const first = rows.get(person.id);
	if (first !== undefined) {
		const row = follow(rows, first);
		return row === null ? null : { memberId: row.id, barcode: null, row };
	}
	if (outbox.enrolled.has(person.id)) return { memberId: person.id, barcode: null, row: null };
	return person.card === null ? null : { memberId: null, barcode: person.card, row: null };
}

const MERGES_MAX = 8;

function follow(rows: ReadonlyMap<MemberId, ReplicaMember>, first: ReplicaMember): ReplicaMember | null {
	let row: ReplicaMember | undefined = first;
	for (let merges = 0; row?.status === 'merged' && merges < MERGES_MAX; merges += 1)
		row = row.mergedInto === null ? undefined : rows.get(row.mergedInto);
	return row === undefined || row.status === 'opted_out' || row.status === 'merged' ? null : row;
}

export function newSale(till: Till, owner: Customer, minor: number): Sale {
	const base = newBase(till);
	const transactionId = TransactionIdSchema.parse(`S1-${base.eventId.slice(-12)}`);
	const receiptNumber = ReceiptNumberSchema.parse(`R${base.eventId.slice(-8)}`);
	const tier = tierFor(owner.row?.tierPoints ?? 0, DEFAULT_PROGRAMME);
	const recording: Recording = {
		...base,
		memberId: owner.memberId,
		pointsEstimated: pointsForSale({ amountMinor: minor, lines: [] }, tier, DEFAULT_PROGRAMME.earn),
		receipt: { receiptNumber, amountMinor: minor, currency: 'EUR', transactionId },
		event: {
			...named(owner),
			action: 'checkout',
			data: { transaction_id: transactionId, total: minor / 100, currency: 'EUR', receipt_number: receiptNumber },
		},
	};
	return { machine: till.machine.name, recording, transactionId, minor };
}

/** Of the whole sale, or of a share of it. */
export function newRefund(till: Till, { recording, transactionId, minor }: Sale, share: number | null): Recording {
	const { customer, external_id } = recording.event;
	const owner = external_id === undefined ? { customer } : { customer, external_id };
	const amountMinor = share === null ? minor : Math.max(1, Math.floor(minor * share));
	const data = { transaction_id: transactionId };
	const event: WireEvent =
		share === null
			? { ...owner, action: 'refund', data }
			: { ...owner, action: 'partial_refund', data: { ...data, amount: amountMinor / 100 } };
	return {
		...newBase(till),
		memberId: recording.memberId,
		pointsEstimated: -Math.floor((recording.pointsEstimated * amountMinor) / minor),
		receipt: recording.receipt === null ? null : { ...recording.receipt, amountMinor },
		event,
	};
}

export function newPoints(till: Till, owner: Customer, points: number): Recording {
	const data = { points: Math.max(1, Math.abs(points)) };
	const action = points < 0 ? 'point_sub' : 'point_add';
	return {
		...newBase(till),
		memberId: owner.memberId,
		pointsEstimated: points < 0 ? -data.points : data.points,
		event: { ...named(owner), action, data },
	};
}

/** Somebody new, perhaps with a card or a phone that others have too. */
export function newEnrolment(
	till: Till,
	{ card, contact }: { readonly card: number; readonly contact: number | null },
): { readonly recording: Recording; readonly person: Person } {
	const base = newBase(till);
	// Of ten numbers the last ones are no card at all.
	const barcode = card < 6 ? cardOf(card) : null;
	const person = personOf(`m-${base.eventId.slice(-12)}`, barcode);
	const data = {
		...(barcode === null ? {} : { loyalty_barcode: barcode }),
		first_name: person.word,
		mobile_phone: contact === null ? null : `+3620111111${contact}`,
		consents: [{ purpose: 'terms', granted: true, version: 1, language: 'en', at: till.nowMs }],
	};
	return { person, recording: { ...base, memberId: person.id, event: { customer: person.id, action: 'opt_in', data } } };
}

export function newProfile(till: Till, memberId: MemberId, word: string): Recording {
	return {
		...newBase(till),
		memberId,
		event: { customer: memberId, action: 'profile', data: { first_name: word, last_name: `L${till.nowMs % 97}` } },
	};
}

export function newOptOut(till: Till, memberId: MemberId): Recording {
	return { ...newBase(till), memberId, event: { customer: memberId, action: 'opt_out', data: {} } };
}

function named({
	memberId,
	barcode,
}: Customer): { readonly customer: MemberId } | { readonly customer: LoyaltyBarcode; readonly external_id: 'loyalty_barcode' } {
	if (memberId !== null) return { customer: memberId };
	return { customer: barcode ?? cardOf(0), external_id: 'loyalty_barcode' };
}

type Base = Omit<Recording, 'event'> & { readonly eventId: EventId };

function newBase({ nowMs, random }: Till): Base {
	const eventId = EventIdSchema.parse(uuidV7(nowMs, random));
	return { requestId: eventId, eventId, memberId: null, pointsEstimated: 0, receipt: null, cashier: 'c1' };
}
