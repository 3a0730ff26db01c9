import { create } from 'zustand';
import type { Session, Shift, Status } from '#shared/bridge/session-calls.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Connection } from '../../bridge/live-bridge.ts';

/**
 * Who works here, how the line is, and what this shift did: the services' own words, kept as they came.
 * `null` until they first answered. Nothing here survives a reload; the services tell it again.
 */
export type SessionState = {
	readonly connection: Connection;
	readonly session: Session | null;
	readonly status: Status | null;
	readonly shift: Shift | null;
	/** Why the session could not be opened. */
	readonly error: LoyaltyError | null;
	/** What to add to the page's clock to get the terminal's, milliseconds. */
	readonly clockOffsetMs: number;
	/** The terminal's time as shown; it moves every few seconds, since ages are told in minutes. */
	readonly nowMs: number;
};

export const initialSessionState: SessionState = {
	connection: 'connecting',
	session: null,
	status: null,
	shift: null,
	error: null,
	clockOffsetMs: 0,
	nowMs: 0,
};

export const useSessionStore = create<SessionState>(() => initialSessionState);
