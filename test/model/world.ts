import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRandom } from '#main/devices/system-clock.ts';
import type { TerminalContext } from '#main/terminal/context.ts';
import { createRequestGate } from '#main/terminal/request-gate.ts';
import { createLocalCalendar } from '#main/terminal/sale/local-day.ts';
import { must } from '#shared/lib/assert.ts';
import { openBooks } from './books.ts';
import type { Books } from './books.ts';
import { FAIR } from './line.ts';
import { createPartyClock } from './party-clock.ts';
import { openPremises, openShopHeadquarters, PROGRAMME } from './shop-headquarters.ts';
import type { Premises, ShopHeadquarters } from './shop-headquarters.ts';
import { NOTHING, openShopTerminal } from './shop-terminal.ts';
import type { ShopTerminal, ShopTerminalOptions } from './shop-terminal.ts';
import type { TableCopy } from './table-copy.ts';

/** What headquarters knew of an event when its epoch ended, or knows now. */
export type EventFact = {
	readonly status: string;
	readonly appliedTo: string | null;
	readonly appliedVer: number | null;
	readonly points: number;
	readonly code: number | null;
};
export type MemberFact = { readonly id: string; readonly ver: number; readonly status: string; readonly card: string | null };
export type Facts = { readonly events: ReadonlyMap<string, EventFact>; readonly members: readonly MemberFact[] };

/** The real thing: one headquarters, some terminals, in folders of their own. Of each there is a backup from the first moment on. */
export type World = {
	readonly hq: ShopHeadquarters;
	readonly terminals: readonly (ShopTerminal | null)[];
	/** By epoch. */
	readonly facts: Map<number, Facts>;
	readonly terminal: (index: number) => ShopTerminal;
	readonly lose: (index: number) => Promise<void>;
	hqBackup: TableCopy;
	/** Numbers that were given out, for ids and names. */
	count: number;
	/** Times that a command did what it is there for: a run that does nothing proves nothing. */
	readonly done: Map<string, number>;
	readonly close: () => Promise<void>;
};

/** The first terminal has its side journal on a disk of its own. */
const JOURNAL_DISKS = [true, false, false];
export const TERMINALS = JOURNAL_DISKS.length;

/** What every run begins with: headquarters with some members, and terminals that know them. */
export type Start = { readonly premises: Premises; readonly folder: string; readonly close: () => Promise<void> };

export async function prepareStart(): Promise<Start> {
	const folder = await mkdtemp(join(tmpdir(), 'regulars-model-start-'));
	const premises = await openPremises(TERMINALS, async (hqUrl, pairings) => {
		for (const [index, pairing] of pairings.entries()) {
			const terminal = await openShopTerminal({
				...terminalOf(folder, index),
				hqUrl,
				pairing,
				onPublish: NOTHING.onPage,
				onFinal: () => undefined,
			});
			await terminal.contact(FAIR, NOTHING);
			await terminal.stop();
		}
	});
	return {
		premises,
		folder,
		close: async () => {
			await premises.close();
			await rm(folder, { recursive: true, force: true });
		},
	};
}

function terminalOf(root: string, index: number): Pick<ShopTerminalOptions, 'name' | 'root' | 'hasJournalDisk' | 'clock'> {
	const name = `T${index + 1}`;
	return { name, root: join(root, name), hasJournalDisk: JOURNAL_DISKS[index] === true, clock: createPartyClock() };
}

export async function openWorld({ premises, folder }: Start): Promise<{ readonly model: Books; readonly real: World }> {
	const root = await mkdtemp(join(tmpdir(), 'regulars-model-'));
	await cp(folder, root, { recursive: true });
	const model = openBooks(JOURNAL_DISKS);
	const hq = await openShopHeadquarters(premises, join(root, 'hq'));
	const terminals: (ShopTerminal | null)[] = [];
	const onFinal = (eventIds: readonly string[]): void => {
		for (const eventId of eventIds) model.atHeadquarters.add(eventId);
	};
	for (const [index, pairing] of premises.pairings.entries())
		terminals.push(await openShopTerminal({ ...terminalOf(root, index), hqUrl: hq.url, pairing, onPublish: hq.publishAll, onFinal }));
	const real: World = {
		hq,
		terminals,
		facts: new Map(),
		terminal: (index) => must(terminals[index], 'a terminal that is there'),
		lose: async (index) => {
			await terminals[index]?.stop();
			terminals[index] = null;
		},
		hqBackup: premises.template,
		count: 0,
		done: new Map(),
		close: async () => {
			for (const terminal of terminals) await terminal?.stop();
			await hq.close();
			await rm(root, { recursive: true, force: true });
		},
	};
	return { model, real };
}

/** What the screens of a terminal work with. */
export function contextOf(terminal: ShopTerminal): TerminalContext {
	const { outbox, replica } = terminal.life();
	return {
		outbox,
		replica,
		clock: terminal.clock.underBoot('screen'),
		random: systemRandom,
		gate: createRequestGate(),
		calendar: createLocalCalendar('UTC'),
		programme: () => PROGRAMME,
		identity: () => null,
		cashier: () => null,
		cashiers: () => [],
	};
}

export async function readFacts({ database }: ShopHeadquarters): Promise<Facts> {
	const events = await database.query<EventFact & { id: string }>(
		`SELECT event_id AS id, status, applied_to AS "appliedTo", applied_ver AS "appliedVer", points, (error->>'code')::int AS code FROM event`,
	);
	const members = await database.query<MemberFact>('SELECT id, ver, status, card FROM member ORDER BY id');
	return { events: new Map(events.map((event) => [event.id, event])), members };
}

export function tally({ done }: World, what: string): void {
	done.set(what, (done.get(what) ?? 0) + 1);
}
