/** Connects the checks to the world: what is looked at after every commit of headquarters and after every change of a terminal's disk. */
import { countedEvents } from '#sync/outbox/fake-outbox-rows.ts';
import type { EventRow } from '../memory-database/tables.ts';
import type { Change } from '../memory-database/transaction.ts';
import type { Program, TerminalMachine } from '../world/terminal-machine.ts';
import { currentBooks } from '../world/world.ts';
import type { World } from '../world/world.ts';
import { noteCommit } from './books.ts';
import { checkDisplay, checkRows } from './display.ts';
import { checkPrefix } from './feed-prefix.ts';
import { checkOrder } from './order.ts';

/** Changes that no screen and no invariant of a terminal can notice. */
const UNSEEN: ReadonlySet<string> = new Set(['takeBatch', 'release', 'saveState', 'recoverSending', 'suspend', 'beginLoad', 'addFile']);
const CHANGES_ROWS: ReadonlySet<string> = new Set(['applyPage', 'finish', 'swap']);

export function audit(world: World): void {
	const cursors = new WeakMap<Program, string>();
	world.store.onCommit((changes) => checkCommit(world, changes));
	world.onStep = (machine, step) => {
		world.note(`${machine.name} ${step}`);
		const program = machine.program();
		if (UNSEEN.has(step) || program === null) return;
		const since = step === 'applyPage' ? (cursors.get(program) ?? null) : null;
		checkTerminal(world, machine, { step, since });
		const cursor = machine.disk().replica.commits.at(-1)?.place.cursor;
		if (cursor === undefined) cursors.delete(program);
		else cursors.set(program, cursor);
	};
}

function checkCommit(world: World, changes: readonly Change[]): void {
	const books = currentBooks(world);
	const settled = new Set<string>();
	for (const change of changes) {
		if (change.table !== 'event' || change.before !== null || change.after === null) continue;
		// The table says which row it is.
		const event = change.after as EventRow;
		world.note(`hq ${event.status} ${event.action} ${event.event_id} ${event.points} to ${event.applied_to} v${event.applied_ver}`);
		const isFinal = (eventId: string): boolean => settled.has(eventId) || books.events.has(eventId);
		const facts = { recorded: world.recorded, isFinal, wasRefused: (eventId: string) => wasRefused(world, eventId) };
		for (const machine of world.machines) {
			if (machine.terminal === event.terminal) checkOrder(event, { rows: machine.disk().outbox.rows, ...facts }, world.report);
		}
		settled.add(event.event_id);
	}
	noteCommit(books, changes, world.report);
}

function wasRefused(world: World, eventId: string): boolean {
	const now = currentBooks(world).epoch;
	const before = [...world.booksByEpoch.values()].filter((books) => books.epoch < now && books.events.has(eventId));
	return before.at(-1)?.events.get(eventId)?.status === 'rejected';
}

function checkTerminal(world: World, machine: TerminalMachine, at: { readonly step: string; readonly since: string | null }): void {
	const { outbox, replica } = machine.disk();
	const newest = replica.commits.at(-1);
	if (newest === undefined) return;
	const { members: rows, place } = newest;
	const books = world.booksByEpoch.get(place.hqEpoch);
	if (books === undefined) {
		world.report('I12', `${machine.name} has members of epoch ${place.hqEpoch}, which never was`);
		return;
	}
	const pending = countedEvents(outbox);
	const seen = { name: machine.name, rows, damaged: world.damaged };
	checkDisplay({ ...seen, pending }, { books, rule: world.safeguards.display }, world.report);
	if (!CHANGES_ROWS.has(at.step)) return;
	checkRows(seen, books, world.report);
	checkPrefix({ ...seen, cursor: place.cursor, since: at.since }, books, world.report);
}
