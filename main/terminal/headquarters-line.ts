import type { Status } from '#shared/bridge/session-calls.ts';
import type { ShopHours } from '#shared/domain/shop-hours.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { nextDelayMs } from '#shared/lib/backoff.ts';
import type { BackoffPolicy } from '#shared/lib/backoff.ts';
import { AssertionError } from '#shared/lib/assert.ts';
import type { PairResponse } from '#shared/wire/pairing.ts';
import { PROTOCOL_VERSION } from '#shared/wire/protocol-version.ts';
import { createEngine } from '#sync/engine/engine.ts';
import type { Engine } from '#sync/engine/engine.ts';
import type { ProgrammeNews } from '#sync/engine/engine-context.ts';
import type { Outbox } from '#sync/outbox/outbox.ts';
import type { Replica } from '#sync/replica/replica.ts';
import { createHeadquartersClient } from '#sync/transport/headquarters-client.ts';
import type { HeadquartersClient } from '#sync/transport/headquarters-client.ts';
import { hasErrorCode } from '../error-code.ts';
import type { Services, TerminalOptions } from '../ports.ts';
import { longPollOf, nightlyWindowOf } from './shop-hours.ts';
import { statusWithoutLine, toStatus } from './status.ts';
import type { TerminalConfig, TerminalFiles } from './store/config.ts';
import type { LastNight } from './store/last-night.ts';
import { openPairingAttempt } from './store/pairing-attempt.ts';

/** Between tries to pair while headquarters cannot be reached. */
const PAIRING_BACKOFF: BackoffPolicy = { firstMs: 2_000, maxMs: 30_000 };

export type HeadquartersLineOptions = {
	readonly terminal: TerminalOptions;
	readonly files: TerminalFiles;
	readonly outbox: Outbox;
	readonly replica: Replica;
	/** The work of the quiet hours, and the last night that is done with. */
	readonly keepHouse: () => Promise<void>;
	readonly lastNight: LastNight;
	readonly programmeVersion: () => number;
	/** When the shop is open and when it is quiet, by the programme of the moment. */
	readonly hours: () => ShopHours;
	readonly onProgramme: (news: ProgrammeNews) => Promise<void>;
	/** The status may have changed. */
	readonly onStatus: () => void;
	/** The terminal has become somebody: it was paired. */
	readonly onPaired: () => void;
};

/**
 * Everything between this terminal and headquarters: pairing first, then the engine. Owns `terminal.json` and the engine. A crash while
 * pairing leaves the terminal unpaired or paired, never half; a lost answer is asked for again while the code is valid (`store/pairing-attempt.ts`).
 */
export type HeadquartersLine = {
	readonly config: () => TerminalConfig | null;
	readonly pairing: () => Services['pairing'];
	readonly status: () => Promise<Status>;
	readonly syncNow: () => void;
	readonly notifyRecorded: () => void;
	readonly stop: () => Promise<void>;
};

type LineState = {
	config: TerminalConfig | null;
	pairing: Services['pairing'];
	engine: Engine | null;
	/** What is shown while there is no engine. */
	line: 'unpaired' | 'connecting' | 'refused';
	error: LoyaltyError | null;
	isStopped: boolean;
	cancelRetry: () => void;
};

/** Resolves once the engine runs, or pairing was tried once. Tries again by itself while headquarters cannot be reached. */
export async function openHeadquartersLine(options: HeadquartersLineOptions): Promise<HeadquartersLine> {
	const { outbox, replica } = options;
	const state: LineState = {
		config: await options.files.readConfig(),
		pairing: 'unpaired',
		engine: null,
		line: 'unpaired',
		error: null,
		isStopped: false,
		cancelRetry: () => undefined,
	};
	const stopping = new AbortController();
	if (state.config !== null) state.pairing = 'already_paired';
	if (state.config === null || !(await resume(options, state, state.config)))
		await tryToPair(options, state, { attempt: 0, signal: stopping.signal });
	return {
		config: () => state.config,
		pairing: () => state.pairing,
		status: async () =>
			state.engine === null ? statusWithoutLine({ outbox, replica }, state.line, state.error) : toStatus(state.engine.status()),
		syncNow: () => state.engine?.syncNow(),
		notifyRecorded: () => state.engine?.notifyRecorded(),
		stop: async () => {
			state.isStopped = true;
			stopping.abort();
			state.cancelRetry();
			await state.engine?.stop();
		},
	};
}

