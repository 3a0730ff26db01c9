import type { CallInput, CallName, CallOutput, EventName, EventPayload } from '#shared/bridge/contract.ts';
import type { MemberCard } from '#shared/bridge/member-card.ts';
import type { OutboxLine } from '#shared/bridge/outbox-calls.ts';
import type { LineDetails, Session, Status } from '#shared/bridge/session-calls.ts';
import { EventIdSchema, LoyaltyBarcodeSchema, MemberIdSchema, ReceiptNumberSchema } from '#shared/domain/ids.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Services, TerminalApi } from './ports.ts';

const requestId = '0199a5f0-0000-7000-8000-000000000001';
const eventId = EventIdSchema.parse('0199a5f0-0000-7000-8000-000000000002');
const memberId = MemberIdSchema.parse('0199a5f0-0000-7000-8000-000000000003');
const barcode = LoyaltyBarcodeSchema.parse('2955500012344');

const member: MemberCard = {
	memberId,
	name: 'Zoë Ångström 李',
	firstName: 'Zoë',
	initials: 'ZÅ',
	barcode,
	status: 'active',
	tierId: 'gold',
	tierPoints: 1200,
	points: 340,
	pendingPoints: -5,
	expiring: { points: 20, on: '2026-12-31' },
	lastVisitAtMs: 1_700_000_000_000,
	memberSinceMs: null,
	consents: { terms: true, email: false },
	rewards: [{ id: 'r1', name: 'Coffee', cost: 100, note: null, needsLine: true }],
	stampCards: [],
	asOfMs: 1_700_000_000_000,
	isBalanceUpdating: false,
	isLocal: false,
};

const session: Session = {
	appVersion: '0.0.0',
	outletName: 'Main street',
	terminalName: 'Till 1',
	programme: null,
	cashier: null,
	cashiers: [{ id: 'c1', displayName: 'Ada', initials: 'A', role: 'manager' }],
	isLocked: false,
	isTraining: false,
	nowMs: 1_700_000_000_000,
	lockAfterMs: 180_000,
	volumePercent: 50,
	locale: 'en',
};

const status: Status = {
	line: 'offline',
	offlineSinceMs: 1_700_000_000_000,
	nextTryAtMs: null,
	lastPushAtMs: null,
	lastPullAtMs: null,
	nextPullAtMs: 7,
	isPullHeld: false,
	waiting: 3,
	needsPerson: 0,
	members: { phase: 'loading', rows: 10, asOfMs: 0 },
	work: { kind: 'first_load', done: 10, total: 100, unit: 'rows', ratePerS: 5.5, etaMs: null },
	clockSkewMs: -12,
	error: { code: 'LINE-101', origin: 'terminal', verdict: 'retry_later' },
	notice: null,
};

const details: LineDetails = {
	appVersion: '0.0.0',
	protocol: 1,
	terminal: null,
	outletCode: null,
	incarnation: '0123456789abcdef',
	hqEpoch: 1,
	lastSeq: 7,
	counts: { pending: 3 },
	refusals: [{ code: 3007, count: 1 }],
	replica: { phase: 'loading', rows: 10, asOfMs: 0 },
	night: { nextAtMs: 9, isDue: false, doneAtMs: null, compared: { atMs: 1, members: 10, shards: 256, differed: 0, notCompared: 1 } },
};

const sums = { recorded: 1, accepted: 1, refused: 0, waiting: 0, voided: 0 };

const outboxLine: OutboxLine = {
	position: 1,
	eventId,
	action: 'checkout',
	displayStatus: 'closed',
	memberId: null,
	who: '',
	atMs: 1,
	cashier: 'Ådne',
	receiptNumber: null,
	amountMinor: null,
	currency: null,
	points: -1,
	refusal: { kind: 'other', code: 1 },
	attempts: 1,
	canVoid: false,
	canResend: false,
	canCorrect: false,
	canClose: false,
	closing: { by: 'Ådne', atMs: 2, because: 'not_needed' },
	correctedBy: eventId,
	corrects: null,
};

const form = { barcode: '', firstName: 'Zoë', lastName: '', mobile: '+36 30 123 4567', email: '' };

/** One valid input per call. */
export const exampleInputs: { readonly [N in CallName]: CallInput<N> } = {
	'session.open': {},
	'session.lock': {},
	'session.unlock': { cashierId: 'c1', pin: '1234' },
	'session.setVolume': { percent: 30 },
	'session.shift': {},
	'status.get': {},
	'status.details': {},
	'status.syncNow': {},
	'member.identify': { text: barcode, source: 'scan' },
	'member.open': { memberId },
	'member.duplicates': form,
	'member.nextCard': {},
	'member.enrol': { requestId, form, consents: [{ purpose: 'terms', granted: true, version: 1, language: 'en' }] },
	'sale.earn': { requestId, member: { memberId }, receiptNumber: 'R-1', amountMinor: 4190, currency: 'EUR', isRepeatConfirmed: false },
	'sale.void': { requestId, eventId },
	'sale.find': { receiptNumber: 'R-1' },
	'sale.refund': { requestId, saleEventId: eventId, amountMinor: 100 },
	'outbox.list': { show: 'waiting', limit: 50 },
	'outbox.entry': { eventId },
	'outbox.correct': { requestId, eventId, barcode: '', receiptNumber: 'R-1', amountMinor: 4190, isRepeatConfirmed: false },
	'outbox.draft': { eventId },
	'outbox.correctEnrolment': { requestId, eventId, form },
	'outbox.correctRefund': { requestId, eventId, amountMinor: 100 },
	'outbox.close': { requestId, eventId, because: 'member_left' },
	'outbox.proof': {},
	'outbox.export': { format: 'csv' },
	'outbox.resend': { requestId, eventId },
};

