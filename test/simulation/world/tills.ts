/** What actions share: finding a terminal and a customer, recording, putting another folder in a machine. */
import { EventIdSchema } from '#shared/domain/ids.ts';
import type { EventId, MemberId } from '#shared/domain/ids.ts';
import { must } from '#shared/lib/assert.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { DiskFailure } from '#sync/outbox/disk-failure.ts';
import type { Recording } from '#sync/outbox/outbox.ts';
import { ownerAt } from './cashier.ts';
import type { Customer, Till } from './cashier.ts';
import type { TerminalDisk, TerminalMachine } from './terminal-machine.ts';
import { currentBooks } from './world.ts';
import type { World } from './world.ts';

export function machineAt({ machines }: World, number: number): TerminalMachine {
	return must(machines[number % machines.length], 'a terminal');
}

/** The terminal with somebody at it, or `null` while it is off. */
export function tillAt(world: World, number: number): Till | null {
	const machine = machineAt(world, number);
	return machine.program() === null ? null : { machine, nowMs: machine.clock.clock('').nowMs(), random: world.random };
}

/** Serves the person at the terminal, if it is on and would serve them. */
export function withCustomer(
	world: World,
	{ terminal, person }: { readonly terminal: number; readonly person: number },
	serve: (till: Till, customer: Customer) => void,
): void {
	const till = tillAt(world, terminal);
	const customer = till === null ? null : ownerAt(till, must(world.people[person % world.people.length], 'a person'));
	if (till !== null && customer !== null) serve(till, customer);
}

/** Records at a terminal that is on; when it has resolved, the cashier was told "done". */
export function record(world: World, machine: TerminalMachine, recording: Recording): void {
	const program = must(machine.program(), 'a terminal that is on');
	const poison = world.poisonNext.get(machine.name);
	if (poison !== undefined) {
		world.poisonNext.delete(machine.name);
		world.poison.set(recording.eventId, poison.status);
		if (poison.forMs !== null) world.time.timers.after(poison.forMs, () => world.poison.delete(recording.eventId));
	}
	world.recorded.set(recording.eventId, { machine: machine.name, number: world.recorded.size });
	program.outbox
		.record(recording)
		.then((recorded) => {
			if (!recorded.ok) return;
			world.acknowledged.add(recording.eventId);
			program.engine.notifyRecorded();
		})
		.catch((error: unknown) => world.report('defect', String(error)));
}

export function restartLater(world: World, machine: TerminalMachine, downMs: number): void {
	world.time.timers.after(downMs, () => {
		if (!world.isNight && !world.lost.includes(machine)) machine.start();
	});
}

/** Ends the program and puts another folder in the place of its own. Events that only the old folder had are excused if they are lost. */
export function exchangeDisk(world: World, machine: TerminalMachine, disk: TerminalDisk): void {
	machine.stop(null);
	const others = world.machines.filter((other) => other !== machine).map((other) => other.disk());
	for (const eventId of machine.disk().outbox.rows.keys()) {
		if (![...others, disk].some((kept) => kept.outbox.rows.has(eventId))) world.excused.add(eventId);
	}
	machine.setDisk(disk);
}

/** Clocks differ by less. */
const CLOCKS_APART_MS = 5_000;

/**
 * Retention is so much longer than the age of a backup that everything that an outbox lets go of is in the backup. So it is here: only what was
 * settled before the backup was taken goes, at a terminal that knows of every restore, while all clocks can be believed.
 */
export function retireAt(world: World, machine: TerminalMachine): void {
	const program = machine.program();
	if (program === null || world.isClockSet || machine.disk().outbox.state.hqEpoch !== currentBooks(world).epoch) return;
	const agoMs = world.time.clock.monotonicMs() - world.hqBackup.atMs + CLOCKS_APART_MS;
	const { rows } = machine.disk().outbox;
	const voided = [...rows.values()].filter(({ status }) => status === 'voided');
	program.outbox
		.retire(machine.clock.clock('').nowMs() - agoMs)
		.then(() => {
			// What was taken back never was anywhere else.
			for (const { eventId } of voided) if (!rows.has(eventId)) world.excused.add(eventId);
		})
		.catch((error: unknown) => {
			// A night in which the disk refuses is followed by another.
			if (!(error instanceof DiskFailure)) world.report('defect', String(error));
		});
}

/** An id of an event by this moment. */
export function newEventId({ time, random }: World): EventId {
	return EventIdSchema.parse(uuidV7(time.clock.nowMs(), random));
}

export function wordOf({ people }: World, memberId: MemberId): string {
	return people.find(({ id }) => id === memberId)?.word ?? 'nobody';
}
