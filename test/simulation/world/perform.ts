/** Carries out one action of a plan. What cannot be done at that moment (the terminal is off, nobody to refund) is left out. */
import { must } from '#shared/lib/assert.ts';
import { createOutboxDisk } from '#sync/outbox/fake-outbox-rows.ts';
import { createReplicaDisk } from '#sync/replica/fake-replica.ts';
import { openBooks } from '../invariants/books.ts';
import { ONLY_ROW } from '../memory-database/tables.ts';
import type { Action } from '../plan/action.ts';
import type { Sale } from './cashier.ts';
import { newEnrolment, newOptOut, newPoints, newProfile, newRefund, newSale } from './cashier.ts';
import { copyTerminalDisk } from './terminal-machine.ts';
import { exchangeDisk, machineAt, newEventId, record, restartLater, retireAt, tillAt, withCustomer, wordOf } from './tills.ts';
import { damageRow } from './damage.ts';
import { addMachine, backupOf, currentBooks, startHeadquarters, terminalIdOf } from './world.ts';
import type { World } from './world.ts';

type ActionOf<Kind extends Action['kind']> = Extract<Action, { kind: Kind }>;
type Performers = { readonly [Kind in Action['kind']]: (world: World, action: ActionOf<Kind>) => void };

const MACHINES_MAX = 6;
/** A program that was to end at some point ends after this in any case. */
const CRASH_WITHIN_MS = 20_000;

export function perform(world: World, action: Action): void {
	world.note(`> ${JSON.stringify(action)}`);
	const performer: (world: World, action: never) => void = PERFORMERS[action.kind];
	// The table has one performer for each kind, of the action of that kind.
	performer(world, action as never);
}

