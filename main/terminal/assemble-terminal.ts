import type { Night, Session, Status } from '#shared/bridge/session-calls.ts';
import { USUAL_SHOP_HOURS } from '#shared/domain/shop-hours.ts';
import type { ShopHours } from '#shared/domain/shop-hours.ts';
import type { Services, TerminalOptions } from '../ports.ts';
import type { TerminalContext, TerminalIdentity } from './context.ts';
import { describeNight } from './desk/night.ts';
import { createEventPublisher } from './event-publisher.ts';
import type { EventPublisher } from './event-publisher.ts';
import { openHeadquartersLine } from './headquarters-line.ts';
import type { HeadquartersLine } from './headquarters-line.ts';
import { createRequestGate } from './request-gate.ts';
import { createLocalCalendar } from './sale/local-day.ts';
import type { SignIn } from './session/session.ts';
import { describeSession } from './session/session-view.ts';
import { retireOldEntries } from './store/retention.ts';
import type { Stores } from './store/open-stores.ts';
import { statusWithoutLine } from './status.ts';
import type { KnownProgramme, TerminalConfig, TerminalFiles } from './store/config.ts';
import { nightlyWindowOf } from './shop-hours.ts';
import { keepSettings } from './store/settings.ts';
import { createTerminalApi } from './terminal-api.ts';
import { trainingIdentity } from './training/training-programme.ts';

/** What is open before a terminal is put together. `known` changes when headquarters sends a newer programme or roster. */
export type Parts = {
	readonly stores: Stores;
	readonly files: TerminalFiles;
	readonly known: { -readonly [K in keyof KnownProgramme]: KnownProgramme[K] };
	readonly signIn: SignIn;
};

/** Puts a terminal together over open databases: use cases, events, and the line to headquarters unless it is for training. */
export async function assembleTerminal(options: TerminalOptions, parts: Parts): Promise<Services> {
	const { ports, isTraining } = options;
	const { stores, signIn } = parts;
	const { outbox, replica } = stores;
	let line: HeadquartersLine | null = null;
	const pairedAs = isTraining ? await parts.files.readConfig() : null;
	const config = (): TerminalConfig | null => line?.config() ?? pairedAs;
	const hours = (): ShopHours => parts.known.programme?.hours ?? USUAL_SHOP_HOURS;
	const nightOf = (paired: TerminalConfig | null): Night | null =>
		isTraining || paired === null
			? null
			: describeNight({ terminal: paired.terminal, window: nightlyWindowOf(hours()), nowMs: ports.clock.nowMs() }, stores.lastNight);
	const settings = keepSettings({ stored: await parts.files.readSettings(), save: parts.files.saveSettings, logger: ports.logger });
	const session = (): Session => describeSession(options, parts.known, { config: config(), signIn, settings: settings.current() });
	const status = async (): Promise<Status> => {
		const told = (await line?.status()) ?? (await statusWithoutLine({ outbox, replica }, 'unpaired', null));
		// A refused entry that a manager has corrected stays refused and needs nobody.
		const corrected = told.needsPerson === 0 ? 0 : await outbox.countCorrected();
		return { ...told, needsPerson: Math.max(0, told.needsPerson - corrected), ...stores.diskNotice() };
	};
	const publisher = createEventPublisher({
		producers: { 'status.changed': status, 'session.changed': session, 'data.changed': () => ({}) },
		timers: ports.timers,
		logger: ports.logger,
	});
	const context: TerminalContext = {
		outbox,
		replica,
		clock: ports.clock,
		random: ports.random,
		gate: createRequestGate(),
		// The machine's own zone is the outlet's.
		calendar: createLocalCalendar(Intl.DateTimeFormat().resolvedOptions().timeZone),
		programme: () => parts.known.programme,
		identity: () => identityOf(options, parts, config()),
		cashier: signIn.cashier,
		cashiers: () => parts.known.cashiers,
	};
	const forget = watch(options, parts, { publisher, wake: () => line?.syncNow() });
	// No transport at all in training: there is nothing that could send.
	if (!isTraining) line = await openLine(options, parts, publisher);
	const api = createTerminalApi({
		context,
		signIn,
		session,
		settings,
		saveExport: parts.files.saveExport,
		machine: () => ({
			appVersion: options.appVersion,
			terminal: config()?.terminal ?? null,
			outletCode: config()?.outlet.code ?? null,
			night: nightOf(config()),
		}),
		status,
		syncNow: () => line?.syncNow(),
		onRecorded: () => line?.notifyRecorded(),
		onSignInChange: () => publisher.publish('session.changed'),
	});
	let isStopped = false;
	const retiring = retireOldEntries({ outbox, clock: ports.clock, logger: ports.logger, isStopped: () => isStopped });
	const stop = async (): Promise<void> => {
		isStopped = true;
		publisher.close();
		forget();
		// The engine first, since it works on both databases; then what a cashier has just confirmed; the precious file last.
		await line?.stop();
		await context.gate.idle();
		await retiring;
		await stores.close();
	};
	let stopping: Promise<void> | null = null;
	return { api, onEvent: publisher.onEvent, pairing: line?.pairing() ?? 'unpaired', stop: () => (stopping ??= stop()) };
}

async function openLine(
	options: TerminalOptions,
	{ stores: { outbox, replica, keepHouse, lastNight }, files, known }: Parts,
	publisher: EventPublisher,
): Promise<HeadquartersLine> {
	return openHeadquartersLine({
		terminal: options,
		files,
		outbox,
		replica,
		keepHouse,
		lastNight,
		programmeVersion: () => known.programme?.version ?? 0,
		hours: () => known.programme?.hours ?? USUAL_SHOP_HOURS,
		onProgramme: async ({ programme, cashiers }) => {
			const news = { programme: programme ?? known.programme, cashiers: cashiers ?? known.cashiers };
			// On disk first: what a cashier sees after this is what a restart shows.
			await files.saveProgramme(news);
			Object.assign(known, news);
			publisher.publish('session.changed');
		},
		onStatus: () => publisher.publish('status.changed'),
		onPaired: () => publisher.publish('session.changed'),
	});
}

/** Turns what happens to the databases and the machine into events and contacts. Returns the way to stop. */
function watch(
	options: TerminalOptions,
	{ stores: { outbox, replica, onDiskNotice } }: Parts,
	to: { readonly publisher: EventPublisher; readonly wake: () => void },
): () => void {
	const changed = (): void => {
		to.publisher.publish('data.changed');
		to.publisher.publish('status.changed');
	};
	const forgets = [
		outbox.onChange(changed),
		replica.onChange(changed),
		onDiskNotice(() => to.publisher.publish('status.changed')),
		options.ports.power.onWake(to.wake),
	];
	return () => {
		for (const forget of forgets) forget();
	};
}

function identityOf({ isTraining }: TerminalOptions, { known }: Parts, config: TerminalConfig | null): TerminalIdentity | null {
	if (isTraining) return known.programme === null ? null : trainingIdentity(known.programme);
	return config === null ? null : { outletCode: config.outlet.code, terminalCode: config.terminalCode, cardBlock: config.cardBlock };
}