/** One valid answer per call, with the values that transports get wrong: `null`, negative numbers, letters beyond Latin. */
export const exampleOutputs: { readonly [N in CallName]: CallOutput<N> } = {
	'session.open': session,
	'session.lock': { ...session, isLocked: true },
	'session.unlock': session,
	'session.setVolume': { ...session, volumePercent: 30 },
	'session.shift': {
		salesWithCard: 1,
		enrolled: 0,
		pointsGiven: 41,
		justServed: [{ eventId, initials: 'ZÅ', atMs: 1, action: 'checkout', receiptNumber: null, points: 41 }],
	},
	'status.get': status,
	'status.details': details,
	'status.syncNow': status,
	'member.identify': { kind: 'found', member },
	'member.open': member,
	'member.duplicates': { suspects: [] },
	'member.nextCard': { barcode },
	'member.enrol': { eventId, member },
	'sale.earn': { eventId, points: 41, member },
	'sale.void': { eventId, member: null },
	'sale.find': {
		sales: [
			{
				eventId,
				receiptNumber: ReceiptNumberSchema.parse('R-1'),
				memberId,
				memberInitials: 'ZÅ',
				atMs: 1,
				amountMinor: 4190,
				currency: 'EUR',
				refundedMinor: 0,
				points: 41,
				canVoid: true,
			},
		],
	},
	'sale.refund': { eventId, points: -1, member },
	'outbox.list': {
		lines: [],
		hasMore: false,
		proof: { recorded: 1, accepted: 1, refused: 0, waiting: 0, voided: 0, sinceMs: 0, refusedOpen: 0 },
	},
	'outbox.entry': { line: outboxLine, steps: [{ kind: 'deferred', atMs: null }], seq: 1, transactionId: null, barcode: null },
	'outbox.correct': { eventId },
	'outbox.draft': { kind: 'enrolment', memberId, form },
	'outbox.correctEnrolment': { eventId },
	'outbox.correctRefund': { eventId },
	'outbox.close': { eventId },
	'outbox.proof': {
		outletName: 'Main street',
		terminalName: 'Till 1',
		sinceMs: 0,
		madeAtMs: 1,
		entries: sums,
		points: sums,
		byCashier: [],
		closed: [{ eventId, action: 'opt_in', receiptNumber: null, points: 0, by: 'Ådne', atMs: 2, because: 'mistake' }],
	},
	'outbox.export': { path: '/data/exports/proof.csv' },
	'outbox.resend': { eventId },
};

export const exampleEvents: { readonly [N in EventName]: EventPayload<N> } = {
	'status.changed': status,
	'session.changed': session,
	'data.changed': {},
};

/** What a test may do with the fake besides what hosts do with services. */
export type FakeTerminal = Services & {
	/** Calls that arrived, oldest first. */
	readonly received: readonly { readonly name: CallName; readonly input: unknown }[];
	/** How many listeners are there. */
	readonly listeners: () => number;
	readonly emit: <N extends EventName>(name: N, payload: EventPayload<N>) => void;
	/** The next answers of `name`: a failure, or whatever `run` does (throw, wait, give a value of the wrong form). */
	readonly failWith: (name: CallName, error: LoyaltyError) => void;
	readonly answerWith: (name: CallName, run: (input: unknown) => Promise<unknown>) => void;
	readonly isStopped: () => boolean;
};

/** Services that answer each call with its example. */
export function createFakeTerminal(): FakeTerminal {
	const received: { name: CallName; input: unknown }[] = [];
	const scripts = new Map<CallName, (input: unknown) => Promise<Result<unknown, LoyaltyError>>>();
	const listeners = new Set<(name: EventName, json: string) => void>();
	let isStopped = false;
	const handlers = Object.entries(exampleOutputs).map(([key, output]) => {
		// Object.entries forgets the type of the keys.
		const name = key as CallName;
		const handler = async (input: unknown): Promise<Result<unknown, LoyaltyError>> => {
			received.push({ name, input });
			return scripts.get(name)?.(input) ?? ok(output);
		};
		return [name, handler] as const;
	});
	return {
		// Built from the table of examples, which has every call; TypeScript cannot see that through Object.entries.
		api: Object.fromEntries(handlers) as unknown as TerminalApi,
		onEvent: (listener) => {
			listeners.add(listener);
			return () => {
				listeners.delete(listener);
			};
		},
		pairing: 'unpaired',
		stop: async () => {
			isStopped = true;
			return Promise.resolve();
		},
		received,
		listeners: () => listeners.size,
		emit: (name, payload) => {
			for (const listener of listeners) listener(name, JSON.stringify(payload));
		},
		failWith: (name, error) => {
			scripts.set(name, async () => Promise.resolve(fail(error)));
		},
		answerWith: (name, run) => {
			scripts.set(name, async (input) => ok(await run(input)));
		},
		isStopped: () => isStopped,
	};
}
