/**
 * One terminal: a machine with a disk and a clock, and the program that runs on it, life after life. The program is the real engine over the
 * real client, with outbox and replica in memory behind their own types. The disk outlives the program; after a power cut the last changes of
 * the replica may be missing, never one of the outbox that had resolved.
 */
import { TerminalIdSchema } from '#shared/domain/ids.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { AssertionError } from '#shared/lib/assert.ts';
import type { Random, Timers } from '#shared/lib/clock.ts';
import { createEngine } from '#sync/engine/engine.ts';
import type { Engine } from '#sync/engine/engine.ts';
import type { EngineOptions } from '#sync/engine/engine-context.ts';
import { DiskFailure } from '#sync/outbox/disk-failure.ts';
import { createFakeOutbox } from '#sync/outbox/fake-outbox.ts';
import type { FakeOutbox } from '#sync/outbox/fake-outbox.ts';
import { copyOutboxDisk } from '#sync/outbox/fake-outbox-rows.ts';
import type { OutboxDisk } from '#sync/outbox/fake-outbox-rows.ts';
import { copyReplicaDisk, createFakeReplica, cutPower } from '#sync/replica/fake-replica.ts';
import type { FakeReplica, ReplicaDisk } from '#sync/replica/fake-replica.ts';
import { DiskRefusal } from '#sync/replica/fake-refusal.ts';
import { createHeadquartersClient } from '#sync/transport/headquarters-client.ts';
import type { HeadquartersClient } from '#sync/transport/headquarters-client.ts';
import { FILES } from './headquarters-process.ts';
import { createLife, never } from './life.ts';
import type { Life, MachineClock } from './life.ts';
import { ADDRESS } from './network.ts';
import { keyOf } from './signatures.ts';
import type { Network, PlannedFault } from './network.ts';

/** The folder of a terminal. */
export type TerminalDisk = { outbox: OutboxDisk; replica: ReplicaDisk };

export function copyTerminalDisk({ outbox, replica }: TerminalDisk): TerminalDisk {
	return { outbox: copyOutboxDisk(outbox), replica: copyReplicaDisk(replica) };
}

/** What works together in one life. A safeguard is taken away by putting something else in its place. */
export type TerminalParts = { readonly outbox: FakeOutbox; readonly replica: FakeReplica; readonly client: HeadquartersClient };
export type PartsFilter = (parts: TerminalParts, disk: TerminalDisk) => TerminalParts;

export type Program = { readonly life: Life; readonly engine: Engine; readonly outbox: FakeOutbox; readonly replica: FakeReplica };

export type TerminalMachine = {
	readonly terminal: string;
	readonly name: string;
	/** Faults that wait for a call. */
	readonly faults: PlannedFault[];
	readonly disk: () => TerminalDisk;
	/** Another folder in the place of this one; only while it is off. */
	readonly setDisk: (disk: TerminalDisk) => void;
	/** `null` while it is off. */
	readonly program: () => Program | null;
	readonly start: () => void;
	/** Ends the program at once. Without power the replica keeps only `share` of what is not on the disk for sure. */
	readonly stop: (powerCut: { readonly share: number } | null) => void;
	/** The next so many changes are refused by the disk. */
	readonly refuseWrites: (count: number) => void;
	/** Compares its members with headquarters', if it is on. */
	readonly compare: () => void;
	readonly isComparing: () => boolean;
	readonly clock: MachineClock;
};

export type MachineOptions = {
	readonly terminal: string;
	readonly name: string;
	readonly disk: TerminalDisk;
	readonly clock: MachineClock;
	readonly timers: Timers;
	readonly random: Random;
	readonly network: Network;
	/** It signs its requests. */
	readonly isSigned: boolean;
	readonly filter: PartsFilter;
	/** After every change of the disk. */
	readonly onStep: (machine: TerminalMachine, step: string) => void;
	readonly onDefect: (detail: string) => void;
	/** The program ended by itself, where it was told to. */
	readonly onEnd: (machine: TerminalMachine) => void;
	/** The members of these shards differ from headquarters'. */
	readonly onDifference: (shards: readonly number[]) => void;
};

