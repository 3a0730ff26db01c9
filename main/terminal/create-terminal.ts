import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { CreateTerminal, Services, TerminalOptions } from '../ports.ts';
import { assembleTerminal } from './assemble-terminal.ts';
import { PIN_COST } from './session/pin.ts';
import { createSignIn } from './session/session.ts';
import { openTerminalFiles } from './store/config.ts';
import { openStores } from './store/open-stores.ts';
import type { Stores } from './store/open-stores.ts';
import { loadTraining } from './training/load-training.ts';
import { TRAINING_PROGRAMME } from './training/training-programme.ts';

/** Of the data folder: members and entries of training mode, made anew at every start of it. */
const TRAINING_FOLDER = 'training';

/** Starts a terminal over its data folder: databases, use cases, and the line to headquarters if it is or can be paired. */
export const createTerminal: CreateTerminal = async (options) => {
	const folder = options.isTraining ? await freshTrainingFolder(options.dataFolder) : options.dataFolder;
	const stores = await openStores(options, folder);
	if (!stores.ok) return stores;
	let services: Result<Services, LoyaltyError> | null = null;
	try {
		services = await start(options, stores.value);
		return services;
	} finally {
		// A start that failed or threw leaves nothing open: the host may try again in the same process.
		if (services?.ok !== true) await stores.value.close();
	}
};

async function start(options: TerminalOptions, stores: Stores): Promise<Result<Services, LoyaltyError>> {
	const { dataFolder, ports, isTraining } = options;
	const files = openTerminalFiles({ folder: dataFolder, secretBox: ports.secretBox, logger: ports.logger });
	const known = { ...(await files.readProgramme()) };
	if (isTraining) {
		known.programme ??= TRAINING_PROGRAMME;
		const loaded = await loadTraining(stores.replica, known.programme, ports.clock.nowMs());
		if (!loaded.ok) return loaded;
	}
	const signIn = createSignIn({
		clock: ports.clock,
		pinCost: PIN_COST,
		roster: () => known.cashiers,
		tries: await files.readPinTries(),
		saveTries: async (tries) => {
			try {
				await files.savePinTries(tries);
			} catch (cause) {
				// A full disk must not lock a cashier out; the count in memory still holds until the program ends.
				ports.logger.error({ err: cause }, 'the count of wrong PINs could not be stored');
			}
		},
	});
	return ok(await assembleTerminal(options, { stores, files, known, signIn }));
}

async function freshTrainingFolder(dataFolder: string): Promise<string> {
	const folder = join(dataFolder, TRAINING_FOLDER);
	await rm(folder, { recursive: true, force: true });
	await mkdir(folder, { recursive: true, mode: 0o700 });
	return folder;
}