const PERFORMERS: Performers = {
	earn: (world, { terminal, person, minor }) => {
		withCustomer(world, { terminal, person }, (till, owner) => {
			const sale = newSale(till, owner, minor);
			world.sales.push(sale);
			record(world, till.machine, sale.recording);
		});
	},
	points: (world, { terminal, person, points }) => {
		withCustomer(world, { terminal, person }, (till, owner) => record(world, till.machine, newPoints(till, owner, points)));
	},
	refund: (world, { terminal, sale: index, share }) => {
		const till = tillAt(world, terminal);
		// Taken back is as if it had never been: no till finds it any more.
		const isThere = ({ recording }: Sale): boolean =>
			(till?.machine.disk().outbox.rows.get(recording.eventId)?.status ?? 'voided') !== 'voided';
		const own = world.sales.filter((candidate) => candidate.machine === till?.machine.name && isThere(candidate));
		const sale = own[index % Math.max(1, own.length)];
		if (till !== null && sale !== undefined) record(world, till.machine, newRefund(till, sale, share));
	},
	enrol: (world, { terminal, card, contact }) => {
		const till = tillAt(world, terminal);
		if (till === null) return;
		const { recording, person } = newEnrolment(till, { card, contact });
		world.people.push(person);
		record(world, till.machine, recording);
	},
	profile: (world, { terminal, person }) => {
		withCustomer(world, { terminal, person }, (till, { memberId }) => {
			if (memberId !== null) record(world, till.machine, newProfile(till, memberId, wordOf(world, memberId)));
		});
	},
	opt_out: (world, { terminal, person }) => {
		withCustomer(world, { terminal, person }, (till, { memberId }) => {
			if (memberId !== null) record(world, till.machine, newOptOut(till, memberId));
		});
	},
	void: (world, { terminal }) => {
		const machine = machineAt(world, terminal);
		const last = [...machine.disk().outbox.rows.values()].at(-1);
		const program = machine.program();
		if (program === null || last === undefined) return;
		program.outbox.voidEntry(last.eventId).catch((error: unknown) => world.report('defect', String(error)));
	},
	sync_now: (world, { terminal }) => machineAt(world, terminal).program()?.engine.syncNow(),
	line: (world, { terminal, fault }) => void machineAt(world, terminal).faults.push(fault),
	crash: (world, { terminal, points, share, downMs }) => {
		const machine = machineAt(world, terminal);
		const program = machine.program();
		if (program === null) return;
		program.life.onEnd(() => {
			machine.stop(share === null ? null : { share });
			restartLater(world, machine, downMs);
		});
		if (points === 0) program.life.end();
		else program.life.endAfter(points);
		world.time.timers.after(CRASH_WITHIN_MS, () => {
			if (!world.isCalm()) program.life.end();
		});
	},
	disk_full: (world, { terminal, writes }) => machineAt(world, terminal).refuseWrites(writes + 1),
	backup: (world, { terminal }) => {
		const machine = machineAt(world, terminal);
		world.folderBackups.set(machine.name, copyTerminalDisk(machine.disk()));
	},
	restore: (world, { terminal, withReplica }) => {
		const machine = machineAt(world, terminal);
		const backup = world.folderBackups.get(machine.name);
		if (backup === undefined) return;
		world.tampered.add(machine.terminal);
		const disk = copyTerminalDisk(backup);
		exchangeDisk(world, machine, withReplica ? disk : { ...disk, replica: createReplicaDisk() });
		restartLater(world, machine, 1_000);
	},
	clone: (world, { terminal }) => {
		const original = machineAt(world, terminal);
		if (world.machines.length >= MACHINES_MAX) return;
		world.tampered.add(original.terminal);
		addMachine(world, { disk: copyTerminalDisk(original.disk()), terminal: original.terminal }).start();
	},
	lose: (world, { terminal }) => {
		const machine = machineAt(world, terminal);
		if (world.machines.length >= MACHINES_MAX) return;
		exchangeDisk(world, machine, { outbox: createOutboxDisk(world.random), replica: createReplicaDisk() });
		world.machines.splice(world.machines.indexOf(machine), 1);
		const next = terminalIdOf(world.plan.terminals + world.lost.length);
		world.lost.push(machine);
		addMachine(world, { disk: null, terminal: next }).start();
	},
	damage: (world, { terminal, row, how }) => damageRow(world, machineAt(world, terminal), { row, how }),
	compare: (world, { terminal }) => machineAt(world, terminal).compare(),
	retire: (world, { terminal }) => retireAt(world, machineAt(world, terminal)),
	clock: (world, { terminal, ms }) => {
		world.isClockSet = true;
		(terminal === null ? world.hqClock : machineAt(world, terminal).clock).jump(ms);
	},
	poison: (world, { terminal, status, forMs }) => void world.poisonNext.set(machineAt(world, terminal).name, { status, forMs }),
	merge: (world, { process, winner, loser }) => {
		const server = world.processes[process % world.processes.length];
		const [first, second] = [world.people[winner % world.people.length], world.people[loser % world.people.length]];
		if (first === undefined || second === undefined) return;
		const request = { merge_id: newEventId(world), winner: first.id, loser: second.id };
		server?.merge(request).catch((error: unknown) => world.report('defect', String(error)));
	},
	hq_crash: (world, { process, points, downMs }) => {
		const index = process % world.processes.length;
		const life = world.processes[index]?.life;
		if (life === undefined) return;
		life.onEnd(() => void world.time.timers.after(downMs, () => startHeadquarters(world, index)));
		life.endAfter(points);
	},
	hq_backup: (world) => {
		world.hqBackup = backupOf(world, currentBooks(world));
	},
	hq_restore: (world) => {
		for (const process of world.processes) process?.life.end();
		const epoch = Math.max(...world.booksByEpoch.keys()) + 1;
		const { tables, books } = world.hqBackup;
		const state = must(tables.hq_state.get(ONLY_ROW), 'the state of headquarters');
		world.store.restore(tables);
		world.store.tables().hq_state.set(ONLY_ROW, { ...state, epoch });
		world.booksByEpoch.set(epoch, openBooks(epoch, world.store.tables(), books));
		for (const index of world.processes.keys()) startHeadquarters(world, index);
	},
	hq_slow: (world, { process, statements, ms }) => world.processes[process % world.processes.length]?.slowDown(statements, ms),
	hq_flap: (world, { process, rounds }) => world.processes[process % world.processes.length]?.loseLead(rounds),
	snapshot: (world) => {
		const finishedAtMs = world.hqClock.clock('import').nowMs();
		world.store.tables().member_import.set(`import ${finishedAtMs}`, { source: `import ${finishedAtMs}`, finished_at: finishedAtMs });
	},
};
