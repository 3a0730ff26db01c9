import { z } from 'zod';
import { canonicalBarcode } from '#shared/domain/loyalty-barcode.ts';
import { EventIdSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import type { Programme } from '#shared/domain/programme.ts';
import type { Random } from '#shared/lib/clock.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import type { WireError } from '#shared/wire/error-envelope.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { EventResult } from '#shared/wire/push.ts';
import { wireError } from '../../wire-error.ts';
import { contentHashOf } from './content-hash.ts';
import { effectiveAtMs, keepBootOrder } from './effective-time.ts';
import type { BootMark, RequestTime } from './effective-time.ts';

/**
 * Who sends. `terminal` null: an operator, whose events have no place in an order and no outcome feed. `notAfterMs`: the terminal was
 * revoked then; what happened later is refused.
 */
export type Sender = { readonly terminal: string | null; readonly incarnation: string | null; readonly notAfterMs?: number };

/** `named`: the card that stands for the member. `offered`: the card in the data. `newMemberId`: for a stub, when the member is named by a card. */
export type ParsedBody = {
	readonly ok: true;
	readonly event: WireEvent;
	readonly named: string | null;
	readonly offered: string | null;
	readonly newMemberId: string | null;
};

/** One item that has an identity. `body` is the event, or why it is none. */
export type Incoming = {
	readonly index: number;
	readonly eventId: string;
	/** The sender named no event id; this one is ours and nobody will ask for it. */
	readonly isPlain: boolean;
	/** Place in the order of the sender's incarnation, if it has one. */
	readonly seq: number | null;
	readonly contentHash: string;
	readonly body: ParsedBody | { readonly ok: false; readonly error: WireError };
	readonly bootId: string | null;
	readonly occurredAtMs: number | null;
	readonly effectiveAtMs: number;
};

const EventIdHolderSchema = z.looseObject({ event_id: EventIdSchema });

/** The part of an item that gives it an identity even if the rest of it is malformed. */
const IdentitySchema = z.looseObject({ event_id: EventIdSchema, seq: z.int().min(1) });

export type ParseContext = {
	readonly sender: Sender;
	readonly time: RequestTime;
	readonly programme: Programme;
	readonly random: Random;
	/** The sender's newest event so far. */
	readonly bootMark: BootMark | null;
};

/** Items with an identity, the final answers to those without, and the sender's newest event now. */
export type ParsedItems = {
	readonly incoming: readonly Incoming[];
	readonly answered: ReadonlyMap<number, EventResult>;
	readonly bootMark: BootMark | null;
};

/** Parses every item on its own: a bad one costs the others nothing. */
export function parseItems(items: readonly unknown[], context: ParseContext): ParsedItems {
	const incoming: Incoming[] = [];
	const answered = new Map<number, EventResult>();
	for (const [index, item] of items.entries()) {
		const parsed = parseItem(item, index, context);
		if ('eventId' in parsed) incoming.push(parsed);
		else answered.set(index, parsed);
	}
	const { items: ordered, mark } = keepBootOrder(incoming, context.bootMark);
	return { incoming: ordered.map((item) => refuseAfter(item, context.sender)), answered, bootMark: mark };
}

function parseItem(item: unknown, index: number, context: ParseContext): Incoming | EventResult {
	const hash = isRecord(item) ? contentHashOf(item) : null;
	if (hash === null)
		return {
			...echoId(item),
			status: 'rejected',
			error: wireError('itemMalformed', 'not an event, too large, or with text that cannot be stored'),
		};
	const parsed = WireEventSchema.safeParse(item);
	if (!parsed.success) return malformed(item, { index, hash, context, error: wireError('itemMalformed', describe(parsed.error)) });
	const event = parsed.data;
	if (event.external_id === undefined && !MemberIdSchema.safeParse(event.customer).success) {
		return malformed(item, { index, hash, context, error: wireError('itemMalformed', 'customer: not a customer ID') });
	}
	const { time, sender } = context;
	return {
		index,
		eventId: event.event_id?.toLowerCase() ?? uuidV7(time.receivedAtMs, context.random),
		isPlain: event.event_id === undefined,
		seq: sender.incarnation === null ? null : (event.seq ?? null),
		contentHash: hash,
		body: bodyOf(event, context),
		...timesOf(event, time),
	};
}

/** A terminal that was revoked hands over what it recorded before, and nothing else. */
function refuseAfter(item: Incoming, { notAfterMs }: Sender): Incoming {
	if (notAfterMs === undefined || item.effectiveAtMs <= notAfterMs) return item;
	return { ...item, body: { ok: false, error: wireError('terminalRevoked', 'recorded after this terminal was revoked') } };
}

/** The `transaction_id` of an event that is about a sale. */
export function saleKeyOf(event: WireEvent): string | null {
	switch (event.action) {
		case 'checkout':
		case 'refund':
		case 'partial_refund':
			return event.data.transaction_id;
		default:
			return null;
	}
}

function bodyOf(event: WireEvent, { programme, time, random }: ParseContext): ParsedBody {
	const offered = offeredCard(event, programme);
	if (event.external_id === undefined) return { ok: true, event, named: null, offered, newMemberId: null };
	const named = canonicalBarcode(event.customer, programme) ?? event.customer;
	return { ok: true, event, named, offered, newMemberId: uuidV7(time.receivedAtMs, random) };
}

function timesOf(event: WireEvent, time: RequestTime): Pick<Incoming, 'bootId' | 'occurredAtMs' | 'effectiveAtMs'> {
	const occurredAtMs = event.occurred_at ?? null;
	const ageMs = event.age_ms ?? null;
	const facts = { occurredAtMs, ageMs, recordedSkewMs: event.skew_ms ?? null, effectiveTimestampS: event.data.effective_timestamp ?? null };
	// An age is known within the running boot only, so that events with one share theirs even if the sender does not name it.
	return { bootId: event.boot_id ?? (ageMs === null ? null : ''), occurredAtMs, effectiveAtMs: effectiveAtMs(facts, time) };
}

type Malformed = { readonly index: number; readonly hash: string; readonly context: ParseContext; readonly error: WireError };

/** Stored as rejected, and so final, if it at least says which event it is. */
function malformed(item: unknown, { index, hash, context, error }: Malformed): Incoming | EventResult {
	const identity = IdentitySchema.safeParse(item);
	if (!identity.success || context.sender.incarnation === null) {
		return { ...echoId(item), status: 'rejected', error };
	}
	return {
		index,
		eventId: identity.data.event_id.toLowerCase(),
		isPlain: false,
		seq: identity.data.seq,
		contentHash: hash,
		body: { ok: false, error },
		bootId: null,
		occurredAtMs: null,
		effectiveAtMs: context.time.receivedAtMs,
	};
}

function offeredCard(event: WireEvent, programme: Programme): string | null {
	if (event.action !== 'opt_in' && event.action !== 'profile') return null;
	const { loyalty_barcode: barcode } = event.data;
	return barcode === undefined ? null : (canonicalBarcode(barcode, programme) ?? barcode);
}

function echoId(item: unknown): Pick<EventResult, 'event_id'> {
	const holder = EventIdHolderSchema.safeParse(item);
	return holder.success ? { event_id: holder.data.event_id } : {};
}

/** Names what is wrong without repeating values, which may be personal. */
function describe(error: z.ZodError): string {
	return error.issues
		.slice(0, 5)
		.map((issue) => `${issue.path.join('.')}: ${issue.code}`)
		.join('; ');
}

function isRecord(item: unknown): item is Readonly<Record<string, unknown>> {
	return typeof item === 'object' && item !== null && !Array.isArray(item);
}