export function createTerminalMachine(options: MachineOptions): TerminalMachine {
	let disk = options.disk;
	let program: Program | null = null;
	let boots = 0;
	let refusals = 0;
	let isComparing = false;
	const onCompared = (): void => {
		isComparing = false;
	};
	const machine: TerminalMachine = {
		terminal: options.terminal,
		name: options.name,
		faults: [],
		clock: options.clock,
		disk: () => disk,
		setDisk: (next) => {
			disk = next;
		},
		program: () => program,
		start: () => {
			if (program !== null) return;
			boots += 1;
			isComparing = false;
			const life = createLife(options.timers, options.random);
			program = open({ ...options, machine, disk, life, bootId: `${options.name}/${boots}`, isRefused, onCompared });
			life.onEnd(() => {
				program = null;
				options.onEnd(machine);
			});
			program.engine.start().catch((error: unknown) => options.onDefect(describe(error)));
		},
		stop: (powerCut) => {
			program?.life.end();
			if (powerCut !== null) cutPower(disk.replica, powerCut.share);
		},
		compare: () => {
			isComparing = program !== null;
			program?.engine.compareDigests();
		},
		isComparing: () => isComparing,
		refuseWrites: (count) => {
			refusals = count;
		},
	};
	const isRefused = (): boolean => {
		refusals = Math.max(0, refusals - 1);
		return refusals > 0;
	};
	return machine;
}

type Opening = Omit<MachineOptions, 'disk'> & {
	readonly machine: TerminalMachine;
	readonly disk: TerminalDisk;
	readonly life: Life;
	readonly bootId: string;
	readonly isRefused: () => boolean;
	readonly onCompared: () => void;
};

function open(opening: Opening): Program {
	const { life, disk, machine } = opening;
	const clock = opening.clock.clock(opening.bootId);
	const real: TerminalParts = {
		outbox: createFakeOutbox({
			clock,
			random: opening.random,
			disk: disk.outbox,
			gate: gateOf(opening, (error) => new DiskFailure(error, new Error('full'))),
		}),
		replica: createFakeReplica({ disk: disk.replica, gate: gateOf(opening, (error) => new DiskRefusal(error)) }),
		client: createHeadquartersClient({
			hqUrl: ADDRESS,
			key: opening.isSigned ? keyOf(machine.terminal) : null,
			skewMs: () => disk.outbox.state.skewMs,
			clock,
			timers: life.timers,
			fetch: opening.network.fetchOf(machine.terminal, machine.faults),
			files: FILES,
		}),
	};
	const parts = opening.filter(real, disk);
	const engine = createEngine({
		outbox: mortal(parts.outbox, opening),
		replica: parts.replica,
		client: parts.client,
		clock,
		timers: life.timers,
		random: opening.random,
		logger: { debug: ignore, info: (fields) => hearInfo(fields, opening), warn: ignore, error: (fields) => hearError(fields, opening) },
		identity: { terminal: TerminalIdSchema.parse(machine.terminal), appVersion: '1.0.0' },
		programmeVersion: () => 1,
		onProgramme: () => Promise.resolve(),
	} satisfies EngineOptions);
	return { life, engine, outbox: parts.outbox, replica: parts.replica };
}

/** Where a program of this machine can end, be refused by its disk, and be looked at. */
function gateOf(
	{ life, machine, isRefused, onStep }: Opening,
	refusal: (error: ReturnType<typeof terminalError>) => Error,
): (name: string, moment: 'before' | 'after') => Promise<void> {
	return async (name, moment) => {
		if (moment === 'after') onStep(machine, name);
		await life.reach();
		if (moment === 'before' && isRefused()) throw refusal(terminalError('DISK-101'));
	};
}

/** Broken assumptions of the outbox end the program; here they end the run. */
function mortal(outbox: FakeOutbox, { onDefect }: Opening): FakeOutbox {
	const guard =
		<Args extends unknown[], T>(call: (...args: Args) => Promise<T>): ((...args: Args) => Promise<T>) =>
		async (...args) => {
			try {
				return await call(...args);
			} catch (error) {
				if (!(error instanceof AssertionError)) throw error;
				onDefect(describe(error));
				return never();
			}
		};
	return {
		...outbox,
		takeBatch: guard(outbox.takeBatch),
		settle: guard(outbox.settle),
		release: guard(outbox.release),
		park: guard(outbox.park),
		reoffer: guard(outbox.reoffer),
		recoverSending: guard(outbox.recoverSending),
	};
}

/** The end of a comparison is told to the log alone. */
function hearInfo(fields: object, { onCompared }: Opening): void {
	if ('notCompared' in fields) onCompared();
}

/** The engine logs what it lives on with; an error that is not of the disk is a defect. */
function hearError(fields: object, { onDefect, onDifference }: Opening): void {
	if ('shards' in fields && Array.isArray(fields.shards)) onDifference(fields.shards.map(Number));
	if (!('err' in fields) || fields.err instanceof DiskFailure || fields.err instanceof DiskRefusal) return;
	onDefect(describe(fields.err));
}

function describe(error: unknown): string {
	return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function ignore(): void {
	// Debugging a seed prints the trace of the run instead.
}
