/**
 * The whole world of one run: headquarters' store with its processes, the terminals, the network between them, the people, one clock for
 * all. Owns who is alive, the backups, and what the auditor knows. Nothing in it happens but by the clock and by `perform`.
 */
import { setImmediate } from 'node:timers/promises';
import { must } from '#shared/lib/assert.ts';
import type { Random } from '#shared/lib/clock.ts';
import { createFakeTime, seededRandom } from '#shared/lib/fake-time.ts';
import type { FakeTime } from '#shared/lib/fake-time.ts';
import { createOutboxDisk } from '#sync/outbox/fake-outbox-rows.ts';
import { createReplicaDisk } from '#sync/replica/fake-replica.ts';
import { openBooks } from '../invariants/books.ts';
import type { Books } from '../invariants/books.ts';
import type { RecordedPlace } from '../invariants/order.ts';
import type { Violation } from '../invariants/violation.ts';
import { createMemoryStore } from '../memory-database/memory-store.ts';
import type { MemoryStore } from '../memory-database/memory-store.ts';
import { ONLY_ROW } from '../memory-database/tables.ts';
import type { Tables } from '../memory-database/tables.ts';
import type { Plan } from '../plan/action.ts';
import type { Safeguards } from '../safeguards/safeguards.ts';
import type { Sale } from './cashier.ts';
import { createHeadquartersDisk } from './headquarters-disks.ts';
import type { HeadquartersDisk } from './headquarters-disks.ts';
import { startProcess } from './headquarters-process.ts';
import type { HeadquartersProcess } from './headquarters-process.ts';
import { createMachineClock } from './life.ts';
import type { MachineClock } from './life.ts';
import { createNetwork } from './network.ts';
import type { Network } from './network.ts';
import { addFounders } from './people.ts';
import type { Person } from './people.ts';
import { createTerminalMachine } from './terminal-machine.ts';
import type { TerminalDisk, TerminalMachine } from './terminal-machine.ts';

export type World = {
	readonly plan: Plan;
	readonly time: FakeTime;
	readonly random: Random;
	readonly store: MemoryStore;
	readonly network: Network;
	readonly safeguards: Safeguards;
	readonly hqClock: MachineClock;
	readonly processes: (HeadquartersProcess | null)[];
	/** Of the machine of each process. */
	readonly hqDisks: HeadquartersDisk[];
	readonly machines: TerminalMachine[];
	/** Machines that are gone for good. */
	readonly lost: TerminalMachine[];
	/** After every change of a terminal's disk. */
	onStep: (machine: TerminalMachine, step: string) => void;
	readonly people: Person[];
	readonly sales: Sale[];
	/** Event ids that make headquarters fail, with the status that this leads to. */
	readonly poison: Map<string, number>;
	/** The status for the next event of a machine. */
	readonly poisonNext: Map<string, { readonly status: number; readonly forMs: number | null }>;
	/** Who recorded what, in which order. */
	readonly recorded: Map<string, RecordedPlace>;
	/** Events whose recording had resolved; and those of them whose only disk is gone. */
	readonly acknowledged: Set<string>;
	readonly excused: Set<string>;
	/** Terminals of which a folder was put back or copied. */
	readonly tampered: Set<string>;
	/** Members of whom a row was damaged on some disk: until the run is at rest nobody says what is shown of them. */
	readonly damaged: Set<string>;
	readonly booksByEpoch: Map<number, Books>;
	readonly folderBackups: Map<string, TerminalDisk>;
	hqBackup: { readonly tables: Tables; readonly books: Books; readonly atMs: number };
	/** A clock was set: what is old by it need not be. */
	isClockSet: boolean;
	/** Everything is switched off: nothing starts by itself. */
	isNight: boolean;
	readonly isCalm: () => boolean;
	readonly calmDown: () => void;
	readonly report: (invariant: string, detail: string) => void;
	readonly violation: () => Violation | null;
	readonly note: (line: string) => void;
};

export type WorldOptions = { readonly safeguards: Safeguards; readonly note?: (line: string) => void };

const NOT_BOOTED = { boot_id: null, boot_seq: null, boot_effective_at: null };

/** Identities that were paired before the first sale; a machine that is lost is replaced by the next one. */
const IDENTITIES = 40;

export function createWorld(plan: Plan, { safeguards, note = () => undefined }: WorldOptions): World {
	const time = createFakeTime({ settle: () => setImmediate(), seed: plan.seed });
	const random = seededRandom(plan.seed * 31 + 7);
	const store = createMemoryStore(safeguards.statement);
	const people = addFounders(store.tables());
	const books = openBooks(1, store.tables(), null);
	let violation: Violation | null = null;
	let isCalm = false;
	const report = (invariant: string, detail: string): void => {
		violation ??= { invariant, detail };
		note(`VIOLATION ${invariant}: ${detail}`);
	};
	const processes: (HeadquartersProcess | null)[] = [];
	const network = createNetwork({
		timers: time.timers,
		random: seededRandom(plan.seed * 131 + 3),
		route: (terminal) => routeOf(processes, terminal, safeguards),
		note: (line) => note(at(time, line)),
	});
	return {
		plan,
		time,
		random,
		store,
		network,
		safeguards,
		hqClock: createMachineClock(time, 0),
		processes,
		hqDisks: [],
		machines: [],
		lost: [],
		onStep: () => undefined,
		people,
		sales: [],
		poison: new Map(),
		poisonNext: new Map(),
		recorded: new Map(),
		acknowledged: new Set(),
		excused: new Set(),
		tampered: new Set(),
		damaged: new Set(),
		booksByEpoch: new Map([[1, books]]),
		folderBackups: new Map(),
		hqBackup: backupOf({ store, time }, books),
		isClockSet: false,
		isNight: false,
		isCalm: () => isCalm,
		calmDown: () => {
			isCalm = true;
		},
		report,
		violation: () => violation,
		note: (line) => note(at(time, line)),
	};
}

