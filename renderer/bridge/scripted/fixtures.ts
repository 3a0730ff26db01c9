import { EventIdSchema, LoyaltyBarcodeSchema, MemberIdSchema, ReceiptNumberSchema } from '#shared/domain/ids.ts';
import type { Programme } from '#shared/domain/programme.ts';
import { ProgrammeSchema } from '#shared/domain/programme.ts';
import { MemberCardSchema, MemberLineSchema } from '#shared/bridge/member-card.ts';
import type { MemberCard, MemberLine } from '#shared/bridge/member-card.ts';
import type { OutboxLine } from '#shared/bridge/outbox-calls.ts';
import { RefundableSaleSchema } from '#shared/bridge/sale-calls.ts';
import type { RefundableSale } from '#shared/bridge/sale-calls.ts';
import { OutboxLineSchema } from '#shared/bridge/outbox-calls.ts';
import { LineDetailsSchema, SessionSchema, ShiftSchema, StatusSchema } from '#shared/bridge/session-calls.ts';
import type { LineDetails, Night, Session, Shift, Status } from '#shared/bridge/session-calls.ts';

/** Sunday, 22 November 2026, 09:41 in Budapest. */
export const NOW_MS = Date.UTC(2026, 10, 22, 8, 41);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A moment of that morning, Budapest time. */
export function at(hour: number, minute: number): number {
	return Date.UTC(2026, 10, 22, hour - 1, minute);
}

/** An event id that is the same each time. */
export function eventId(index: number): ReturnType<typeof EventIdSchema.parse> {
	return EventIdSchema.parse(`0193b9a0-0000-7000-8000-${String(index).padStart(12, '0')}`);
}

export const programme: Programme = ProgrammeSchema.parse({
	version: 4,
	name: 'Regulars',
	currency: 'EUR',
	earn: { points: 1, perMinor: 100, rounding: 'down', excludedCategories: ['gift-card'] },
	tiers: [
		{ id: 'green', name: 'Green', threshold: 0, multiplierPercent: 100, colour: 'plain' },
		{ id: 'silver', name: 'Silver', threshold: 2000, multiplierPercent: 100, colour: 'silver' },
		{ id: 'gold', name: 'Gold', threshold: 5000, multiplierPercent: 100, colour: 'gold' },
		{ id: 'platinum', name: 'Platinum', threshold: 13_000, multiplierPercent: 150, colour: 'platinum' },
	],
	consents: [
		{
			purpose: 'terms',
			version: 4,
			language: 'en',
			title: 'Joins Regulars and accepts the terms',
			wording:
				'I would like to join Regulars. I have read the terms (version 4) and agree that my purchases with the card are kept to count my points. I can leave at any time, in the shop or by e-mail; my name and contact are then erased.',
			isRequired: true,
		},
		{
			purpose: 'email',
			version: 2,
			language: 'en',
			title: 'Offers by e-mail',
			wording: 'Ask: “May we e-mail you offers?” At most one a week; every e-mail has a link to stop.',
			isRequired: false,
		},
		{
			purpose: 'sms',
			version: 2,
			language: 'en',
			title: 'Offers by SMS',
			wording: 'Ask: “May we text you offers?” At most two a month; reply STOP to end them.',
			isRequired: false,
		},
		{
			purpose: 'terms',
			version: 4,
			language: 'hu',
			title: 'Belép a Regularsba és elfogadja a feltételeket',
			wording: 'Szeretnék belépni a Regularsba. A feltételeket (4. verzió) elolvastam.',
			isRequired: true,
		},
		{
			purpose: 'email',
			version: 2,
			language: 'hu',
			title: 'Ajánlatok e-mailben',
			wording: 'Kérdezze: „Küldhetünk ajánlatokat e-mailben?”',
			isRequired: false,
		},
		{
			purpose: 'sms',
			version: 2,
			language: 'hu',
			title: 'Ajánlatok SMS-ben',
			wording: 'Kérdezze: „Küldhetünk ajánlatokat SMS-ben?”',
			isRequired: false,
		},
	],
	cardSeries: [{ id: 'main', prefix: '290', length: 13, check: 'mod10' }],
	qr: { keys: ['card'], hosts: ['regulars.example'] },
	phoneCountry: 'HU',
	staleAfterMs: 12 * HOUR_MS,
});

