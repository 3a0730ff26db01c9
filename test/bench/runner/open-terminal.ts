import { setTimeout as pause } from 'node:timers/promises';
import { assert, must } from '#shared/lib/assert.ts';
import { createSystemClock, systemRandom, systemTimers } from '#main/devices/system-clock.ts';
import type { Services, TerminalOptions } from '#main/ports.ts';
import type { TerminalContext } from '#main/terminal/context.ts';
import { createTerminal } from '#main/terminal/create-terminal.ts';
import { createRequestGate } from '#main/terminal/request-gate.ts';
import { createLocalCalendar } from '#main/terminal/sale/local-day.ts';
import { openStores } from '#main/terminal/store/open-stores.ts';
import { DEFAULT_PROGRAMME } from '#sync/hq/programme.ts';
import { watchEventLoop } from './sample.ts';
import type { LoopPauses } from './sample.ts';

export type Pins = readonly { readonly name: string; readonly pin: string }[];

/** A terminal of the bench as its host describes it. */
function describeTerminal(dataFolder: string, pairing: { readonly hqUrl: string; readonly pairingCode: string } | null): TerminalOptions {
	const quiet = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
	return {
		dataFolder,
		...(pairing ?? { hqUrl: null, pairingCode: null }),
		appVersion: '0.0.0-bench',
		isTraining: false,
		locale: 'en',
		ports: {
			clock: createSystemClock(),
			timers: systemTimers,
			random: systemRandom,
			fetch: globalThis.fetch,
			logger: quiet,
			// The bench's key protects nothing: sealing is not what is measured.
			secretBox: {
				seal: async (plain) => new TextEncoder().encode(plain),
				open: async (sealed) => ({ plain: new TextDecoder().decode(sealed), isStale: false }),
			},
			power: { onWake: () => () => undefined },
		},
	};
}

/** The services of a terminal over real files, as a host starts them. */
export async function openTerminal(
	dataFolder: string,
	pairing: { readonly hqUrl: string; readonly pairingCode: string } | null,
): Promise<Services> {
	const opened = await createTerminal(describeTerminal(dataFolder, pairing));
	assert(opened.ok, 'the terminal opens');
	return opened.value;
}

/** What the use cases work with, over the same files and without a line: whoever measures decides what arrives. */
export async function openContext(dataFolder: string): Promise<{ readonly context: TerminalContext; readonly close: () => Promise<void> }> {
	const options = describeTerminal(dataFolder, null);
	const stores = await openStores(options, dataFolder);
	assert(stores.ok, 'the databases open');
	const { outbox, replica, close } = stores.value;
	const context: TerminalContext = {
		outbox,
		replica,
		clock: options.ports.clock,
		random: options.ports.random,
		gate: createRequestGate(),
		calendar: createLocalCalendar('Europe/Budapest'),
		programme: () => DEFAULT_PROGRAMME,
		identity: () => ({ outletCode: 'BENCH', terminalCode: 'T1', cardBlock: null }),
		cashier: () => null,
		cashiers: () => [],
	};
	return { context, close };
}

/** The roster comes with the first contact and locks the terminal, as it should: signs the first cashier in when there is one. */
export async function unlock({ api }: Services, pins: Pins): Promise<void> {
	const session = await api['session.open']({});
	assert(session.ok, 'there is a session');
	const cashier = session.value.isLocked ? session.value.cashiers[0] : undefined;
	if (cashier === undefined) return;
	const pin = must(
		pins.find(({ name }) => name === cashier.displayName),
		'a PIN',
	).pin;
	const unlocked = await api['session.unlock']({ cashierId: cashier.id, pin });
	assert(unlocked.ok, 'the terminal unlocks');
}

const LOOK_EVERY_MS = 20;

/** When a load began and ended by `performance.now()`, when `card` was found for the first time, and how long looking took meanwhile. */
export type WatchedLoad = {
	readonly beganAt: number;
	readonly firstAt: number;
	readonly loadedAt: number;
	readonly duringMs: readonly number[];
	readonly pauses: LoopPauses;
};

/** Resolves when the replica is complete; a cashier looks `card` up every 20 ms until then. */
export async function watchLoad(services: Services, pins: Pins, card: string): Promise<WatchedLoad> {
	const loop = watchEventLoop();
	const duringMs: number[] = [];
	let beganAt = performance.now();
	let firstAt: number | null = null;
	for (;;) {
		const status = await services.api['status.get']({});
		assert(status.ok, 'status is always there');
		const { phase } = status.value.members;
		if (phase !== 'loading' && phase !== 'ready') {
			beganAt = performance.now();
			loop.restart();
		}
		await unlock(services, pins);
		const askedAt = performance.now();
		const identified = await services.api['member.identify']({ text: card, source: 'scan' });
		const answeredAt = performance.now();
		if (identified.ok && identified.value.kind !== 'unknown_card') firstAt ??= answeredAt;
		if (phase === 'ready') return { beganAt, firstAt: firstAt ?? answeredAt, loadedAt: answeredAt, duringMs, pauses: loop.end() };
		duringMs.push(answeredAt - askedAt);
		await pause(LOOK_EVERY_MS);
	}
}