function at({ clock }: Pick<FakeTime, 'clock'>, line: string): string {
	return `${String(Math.round(clock.monotonicMs())).padStart(8)} ${line}`;
}

/** A backup of headquarters, with what the auditor needs to go on from it. */
export function backupOf({ store, time }: Pick<World, 'store' | 'time'>, books: Books): World['hqBackup'] {
	return { tables: store.backup(), books: { ...books, published: new Map(books.published) }, atMs: time.clock.monotonicMs() };
}

/** Each terminal has its process; when that is down another one serves it. */
function routeOf(
	processes: readonly (HeadquartersProcess | null)[],
	terminal: string,
	safeguards: Safeguards,
): ReturnType<Parameters<typeof createNetwork>[0]['route']> {
	const usual = Number.parseInt(terminal.slice(-4), 16) % processes.length;
	const server = processes[usual] ?? processes.find((process) => process !== null) ?? null;
	return server === null ? null : safeguards.server(server.front);
}

/** Opens headquarters and the shops. Terminal rows are there from the beginning, as after pairing. */
export function openWorld(world: World): void {
	const { plan, store } = world;
	for (let index = 0; index < IDENTITIES; index += 1) {
		const id = terminalIdOf(index);
		const row = {
			id,
			last_result_no: 0,
			clock_skew_ms: null,
			last_seen_at: null,
			incarnation: null,
			app_version: null,
			protocol: null,
			...NOT_BOOTED,
		};
		store.tables().terminal.set(id, row);
	}
	world.hqBackup = backupOf(world, currentBooks(world));
	for (let index = 0; index < plan.processes; index += 1) startHeadquarters(world, index);
	for (let index = 0; index < plan.terminals; index += 1) addMachine(world, { disk: null, terminal: terminalIdOf(index) }).start();
}

export function terminalIdOf(index: number): string {
	return `0192f0c0-0000-7000-8000-${String(index).padStart(12, '0')}`;
}

/** Another machine with an empty folder, or with a copy of another's. */
export function addMachine(
	world: World,
	{ disk, terminal }: { readonly disk: TerminalDisk | null; readonly terminal: string },
): TerminalMachine {
	const { plan, machines, time } = world;
	const number = machines.length + world.lost.length + 1;
	const name = `T${number}`;
	const random = seededRandom(plan.seed * 1_000_003 + number * 7_777);
	const machine = createTerminalMachine({
		terminal,
		name,
		disk: disk ?? { outbox: createOutboxDisk(random), replica: createReplicaDisk() },
		clock: createMachineClock(time, Math.floor(world.random.fraction() * 4_000) - 2_000),
		timers: time.timers,
		random,
		network: world.network,
		isSigned: plan.isSigned,
		filter: world.safeguards.terminal,
		onStep: (changed, step) => world.onStep(changed, step),
		onDefect: (detail) => world.report('defect', `${name}: ${detail}`),
		onEnd: () => world.note(`${name} ends`),
		onDifference: (shards) => {
			world.note(`${name} has other members in shards ${shards.join(', ')}`);
			if (world.damaged.size === 0) world.report('I5', `${name}: digests of shards ${shards.join(', ')} differ, and nothing was damaged`);
		},
	});
	machines.push(machine);
	return machine;
}

export function startHeadquarters(world: World, index: number): void {
	const { plan, store, processes, time } = world;
	if (world.isNight || (processes[index] ?? null) !== null) return;
	const started = startProcess({
		label: `H${index + 1}`,
		store,
		clock: world.hqClock,
		timers: time.timers,
		random: seededRandom(plan.seed * 17 + index * 911 + Math.floor(time.clock.monotonicMs())),
		disk: (world.hqDisks[index] ??= createHeadquartersDisk()),
		isSigned: plan.isSigned,
		poisonOf: (events) => poisonOf(world, events),
		onDefect: (detail) => world.report('defect', `H${index + 1}: ${detail}`),
	});
	processes[index] = started;
	started.life.onEnd(() => {
		processes[index] = null;
		world.note(`H${index + 1} ends`);
	});
}

function poisonOf({ poison }: World, events: readonly unknown[]): number | null {
	if (poison.size === 0) return null;
	for (const event of events) {
		if (typeof event !== 'object' || event === null || !('event_id' in event)) continue;
		const status = poison.get(String(event.event_id));
		if (status !== undefined) return status;
	}
	return null;
}

export function currentBooks(world: World): Books {
	const { epoch } = must(world.store.tables().hq_state.get(ONLY_ROW), 'the state of headquarters');
	return must(world.booksByEpoch.get(epoch), 'the books of this epoch');
}
