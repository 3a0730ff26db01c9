import type { Cashier, Programme } from '#shared/domain/programme.ts';
import type { TerminalId } from '#shared/domain/ids.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Clock, Random, Timers } from '#shared/lib/clock.ts';
import type { DrivenOutbox } from '../outbox/outbox.ts';
import type { Replica } from '../replica/replica.ts';
import type { LineFailure } from '../transport/classify-failure.ts';
import type { HeadquartersClient } from '../transport/headquarters-client.ts';
import type { NightlyWindow } from './night/plan-night.ts';
import type { StatusBoard } from './status-board.ts';

/** Structured log lines; pino's order of arguments. Fields hold nothing personal. */
export type Logger = Readonly<Record<'debug' | 'info' | 'warn' | 'error', (fields: object, message: string) => void>>;

/** Who this terminal is; given by pairing. */
export type EngineIdentity = { readonly terminal: TerminalId; readonly appVersion: string };

/** A newer programme or roster from headquarters; what is missing did not change. */
export type ProgrammeNews = { readonly programme?: Programme; readonly cashiers?: readonly Cashier[] };

/** What a comparison with headquarters' members found: shards that differed, and were loaded again, and shards that never stood still long enough. */
export type Compared = { readonly members: number; readonly shards: number; readonly differed: number; readonly notCompared: number };

/** Long poll of the feed instead of a pull each minute, while `isOpen` (opening hours). `waitMs` at most 30 s. */
export type LongPoll = { readonly isOpen: (nowMs: number) => boolean; readonly waitMs: number };

/** The part of the replica that the engine drives. */
export type EngineReplica = Pick<Replica, 'state' | 'findById' | 'beginLoad' | 'applyPage' | 'digests' | 'erase' | 'onChange'>;

export type EngineOptions = {
	readonly outbox: DrivenOutbox;
	readonly replica: EngineReplica;
	/** Signs with `outbox.state().skewMs`, which a hello measures. */
	readonly client: HeadquartersClient;
	readonly clock: Clock;
	readonly timers: Timers;
	readonly random: Random;
	readonly logger: Logger;
	/** `null` before pairing: the engine stays `unpaired` and does nothing. */
	readonly identity: EngineIdentity | null;
	/** The version of the programme on disk, 0 if none. */
	readonly programmeVersion: () => number;
	/** Stores it. Called before the contact goes on; a rejection is logged and the news come again with the next hello. */
	readonly onProgramme: (news: ProgrammeNews) => Promise<void>;
	readonly longPoll?: LongPoll;
	/** Names this machine: a copied data folder comes with another one. */
	readonly deviceId?: string;
	/** Heavy work of the quiet hours, once a day; a rejection is logged and it is tried again an hour later. The members are compared besides. */
	readonly nightly?: () => Promise<void>;
	/** When the shop is quiet, local time. 02:00–05:00 when absent. Terminals spread over it by their ids. */
	readonly nightlyWindow?: () => NightlyWindow;
	/** A comparison of the members has come to its end. */
	readonly onCompared?: (told: Compared) => void;
	/** The last night that is done with (`YYYY-MM-DD`), kept on disk so that a restart does not repeat it. Without it there are no nights. */
	readonly nightlyDay?: { readonly read: () => string | null; readonly save: (day: string) => Promise<void> };
};

/** What every part of a running engine works with. */
export type EngineContext = Omit<EngineOptions, 'identity'> & {
	readonly identity: EngineIdentity;
	readonly board: StatusBoard;
	/** Aborted when the engine stops. */
	readonly signal: AbortSignal;
};

/** Why a piece of work did not come to its end. */
export type Trouble =
	| { readonly from: 'line'; readonly failure: LineFailure }
	| { readonly from: 'disk'; readonly error: LoyaltyError }
	/** An answer of another epoch than ours: nothing of it may be stored before a hello. */
	| { readonly from: 'epoch'; readonly hqEpoch: number };

/** The error that a screen shows for it. */
export function errorOf(trouble: Trouble): LoyaltyError {
	switch (trouble.from) {
		case 'line':
			return trouble.failure.error;
		case 'disk':
			return trouble.error;
		case 'epoch':
			return terminalError('LINE-108', { verdict: 'retry_later', detail: `an answer of epoch ${trouble.hqEpoch}` });
	}
}