/** Goes on with an earlier pairing. `false` when this machine cannot open the terminal's key any more. */
async function resume(options: HeadquartersLineOptions, state: LineState, known: TerminalConfig): Promise<boolean> {
	const { hqUrl } = options.terminal;
	const config = hqUrl === null || hqUrl === known.hqUrl ? known : await options.files.saveHqUrl(known, hqUrl);
	state.config = config;
	const apiSecret = await options.files.openSecret(config);
	if (apiSecret === null) {
		options.terminal.ports.logger.error({}, 'the key of this terminal cannot be opened on this machine: it must be paired again');
		Object.assign(state, { line: 'refused', error: terminalError('LINE-104', { detail: 'the key cannot be opened on this machine' }) });
		return false;
	}
	await startEngine(options, state, { config, apiSecret });
	return true;
}

type Try = { readonly attempt: number; readonly signal: AbortSignal };

async function tryToPair(options: HeadquartersLineOptions, state: LineState, { attempt, signal }: Try): Promise<void> {
	const { hqUrl, pairingCode, appVersion, ports } = options.terminal;
	if (hqUrl === null || pairingCode === null) return;
	Object.assign(state, { line: 'connecting', error: null });
	const attempts = openPairingAttempt(options.terminal.dataFolder, ports.random);
	const secret = await attempts.for(pairingCode);
	const request = {
		code: pairingCode,
		app_version: appVersion,
		protocol: PROTOCOL_VERSION,
		...(secret === null ? {} : { attempt: secret }),
	};
	const paired = await clientOf(options, hqUrl, null).pair(request, signal);
	if (state.isStopped) return;
	if (paired.ok) {
		await becomePaired(options, state, { pairing: paired.value, hqUrl });
		if (state.config !== null) await attempts.forget();
		return;
	}
	const { error } = paired.error;
	ports.logger.warn({ code: error.code, detail: error.detail }, 'this terminal could not be paired');
	state.error = error;
	if (error.verdict === 'retry_later') {
		const delayMs = error.retryAfterMs ?? nextDelayMs(PAIRING_BACKOFF, attempt, ports.random);
		state.cancelRetry = ports.timers.after(delayMs, () => void tryToPair(options, state, { attempt: attempt + 1, signal }));
	} else {
		state.line = 'refused';
	}
	options.onStatus();
}

type Paired = { readonly pairing: PairResponse; readonly hqUrl: string };

async function becomePaired(options: HeadquartersLineOptions, state: LineState, { pairing, hqUrl }: Paired): Promise<void> {
	const { logger } = options.terminal.ports;
	try {
		state.config = await options.files.savePairing(pairing, hqUrl);
		state.pairing = 'paired';
		logger.info({ terminal: pairing.terminal }, 'this terminal is paired');
		await startEngine(options, state, { config: state.config, apiSecret: pairing.api_secret });
		options.onPaired();
	} catch (cause) {
		if (cause instanceof AssertionError) throw cause;
		// The code is used up and what it gave could not be kept: headquarters must make a new one once the disk is mended.
		logger.error({ err: cause }, 'the pairing could not be stored');
		Object.assign(state, { line: 'refused', error: terminalError(hasErrorCode(cause, 'ENOSPC', 'EDQUOT') ? 'DISK-101' : 'DISK-102') });
		options.onStatus();
	}
}

type Credentials = { readonly config: TerminalConfig; readonly apiSecret: string };

async function startEngine(options: HeadquartersLineOptions, state: LineState, { config, apiSecret }: Credentials): Promise<void> {
	const { terminal, outbox, replica, programmeVersion, onProgramme } = options;
	const { clock, timers, random, logger, deviceId } = terminal.ports;
	const engine = createEngine({
		...(deviceId === undefined ? {} : { deviceId }),
		outbox,
		replica,
		clock,
		timers,
		random,
		logger,
		programmeVersion,
		onProgramme,
		longPoll: longPollOf(options.hours),
		nightlyWindow: () => nightlyWindowOf(options.hours()),
		nightly: options.keepHouse,
		nightlyDay: options.lastNight,
		onCompared: (told) => {
			options.lastNight.noteCompared(told).catch((cause: unknown) => {
				// It is told and nothing more: the next night compares again.
				logger.warn({ err: cause }, 'what the comparison found could not be stored');
			});
		},
		client: clientOf(options, config.hqUrl, { apiKey: config.apiKey, apiSecret }),
		identity: { terminal: config.terminal, appVersion: terminal.appVersion },
	});
	engine.onStatus(options.onStatus);
	state.engine = engine;
	state.error = null;
	await engine.start();
}

function clientOf(
	options: HeadquartersLineOptions,
	hqUrl: string,
	key: { readonly apiKey: string; readonly apiSecret: string } | null,
): HeadquartersClient {
	const { clock, timers, fetch } = options.terminal.ports;
	return createHeadquartersClient({ hqUrl, key, skewMs: () => options.outbox.state().skewMs, clock, timers, fetch });
}
