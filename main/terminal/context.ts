import type { CardBlock, Cashier, Programme, QrRule } from '#shared/domain/programme.ts';
import { EventIdSchema } from '#shared/domain/ids.ts';
import type { EventId } from '#shared/domain/ids.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Clock, Random } from '#shared/lib/clock.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import type { Outbox } from '#sync/outbox/outbox.ts';
import type { Replica } from '#sync/replica/replica.ts';
import type { RequestGate } from './request-gate.ts';
import type { LocalCalendar } from './sale/local-day.ts';

/** Whose terminal this is, from its pairing. */
export type TerminalIdentity = {
	readonly outletCode: string;
	readonly terminalCode: string;
	/** Numbers of cards that this terminal alone hands out; `null` when it has none. */
	readonly cardBlock: CardBlock | null;
};

/** What every use case works with: the two databases, time, chance, and who and where we are at this moment. */
export type TerminalContext = {
	readonly outbox: Outbox;
	readonly replica: Replica;
	readonly clock: Clock;
	readonly random: Random;
	readonly gate: RequestGate;
	readonly calendar: LocalCalendar;
	/** `null` until the first contact with headquarters. */
	readonly programme: () => Programme | null;
	/** `null` until the terminal is paired. */
	readonly identity: () => TerminalIdentity | null;
	/** Who is signed in; `null` on a terminal without a roster. */
	readonly cashier: () => Cashier | null;
	readonly cashiers: () => readonly Cashier[];
};

/** What a terminal must know before it can record anything. */
export type Readiness = { readonly programme: Programme; readonly identity: TerminalIdentity };

/** Fails with LINE-101 until the terminal has had its first contact with headquarters. */
export function readiness(context: TerminalContext): Result<Readiness, LoyaltyError> {
	const programme = context.programme();
	const identity = context.identity();
	if (programme === null || identity === null)
		return fail(terminalError('LINE-101', { verdict: 'retry_later', detail: 'no programme yet' }));
	return ok({ programme, identity });
}

/** The rule for QR payloads; before the first contact a payload is the number itself. */
export function qrRule(context: TerminalContext): { readonly qr: QrRule } {
	return { qr: context.programme()?.qr ?? { keys: [], hosts: [] } };
}

/** The id of an event that is confirmed now. */
export function newEventId(context: TerminalContext): EventId {
	return EventIdSchema.parse(uuidV7(context.clock.nowMs(), context.random));
}

/** The id of who is signed in, as events carry it; '' when nobody is. */
export function cashierId(context: TerminalContext): string {
	return context.cashier()?.id ?? '';
}

/** The data of an event with its cashier, when there is one. */
export function withCashier<T extends object>(context: TerminalContext, data: T): T & { readonly cashier?: string } {
	const id = cashierId(context);
	return id === '' ? data : { ...data, cashier: id };
}
