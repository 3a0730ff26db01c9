import { createHeldBack } from '#shared/wire/event-order.ts';
import type { HeldBack, OrderedEvent } from '#shared/wire/event-order.ts';
import type { MemberState } from '../decide/member-state.ts';
import { saleKeyOf } from './incoming.ts';
import type { Incoming, ParsedBody } from './incoming.ts';
import { resolveMember } from './world.ts';
import type { World } from './world.ts';

/**
 * What the items of one request may not do any more because of one in front of them. Owned by one attempt to store the request, and outlives
 * its worlds when items are stored one by one.
 */
export type RequestOrder = {
	/**
	 * An item's place was taken: the sender's incarnation means two things. Nothing more is taken under it, or what was recorded later would
	 * overtake the item, which comes again under another incarnation.
	 */
	isForked: boolean;
	/** Items that come again later; `null` while there are none. */
	heldBack: HeldBack | null;
};

export function createRequestOrder(): RequestOrder {
	return { isForked: false, heldBack: null };
}

/** Notes that `item` comes again. Without a place in its sender's order nothing follows from that. */
export function holdBack(order: RequestOrder, world: World | null, item: Incoming): void {
	order.heldBack ??= createHeldBack();
	for (const event of orderedAs(world, item)) order.heldBack.add(event);
}

/** Whether `item` would overtake one that comes again. */
export function mustWait({ heldBack }: RequestOrder, world: World, item: Incoming): boolean {
	return heldBack !== null && orderedAs(world, item).some((event) => heldBack.mustWait(event));
}

/** An item under the name that its sender gave the member, and under the id of whoever that is now. */
function orderedAs(world: World | null, { seq, body }: Incoming): readonly OrderedEvent[] {
	if (seq === null || !body.ok) return [];
	const { event, named } = body;
	const memberId = named === null ? event.customer : null;
	const asSent = { action: event.action, memberId, barcode: named, transactionId: saleKeyOf(event) };
	const member = world === null ? null : memberOf(world, body);
	return member === null || member.id === memberId ? [asSent] : [asSent, { ...asSent, memberId: member.id }];
}

function memberOf(world: World, { event, named }: ParsedBody): MemberState | null {
	if (named === null) return resolveMember(world, event.customer);
	// A card may have been released by the very item that could not be stored then.
	const holder = world.cards.get(named)?.memberId ?? world.releasedCards.get(named);
	return holder === undefined ? null : resolveMember(world, holder);
}
