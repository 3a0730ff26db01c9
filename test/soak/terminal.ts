/**
 * One terminal of the soak in a process of its own, to be killed: the real use cases over real files, selling as fast as it can. It tells its
 * parent of each recording before it begins and after it has resolved, and of nothing that has not.
 */
import { z } from 'zod';
import { EventIdSchema, MemberIdSchema } from '#shared/domain/ids.ts';
import { assert, must } from '#shared/lib/assert.ts';
import { seededRandom } from '#shared/lib/fake-time.ts';
import { createSystemClock, systemRandom, systemTimers } from '#main/devices/system-clock.ts';
import type { Services } from '#main/ports.ts';
import { createTerminal } from '#main/terminal/create-terminal.ts';
import { createSyntheticBase, SYNTHETIC_SEED } from '#sync/hq/members/synthetic.ts';
import { DEFAULT_PROGRAMME } from '#sync/hq/programme.ts';
import { SoakTerminalSchema } from './terminal-messages.ts';
import type { FromTerminal } from './terminal-messages.ts';

/** Few enough that members meet on several terminals all the time. */
const MEMBERS_SERVED = 200;
const SHARES = { enrolment: 0.02, refund: 0.04 } as const;

const options = SoakTerminalSchema.parse(JSON.parse(must(process.argv[2], 'options')));
const random = seededRandom(options.seed);
const base = createSyntheticBase(SYNTHETIC_SEED, DEFAULT_PROGRAMME);
let isSelling = true;
let sold: { readonly event: string; readonly amountMinor: number }[] = [];

function tell(message: FromTerminal): void {
	process.send?.(message);
}

async function open(): Promise<Services> {
	const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
	const opened = await createTerminal({
		dataFolder: options.folder,
		hqUrl: options.hqUrl,
		pairingCode: options.pairingCode,
		appVersion: '0.0.0-soak',
		isTraining: false,
		locale: 'en',
		ports: {
			clock: createSystemClock(),
			timers: systemTimers,
			random: systemRandom,
			fetch: globalThis.fetch,
			logger: quiet,
			// The key of a soak protects nothing.
			secretBox: {
				seal: async (plain) => new TextEncoder().encode(plain),
				open: async (sealed) => ({ plain: new TextDecoder().decode(sealed), isStale: false }),
			},
			power: { onWake: () => () => undefined },
		},
	});
	assert(opened.ok, () => `the terminal opens: ${JSON.stringify(opened)}`);
	return opened.value;
}

/** Waits until members and roster are there, and signs somebody in. */
async function getReady({ api }: Services): Promise<void> {
	for (;;) {
		const status = await api['status.get']({});
		const session = await api['session.open']({});
		assert(status.ok && session.ok, 'status and session are always there');
		if (status.value.members.phase === 'ready' && session.value.cashiers.length > 0) {
			const cashier = must(session.value.cashiers[0], 'a cashier');
			const pin = must(
				options.pins.find(({ name }) => name === cashier.displayName),
				'a PIN',
			).pin;
			const unlocked = await api['session.unlock']({ cashierId: cashier.id, pin });
			assert(unlocked.ok, 'the terminal unlocks');
			return;
		}
		await pause(50);
	}
}

async function sell({ api }: Services): Promise<void> {
	while (isSelling) {
		const requestId = crypto.randomUUID();
		const draw = random.fraction();
		if (draw < SHARES.enrolment) await enrol(api, requestId);
		else if (draw < SHARES.enrolment + SHARES.refund && sold.length > 0) await refund(api, requestId);
		else await earn(api, requestId);
	}
}

async function earn(api: Services['api'], requestId: string): Promise<void> {
	const amountMinor = 100 + Math.floor(random.fraction() * 20_000);
	const memberId = MemberIdSchema.parse(base.member(100 + Math.floor(random.fraction() * MEMBERS_SERVED)).id);
	tell({ type: 'invoked', request: requestId, kind: 'sale' });
	const earned = await api['sale.earn']({
		requestId,
		member: { memberId },
		receiptNumber: `S${requestId.slice(0, 18)}`,
		amountMinor,
		currency: 'EUR',
		isRepeatConfirmed: false,
	});
	if (!earned.ok) return refused(requestId, earned.error.code);
	sold = [...sold.slice(-50), { event: earned.value.eventId, amountMinor }];
	tell({ type: 'recorded', request: requestId, kind: 'sale', event: earned.value.eventId, amountMinor });
}

async function refund(api: Services['api'], requestId: string): Promise<void> {
	const sale = must(sold.pop(), 'a sale');
	tell({ type: 'invoked', request: requestId, kind: 'refund' });
	const refunded = await api['sale.refund']({ requestId, saleEventId: EventIdSchema.parse(sale.event) });
	if (!refunded.ok) return refused(requestId, refunded.error.code);
	tell({ type: 'recorded', request: requestId, kind: 'refund', event: refunded.value.eventId, amountMinor: sale.amountMinor });
}

async function enrol(api: Services['api'], requestId: string): Promise<void> {
	const next = await api['member.nextCard']({});
	if (!next.ok) return;
	const form = {
		barcode: next.value.barcode,
		firstName: 'Soak',
		lastName: `Of ${requestId.slice(0, 8)}`,
		mobile: '',
		email: `${requestId}@example.org`,
	};
	const consents = DEFAULT_PROGRAMME.consents
		.filter((term) => term.language === 'en')
		.map(({ purpose, version, language }) => ({ purpose, version, language, granted: true }));
	tell({ type: 'invoked', request: requestId, kind: 'enrolment' });
	const enrolled = await api['member.enrol']({ requestId, form, consents });
	if (!enrolled.ok) return refused(requestId, enrolled.error.code);
	tell({ type: 'recorded', request: requestId, kind: 'enrolment', event: enrolled.value.eventId, amountMinor: 0 });
}

function refused(request: string, code: string): void {
	tell({ type: 'refused', request, code });
}

async function pause(ms: number): Promise<void> {
	await new Promise<void>((resolve) => {
		systemTimers.after(ms, resolve);
	});
}

const services = await open();
process.on('message', (message) => {
	const { type } = z.object({ type: z.enum(['enough', 'status']) }).parse(message);
	if (type === 'enough') isSelling = false;
	if (type === 'status') void report();
});
process.on('SIGTERM', () => void services.stop().then(() => process.exit(0)));

async function report(): Promise<void> {
	const status = await services.api['status.get']({});
	assert(status.ok, 'status is always there');
	const { waiting, needsPerson, line, lastPullAtMs: pulledAtMs } = status.value;
	await services.api['status.syncNow']({});
	tell({ type: 'status', waiting, needsPerson, line, pulledAtMs });
}

tell({ type: 'ready' });
await getReady(services);
if (options.sells) await sell(services);