const cashiers: Session['cashiers'] = [
	{ id: 'eva', displayName: 'Éva K.', initials: 'ÉK', role: 'cashier' },
	{ id: 'bence', displayName: 'Bence T.', initials: 'BT', role: 'cashier' },
	{ id: 'judit', displayName: 'Judit Sz.', initials: 'JS', role: 'manager' },
];

/** A session, changed as wished. */
export function session(change: Partial<Session> = {}): Session {
	return SessionSchema.parse({
		appVersion: '0.1.0',
		outletName: 'Kossuth tér',
		terminalName: 'Terminal 2',
		programme,
		cashier: cashiers[0] ?? null,
		cashiers,
		isLocked: false,
		isTraining: false,
		nowMs: NOW_MS,
		lockAfterMs: 180_000,
		volumePercent: 0,
		locale: 'en-GB',
		...change,
	});
}

/** The line in order, changed as wished. */
export function status(change: Partial<Status> = {}): Status {
	return StatusSchema.parse({
		line: 'online',
		offlineSinceMs: null,
		nextTryAtMs: null,
		lastPushAtMs: at(9, 40),
		lastPullAtMs: at(9, 41),
		nextPullAtMs: NOW_MS + 48_000,
		isPullHeld: false,
		waiting: 0,
		needsPerson: 0,
		members: { phase: 'ready', rows: 1_000_000, asOfMs: at(9, 41) },
		work: null,
		clockSkewMs: 0,
		error: null,
		notice: null,
		...change,
	});
}

/** Done last night, and due again in the next. */
export const night: Night = {
	nextAtMs: at(2, 37) + DAY_MS,
	isDue: false,
	doneAtMs: at(2, 38),
	compared: { atMs: at(2, 39), members: 1_000_000, shards: 256, differed: 0, notCompared: 0 },
};

/** What support asks for, changed as wished. */
export function lineDetails(change: Partial<LineDetails> = {}): LineDetails {
	return LineDetailsSchema.parse({
		appVersion: '0.1.0',
		protocol: 2,
		terminal: 'KOSS-2',
		outletCode: 'KOSS',
		incarnation: '9f3c2a71d05be846',
		hqEpoch: 1,
		lastSeq: 214,
		counts: { pending: 37, sending: 0, applied: 176, rejected: 1 },
		refusals: [{ code: 3007, count: 1 }],
		replica: { phase: 'ready', rows: 1_000_000, asOfMs: at(2, 14) },
		night,
		...change,
	});
}

/** The line down since the night, with a morning's work waiting. */
export const offline = status({
	line: 'offline',
	offlineSinceMs: at(2, 14),
	nextTryAtMs: NOW_MS + 40_000,
	waiting: 37,
	members: { phase: 'ready', rows: 1_000_000, asOfMs: at(2, 14) },
});

export const shift: Shift = ShiftSchema.parse({
	salesWithCard: 84,
	enrolled: 6,
	pointsGiven: 9412,
	justServed: [
		{ eventId: 'a', initials: 'NÉ', atMs: at(9, 40), action: 'checkout', receiptNumber: '000731', points: 41 },
		{ eventId: 'b', initials: 'TB', atMs: at(9, 36), action: 'checkout', receiptNumber: '000730', points: 128 },
		{ eventId: 'c', initials: 'MS', atMs: at(9, 31), action: 'opt_in', receiptNumber: null, points: 0 },
		{ eventId: 'd', initials: 'KL', atMs: at(9, 27), action: 'refund', receiptNumber: '000702', points: -36 },
		{ eventId: 'e', initials: 'AB', atMs: at(9, 12), action: 'checkout', receiptNumber: '000726', points: 12 },
	],
});

