import { must } from '#shared/lib/assert.ts';
import type { WireEvent } from '#shared/wire/event.ts';
import type { EventResult } from '#shared/wire/push.ts';
import { EventIdSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import type { WireError } from '#shared/wire/error-envelope.ts';
import { wireError } from '../../wire-error.ts';
import { decide } from '../decide/decide.ts';
import { missing } from '../decide/decision.ts';
import type { Decision, NamedCard, OfferedCard, View } from '../decide/decision.ts';
import { LATE_AFTER_MS } from '../decide/timeline.ts';
import type { MemberState } from '../decide/member-state.ts';
import type { SaleState } from '../decide/sale-state.ts';
import { isSameContent } from './content-hash.ts';
import { bookCorrection } from './corrections.ts';
import { saleKeyOf } from './incoming.ts';
import type { Incoming, ParsedBody } from './incoming.ts';
import { holdBack, mustWait } from './request-order.ts';
import type { RequestOrder } from './request-order.ts';
import { scrubPayload } from './scrub.ts';
import { noteTierEvent, timelineOf } from './timelines.ts';
import { cardsOf, putMember, resolveMember } from './world.ts';
import type { FreshEvent, StoredOutcome, World } from './world.ts';

/** Answers one item and changes the world accordingly. Final outcomes of events with an id of their own join `world.fresh`. */
export function applyItem(world: World, order: RequestOrder, item: Incoming): EventResult {
	const stored = world.stored.get(item.eventId);
	if (stored !== undefined) return answerStored(item, stored);
	if (item.seq !== null && (order.isForked || world.seqs.has(item.seq))) {
		order.isForked = true;
		return { ...idOf(item), status: 'fork', error: wireError('sequenceForked', 'another event has this place in the order') };
	}
	if (!item.body.ok) return refuse(world, item, item.body.error);
	const decision = mustWait(order, world, item)
		? missing('an earlier event of this customer has not arrived yet')
		: decide(viewOf(world, item, item.body));
	switch (decision.kind) {
		case 'applied':
			return accept(world, { item, event: item.body.event, decision });
		case 'refused':
			return refuse(world, item, decision.error);
		case 'missing':
			holdBack(order, world, item);
			return { ...idOf(item), status: 'deferred', error: decision.error };
		case 'repeated':
			return { ...describeOutcome(must(world.stored.get(decision.eventId), 'the event of a sale')), ...idOf(item), status: 'duplicate' };
	}
}

/** What a stored outcome says, as `GET /outcomes` and a repeated push answer it. */
export function describeOutcome(outcome: StoredOutcome): EventResult {
	const base = { event_id: EventIdSchema.parse(outcome.eventId) };
	if (outcome.status === 'rejected') return { ...base, status: 'rejected', error: must(outcome.error, 'the reason of a rejection') };
	const hasEvents = outcome.points !== 0 && outcome.action !== null;
	return {
		...base,
		status: 'applied',
		applied_to: MemberIdSchema.parse(outcome.appliedTo),
		applied_ver: must(outcome.appliedVer, 'the version of an effect'),
		points: outcome.points,
		events: hasEvents ? [{ id: outcome.eventId, action: must(outcome.action, 'an action'), points: outcome.points }] : [],
	};
}

function answerStored(item: Incoming, stored: StoredOutcome): EventResult {
	if (!stored.isScrubbed && !isSameContent(stored.contentHash, item.contentHash)) {
		return { ...idOf(item), status: 'mismatch', error: wireError('contentMismatch', 'this event ID was used with other content') };
	}
	const outcome = describeOutcome(stored);
	return outcome.status === 'applied' ? { ...outcome, status: 'duplicate' } : outcome;
}

function viewOf(world: World, item: Incoming, body: ParsedBody): View {
	const { event } = body;
	const named = body.named === null ? null : namedCard(world, body.named);
	const target = targetOf(world, event, named);
	return {
		event,
		eventId: item.eventId,
		contentHash: item.contentHash,
		effectiveAtMs: item.effectiveAtMs,
		nowMs: world.nowMs,
		isPlain: item.isPlain,
		programme: world.programme,
		target,
		newId: body.newMemberId ?? event.customer,
		isNewIdMinted: body.newMemberId !== null,
		named,
		offered: body.offered === null ? null : offeredCard(world, body.offered),
		// Only what moves or ends a membership looks at them, and looking them up is not free.
		ownCards: target !== null && (event.action === 'opt_in' || event.action === 'opt_out') ? cardsOf(world, target.id) : [],
		...saleOf(world, item, { event, target }),
	};
}

type Meant = { readonly event: WireEvent; readonly target: MemberState | null };

function saleOf(world: World, item: Incoming, { event, target }: Meant): Pick<View, 'sale' | 'saleOwnerId' | 'timeline'> {
	const saleKey = saleKeyOf(event);
	if (saleKey === null) return { sale: null, saleOwnerId: null, timeline: null };
	const sale = world.sales.get(saleKey) ?? null;
	return {
		sale,
		saleOwnerId: sale === null ? null : (resolveMember(world, sale.ownerId)?.id ?? null),
		timeline: target === null ? null : timelineOf(world, target, { effectiveAtMs: item.effectiveAtMs, sale }),
	};
}

function targetOf(world: World, event: WireEvent, named: NamedCard | null): MemberState | null {
	if (named === null) return resolveMember(world, event.customer);
	return named.entry === null ? null : resolveMember(world, named.entry.memberId);
}

function namedCard(world: World, card: string): NamedCard {
	return { card, entry: world.cards.get(card) ?? null, forgottenAtMs: world.forgottenCards.get(card) ?? null };
}

function offeredCard(world: World, card: string): OfferedCard {
	const entry = world.cards.get(card);
	return {
		card,
		owner: entry === undefined ? null : resolveMember(world, entry.memberId),
		forgottenAtMs: world.forgottenCards.get(card) ?? null,
	};
}

type Acceptance = { readonly item: Incoming; readonly event: WireEvent; readonly decision: Extract<Decision, { kind: 'applied' }> };

function accept(world: World, { item, event, decision }: Acceptance): EventResult {
	const { effects, memberId, points } = decision;
	const originMember = originOf(world, item, event);
	for (const member of effects.members) putMember(world, member);
	moveCards(world, item, decision);
	if (event.action === 'opt_out') world.scrubbed.add(memberId);
	const outcome: StoredOutcome = {
		eventId: item.eventId,
		contentHash: item.contentHash,
		isScrubbed: false,
		status: 'applied',
		error: null,
		action: event.action,
		points,
		appliedTo: memberId,
		appliedVer: must(world.members.get(memberId), 'the member that an event was applied to').ver,
	};
	remember(world, item, {
		...outcome,
		originMember: originMember ?? memberId,
		namedAs: event.external_id === undefined ? null : event.customer,
		payload: event.data,
		entries: effects.entries,
		refund: refundOf(effects),
	});
	bookSale(world, item, decision);
	return { ...describeOutcome(outcome), ...idOf(item) };
}

type Applied = Acceptance['decision'];

function moveCards(world: World, item: Incoming, { effects, memberId }: Applied): void {
	for (const entry of effects.cards) {
		world.cards.set(entry.card, entry);
		world.changedCards.set(entry.card, entry);
		world.forgottenCards.delete(entry.card);
	}
	for (const card of effects.released) {
		world.cards.delete(card);
		world.changedCards.delete(card);
		world.releasedCards.set(card, memberId);
		world.forgottenCards.set(card, item.effectiveAtMs);
	}
}

/** The sale of an event, its place in the member's timeline, and what it moves there. */
function bookSale(world: World, { eventId, effectiveAtMs }: Incoming, { effects, memberId }: Applied): void {
	const { sale, corrections } = effects;
	if (sale === null) return;
	putSale(world, sale);
	const refund = refundOf(effects);
	noteTierEvent(world, memberId, { eventId, effectiveAtMs, transactionId: sale.transactionId, refundMinor: refund?.refundMinor ?? null });
	for (const correction of corrections) {
		putSale(world, correction.sale);
		bookCorrection(world, memberId, { cause: eventId, correction });
	}
}

function refundOf({ sale, refundMinor }: Applied['effects']): FreshEvent['refund'] {
	return sale === null || refundMinor === null ? null : { transactionId: sale.transactionId, refundMinor };
}

function refuse(world: World, item: Incoming, error: WireError): EventResult {
	// Without an id of its own nobody can ask for the outcome again: there is nothing to keep.
	if (!item.isPlain) {
		const event = item.body.ok ? item.body.event : null;
		const isScrubbed = error.code === WIRE_CODES.optedOut;
		remember(world, item, {
			eventId: item.eventId,
			contentHash: isScrubbed ? '' : item.contentHash,
			isScrubbed,
			status: 'rejected',
			error,
			action: event?.action ?? null,
			points: 0,
			appliedTo: null,
			appliedVer: null,
			originMember: event === null ? null : originOf(world, item, event),
			namedAs: null,
			payload: event === null ? null : scrubPayload(event.data),
			entries: [],
			refund: null,
		});
	}
	return { ...idOf(item), status: 'rejected', error };
}

function remember(
	world: World,
	item: Incoming,
	fresh: Omit<FreshEvent, 'seq' | 'occurredAtMs' | 'effectiveAtMs' | 'isLate' | 'isOurs'>,
): void {
	const { seq, occurredAtMs, effectiveAtMs } = item;
	world.fresh.push({ ...fresh, seq, occurredAtMs, effectiveAtMs, isLate: effectiveAtMs < world.nowMs - LATE_AFTER_MS, isOurs: false });
	world.stored.set(item.eventId, fresh);
	if (item.seq !== null) world.seqs.set(item.seq, item.eventId);
}

function putSale(world: World, sale: SaleState): void {
	if (world.sales.has(sale.transactionId)) {
		if (!world.addedSales.has(sale.transactionId)) world.changedSales.add(sale.transactionId);
	} else world.addedSales.add(sale.transactionId);
	world.sales.set(sale.transactionId, sale);
}

/** The id that the sender meant, before aliases; `null` when its card means nobody. */
function originOf(world: World, item: Incoming, event: WireEvent): string | null {
	if (!item.body.ok || item.body.named === null) return event.customer;
	return world.cards.get(item.body.named)?.memberId ?? null;
}

/** The id of an item for its answer: only one that the sender itself gave is echoed. */
export function idOf(item: Incoming): { readonly event_id?: ReturnType<typeof EventIdSchema.parse> } {
	return item.isPlain ? {} : { event_id: EventIdSchema.parse(item.eventId) };
}
