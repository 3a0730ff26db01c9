import type { CallInput, CallName, CallOutput, EventName } from '#shared/bridge/contract.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Clock, Random, Timers } from '#shared/lib/clock.ts';
import type { Result } from '#shared/lib/result.ts';

/** Structured log lines; pino's own order of arguments. Fields hold nothing personal: no names, contacts, barcodes, PINs or keys. */
export type Logger = {
	readonly debug: (fields: object, message: string) => void;
	readonly info: (fields: object, message: string) => void;
	/** It will matter should it persist. */
	readonly warn: (fields: object, message: string) => void;
	/** Someone must act. */
	readonly error: (fields: object, message: string) => void;
};

/** Seals small secrets (this terminal's key) so that a copied data folder alone does not give them away. */
export type SecretBox = {
	/** Rejects when the machine's own protection fails, which hosts test before they start the services. */
	readonly seal: (plain: string) => Promise<Uint8Array>;
	/**
	 * `null` when it was not sealed on this machine or is damaged: the terminal must be paired again.
	 * `isStale`: it was sealed with an old key; seal `plain` again and store that.
	 */
	readonly open: (sealed: Uint8Array) => Promise<{ readonly plain: string; readonly isStale: boolean } | null>;
};

/** Whether the machine slept or its clock jumped. */
export type Power = {
	/** Called after a sleep or a jump of the wall clock; timers of before may be late and connections dead. Returns the way to stop. */
	readonly onWake: (listener: () => void) => () => void;
};

/** What the services need of the machine that they run on. Each host gives its own. */
export type HostPorts = {
	readonly clock: Clock;
	readonly timers: Timers;
	readonly random: Random;
	readonly fetch: typeof globalThis.fetch;
	readonly logger: Logger;
	readonly secretBox: SecretBox;
	readonly power: Power;
	/** Names the machine, not the data folder: a copied folder is found out by it. Absent where the system does not tell. */
	readonly deviceId?: string;
};

/** How a terminal is started: `createTerminal(options)` of `main/terminal/create-terminal.ts`. */
export type TerminalOptions = {
	/** Exists, is writable, and is locked by the host for this process. Everything that outlives a run is below it. */
	readonly dataFolder: string;
	/** Origin of headquarters, or `null` to take the one of an earlier pairing. */
	readonly hqUrl: string | null;
	/** Single-use code; ignored when the data folder is paired already. */
	readonly pairingCode: string | null;
	readonly appVersion: string;
	/** Invented members, nothing is sent. */
	readonly isTraining: boolean;
	/** BCP 47. */
	readonly locale: string;
	/** Absent: the journal below the data folder, no ballast, no loss accepted. */
	readonly safety?: SafetyOptions;
	readonly ports: HostPorts;
};

/** What a terminal does for the day on which its disk fails. */
export type SafetyOptions = {
	/** Absolute; where the side journal of the outbox is kept, best on another disk. `null`: below the data folder. */
	readonly journalFolder: string | null;
	/** Room that is kept on the data folder's disk for the day on which it is full; 0 for none. */
	readonly ballastBytes: number;
	/** A person takes it upon themselves that a damaged outbox is made anew although nothing proves that all of it is there. */
	readonly isLossAccepted: boolean;
};

/** One function per call of the contract, free of transports: input and output are parsed by the router. */
export type TerminalApi = { readonly [N in CallName]: (input: CallInput<N>) => Promise<Result<CallOutput<N>, LoyaltyError>> };

/** A running terminal, as the hosts see it. */
export type Services = {
	readonly api: TerminalApi;
	/** Calls `listener` with each event's name and its payload as JSON. Returns the way to stop. */
	readonly onEvent: (listener: (name: EventName, json: string) => void) => () => void;
	/**
	 * What became of `pairingCode`: `unpaired` there was none and there is no earlier pairing · `paired` with the code just now ·
	 * `already_paired` earlier, so a given code was ignored.
	 */
	readonly pairing: 'unpaired' | 'paired' | 'already_paired';
	/** Ends all work and closes the databases; entries on disk are safe with or without it. Calls afterwards are a defect. */
	readonly stop: () => Promise<void>;
};

/** The one way in that hosts know. Fails with `DISK-103` or `DISK-104` and has then changed nothing. */
export type CreateTerminal = (options: TerminalOptions) => Promise<Result<Services, LoyaltyError>>;
