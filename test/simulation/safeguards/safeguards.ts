import { shownPoints } from '#sync/outbox/pending-points.ts';
import type { DisplayRule } from '../invariants/display.ts';
import type { StatementFilter } from '../memory-database/memory-store.ts';
import type { Server } from '../world/network.ts';
import type { PartsFilter } from '../world/terminal-machine.ts';

/** Where a safeguard can be taken away: each filter gets the real thing and answers with what is used in its place. */
export type Safeguards = {
	readonly terminal: PartsFilter;
	readonly server: (server: Server) => Server;
	readonly statement: StatementFilter;
	readonly display: DisplayRule;
};

/** Nothing is taken away. */
export const ALL_SAFEGUARDS: Safeguards = {
	terminal: (parts) => parts,
	server: (server) => server,
	statement: (statement) => statement,
	display: shownPoints,
};
