import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openMachine } from '#main/devices/machine.ts';
import type { SafetyOptions, SecretBox, Services } from '#main/ports.ts';
import { createTerminal } from '#main/terminal/create-terminal.ts';
import { orThrow } from '#main/terminal/fake-context.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { must } from '#shared/lib/assert.ts';
import type { Result } from '#shared/lib/result.ts';
import { startHeadquartersProcess } from '../support/headquarters.ts';
import type { HeadquartersProcess } from '../support/headquarters.ts';

/** A box that seals nothing, so that a test can open what the journal has sealed. */
export const openBox: SecretBox = {
	seal: (plain) => Promise.resolve(Buffer.from(plain)),
	open: (sealed) => Promise.resolve({ plain: Buffer.from(sealed).toString(), isStale: false }),
};

/** A real headquarters in a process of its own, and a real terminal of it in this one, on real files, with a real log. */
export type RunningTerminal = {
	/** The terminal's data folder. */
	readonly data: string;
	readonly headquarters: HeadquartersProcess;
	readonly services: () => Services;
	/** Starts the terminal; the first time it is paired. */
	readonly tryToStart: (safety?: SafetyOptions) => Promise<Result<Services, LoyaltyError>>;
	readonly stopServices: () => Promise<void>;
	/** Signs a cashier in, once headquarters has told who there is. */
	readonly unlock: () => Promise<void>;
	/** Asks again at every event of the terminal until the answer is as wanted. */
	readonly until: <T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean) => Promise<T>;
	/** Resolves when the members are loaded and headquarters answers. */
	readonly ready: () => Promise<void>;
	readonly close: () => Promise<void>;
};

export async function startRunningTerminal(): Promise<RunningTerminal> {
	const folder = await mkdtemp(join(tmpdir(), 'regulars-running-'));
	const data = join(folder, 'terminal');
	const headquarters = await startHeadquartersProcess({
		data: join(folder, 'hq'),
		members: 200,
		terminals: ['KOSS/Kossuth tér/T1/Till by the door'],
	});
	const machine = openMachine(data);
	let pairingCode: string | null = must(headquarters.ready.pairing[0], 'a pairing code').code;
	let running: Services | null = null;
	const services = (): Services => must(running, 'a terminal that was started');
	const stopServices = async (): Promise<void> => {
		const ending = running;
		running = null;
		await ending?.stop();
	};

	const until: RunningTerminal['until'] = async (ask, isWanted) => askUntil(services(), ask, isWanted);

	return {
		data,
		headquarters,
		services,
		until,
		stopServices,
		tryToStart: async (safety) => {
			const started = await createTerminal({
				dataFolder: data,
				hqUrl: headquarters.ready.url,
				pairingCode,
				appVersion: '0.1.0',
				isTraining: false,
				locale: 'en',
				...(safety === undefined ? {} : { safety }),
				ports: { ...machine.ports, secretBox: openBox },
			});
			if (!started.ok) return started;
			running = started.value;
			pairingCode = null;
			return started;
		},
		unlock: async () => unlock({ headquarters, services, until }),
		ready: async () => {
			await until(
				async () => orThrow(await services().api['status.get']({})),
				({ members, line }) => members.phase === 'ready' && line === 'online',
			);
		},
		close: async () => {
			await stopServices();
			machine.close();
			await headquarters.stop();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

async function askUntil<T>(services: Services, ask: () => Promise<T>, isWanted: (answer: T) => boolean): Promise<T> {
	let next = Promise.withResolvers<void>();
	const forget = services.onEvent(() => next.resolve());
	try {
		for (;;) {
			next = Promise.withResolvers<void>();
			const told = next.promise;
			const answer = await ask();
			if (isWanted(answer)) return answer;
			await told;
		}
	} finally {
		forget();
	}
}

async function unlock({ headquarters, services, until }: Pick<RunningTerminal, 'headquarters' | 'services' | 'until'>): Promise<void> {
	const { cashiers } = await until(
		async () => orThrow(await services().api['session.open']({})),
		(session) => session.cashiers.length > 0 && session.programme !== null,
	);
	const cashier = must(cashiers[0], 'a cashier');
	const known = headquarters.ready.pins.find(({ name }) => name === cashier.displayName);
	orThrow(await services().api['session.unlock']({ cashierId: cashier.id, pin: must(known, 'a PIN').pin }));
}