/** As many as a shift shows at most, after the last sale. */
export const busyShift: Shift = {
	...shift,
	justServed: [
		...shift.justServed,
		...['VD', 'GH', 'PM'].map((initials, index) => ({
			eventId: `busy ${index}`,
			initials,
			atMs: at(9, 8 - index),
			action: 'checkout',
			receiptNumber: `00072${index}`,
			points: 14 + index,
		})),
	],
};

/** Nagy Éva, changed as wished. */
export function card(change: Partial<Record<keyof MemberCard, unknown>> = {}): MemberCard {
	return MemberCardSchema.parse({
		memberId: 'm-1',
		name: 'Nagy Éva',
		firstName: 'Éva',
		initials: 'NÉ',
		barcode: '2900000000018',
		status: 'active',
		tierId: 'gold',
		tierPoints: 10_840,
		points: 3840,
		pendingPoints: 90,
		expiring: { points: 120, on: '2026-12-31' },
		lastVisitAtMs: NOW_MS - 10 * DAY_MS,
		memberSinceMs: Date.UTC(2023, 4, 6),
		consents: { terms: true, email: true, sms: false },
		rewards: [
			{ id: 'coffee', name: 'Free coffee', cost: 500, note: 'stock 12', needsLine: false },
			{ id: 'ceramics', name: '10 % on ceramics', cost: null, note: 'Gold, until Sunday', needsLine: false },
			{ id: 'five', name: '5 € off', cost: 1000, note: null, needsLine: true },
		],
		stampCards: [{ id: 'black', name: 'Black coffee card', total: 6, count: 4 }],
		asOfMs: at(2, 14),
		isBalanceUpdating: false,
		isLocal: false,
		...change,
	});
}

/** One line of a list, changed as wished. */
export function memberLine(change: Partial<Record<keyof MemberLine, unknown>> = {}): MemberLine {
	return MemberLineSchema.parse({
		memberId: MemberIdSchema.parse('m-1'),
		name: 'Nagy Éva',
		tierId: 'gold',
		points: 3840,
		cardEnd: '0018',
		mobileEnd: '678',
		emailMasked: 'n…@example.hu',
		memberSinceMs: Date.UTC(2023, 4, 6),
		isLocal: false,
		...change,
	});
}

/** A sale of this morning, changed as wished. */
export function sale(change: Partial<Record<keyof RefundableSale, unknown>> = {}): RefundableSale {
	return RefundableSaleSchema.parse({
		eventId: eventId(731),
		receiptNumber: ReceiptNumberSchema.parse('000731'),
		memberId: 'm-1',
		memberInitials: 'N. É.',
		atMs: at(9, 40),
		amountMinor: 4190,
		currency: 'EUR',
		refundedMinor: 0,
		points: 41,
		canVoid: false,
		...change,
	});
}

/** An entry that will be sent, changed as wished. */
export function outboxLine(index: number, change: Partial<Record<keyof OutboxLine, unknown>> = {}): OutboxLine {
	return OutboxLineSchema.parse({
		position: 1000 - index,
		eventId: eventId(index),
		action: 'checkout',
		displayStatus: 'will_be_sent',
		memberId: 'm-1',
		who: 'É. Nagy',
		atMs: at(9, 40) - index * 4 * MINUTE_MS,
		cashier: 'Éva K.',
		receiptNumber: String(731 - index).padStart(6, '0'),
		amountMinor: 4190,
		currency: 'EUR',
		points: 41,
		refusal: null,
		attempts: 0,
		canVoid: false,
		canResend: false,
		canCorrect: false,
		canClose: false,
		closing: null,
		correctedBy: null,
		corrects: null,
		...change,
	});
}

/** A well-formed card that nobody has. */
export const unknownBarcode = LoyaltyBarcodeSchema.parse('2900000000481');
