/** The end of a run: no more faults, everything is switched on, and what must come to rest comes to rest (I8) and is right there. */
import { decodeCursor } from '#sync/hq/feed/cursor.ts';
import { WAITING_STATUSES } from '#sync/outbox/entry.ts';
import type { OutboxRow } from '#sync/outbox/fake-outbox-rows.ts';
import { checkAtRest } from '../invariants/at-rest.ts';
import { mustNotOvertake } from '../invariants/order.ts';
import type { ShardRow } from '../memory-database/tables.ts';
import type { TerminalMachine } from '../world/terminal-machine.ts';
import { currentBooks, startHeadquarters } from '../world/world.ts';
import type { World } from '../world/world.ts';

const LOOK_EVERY_MS = 10_000;
/** The longest that our own backoffs, one after another, may take. */
const REST_WITHIN_MS = 1_500_000;
/** Longer than any wall clock of a run may be wrong, and than a wait for a stub. */
const NIGHT_MS = 50 * 3_600_000;
const NIGHTS_MAX = 4;
/** A process that does not publish sees an opt-out with its next look, and half a second later no segment of it has a name. */
const FORGOTTEN_WITHIN_MS = 20_000;
const WAITING: ReadonlySet<string> = new Set(WAITING_STATUSES);

export async function settleDown(world: World): Promise<void> {
	world.note('calm');
	world.calmDown();
	world.network.calm();
	for (const machine of world.machines) {
		machine.refuseWrites(0);
		machine.program()?.life.endAfter(null);
	}
	for (const process of world.processes) process?.life.endAfter(null);
	switchOn(world);
	// First with the events that still make headquarters fail: the others must not wait for them.
	if (!(await comeToRest(world))) return;
	world.poison.clear();
	if (!(await comeToRest(world)) || !(await waitOverNights(world))) return;
	// A quiet night: what was damaged is found, and nothing else is.
	for (const machine of world.machines) machine.compare();
	if (!(await comeToRest(world))) return;
	await world.time.advance(FORGOTTEN_WITHIN_MS);
	if (world.violation() === null) await checkAtRest(world);
}

/** What waits by a wall clock (deferred, parked) waits over nights, in which everything is off. */
async function waitOverNights(world: World): Promise<boolean> {
	for (let nights = 0; nights < NIGHTS_MAX && world.machines.some(isWaiting); nights += 1) {
		await night(world);
		if (!(await comeToRest(world))) return false;
	}
	return true;
}

function switchOn(world: World): void {
	for (const index of world.processes.keys()) startHeadquarters(world, index);
	for (const machine of world.machines) machine.start();
}

async function night(world: World): Promise<void> {
	world.note('night');
	world.isNight = true;
	for (const machine of world.machines) machine.stop(null);
	for (const process of world.processes) process?.life.end();
	await world.time.advance(NIGHT_MS);
	world.isNight = false;
	switchOn(world);
}

/** I8: the outboxes are empty but for what waits by a wall clock, every replica is complete and at the head of the feed. */
async function comeToRest(world: World): Promise<boolean> {
	const untilMs = world.time.clock.monotonicMs() + REST_WITHIN_MS;
	for (;;) {
		await world.time.advance(LOOK_EVERY_MS);
		if (world.violation() !== null) return false;
		const unrest = unrestOf(world);
		if (unrest === null) return true;
		if (world.time.clock.monotonicMs() < untilMs) continue;
		world.report('I8', `not at rest after ${REST_WITHIN_MS / 60_000} minutes of calm weather: ${unrest}`);
		return false;
	}
}

function unrestOf(world: World): string | null {
	if (world.store.tables().change_staging.size > 0) return 'changes are not published';
	// Of a terminal that is lost by now, most likely: nothing but its request is left of the event.
	if (world.network.stragglers() > 0) return 'requests that were given up are still on their way';
	for (const machine of world.machines) {
		const unrest = unrestAt(world, machine);
		if (unrest !== null) return `${machine.name} ${unrest}`;
	}
	return null;
}

function unrestAt(world: World, machine: TerminalMachine): string | null {
	const { outbox, replica } = machine.disk();
	const { epoch } = currentBooks(world);
	if (machine.program() === null) return 'is off';
	if (machine.isComparing()) return 'compares its members';
	const rows = [...outbox.rows.values()];
	const waiting = rows.filter((row) => !world.poison.has(row.eventId) && isDue(row, rows));
	if (waiting[0] !== undefined) return `has ${waiting.length} entries to send, the first ${waiting[0].eventId} is ${waiting[0].status}`;
	const newest = replica.commits.at(-1);
	if (outbox.state.hqEpoch !== epoch) return `does not know of epoch ${epoch}`;
	if (newest?.place.hqEpoch !== epoch || replica.load !== null) return 'has no complete replica';
	const place = decodeCursor(newest.place.cursor);
	const isBehind = ({ shard, last_seq: last }: ShardRow): boolean => !place.ok || (place.value.seqs[shard] ?? 0) < last;
	return [...world.store.tables().shard.values()].some(isBehind) ? 'is not at the head of the feed' : null;
}

/** Whether it has to be sent now; what waits for a time, and what must not overtake another that waits, does not. */
function isDue(row: OutboxRow, rows: readonly OutboxRow[]): boolean {
	if (!WAITING.has(row.status) || row.nextAttemptAtMs !== null) return false;
	return !rows.some((other) => other.position < row.position && WAITING.has(other.status) && mustNotOvertake(row, other));
}

function isWaiting(machine: TerminalMachine): boolean {
	return [...machine.disk().outbox.rows.values()].some((row) => WAITING.has(row.status));
}
