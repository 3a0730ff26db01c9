import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { arch, cpus, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { PROJECT_ROOT } from '../../support/child.ts';

/** What the figures depend on: processor, memory, system, and the version of everything that was measured. */
export type Machine = {
	readonly processor: string;
	readonly memoryGib: number;
	readonly system: string;
	readonly versions: Readonly<Record<string, string>>;
};

const ManifestSchema = z.object({ version: z.string() });
const DependenciesSchema = z.object({ dependencies: z.record(z.string(), z.string()) });
const PROCESSOR_TIMES = '/proc/stat';
/** The place of stolen time among the ticks of a line. */
const STEAL = 7;
const OURS = ['sqlite3', '@electric-sql/pglite', 'pg'];

export function describeMachine(): Machine {
	return {
		processor: `${cpus().length} × ${cpus()[0]?.model ?? 'unknown processor'}`,
		memoryGib: Math.round(totalmem() / 2 ** 30),
		system: `${type()} ${arch()}`,
		versions: {
			node: process.version,
			...Object.fromEntries(OURS.map((name) => [name, versionOf(name)])),
			...peerVersions(),
			...(shellVersion() === null ? {} : { 'sqlite3 shell': shellVersion() ?? '' }),
		},
	};
}

/** Time of all processors since the machine began, in ticks: all of it, and what the host of a virtual machine gave to others. */
export type ProcessorTime = { readonly all: number; readonly stolen: number };

/** By /proc/stat (proc(5)); zeroes where there is none. */
export function readProcessorTime(): ProcessorTime {
	if (!existsSync(PROCESSOR_TIMES)) return { all: 0, stolen: 0 };
	const [line = ''] = readFileSync(PROCESSOR_TIMES, 'utf8').split('\n', 1);
	// cpu user nice system idle iowait irq softirq steal …; what follows is part of user and nice.
	const ticks = line.split(/\s+/).slice(1, 9).map(Number);
	return { all: ticks.reduce((sum, value) => sum + value, 0), stolen: ticks[STEAL] ?? 0 };
}

/** Of the processors' time between two moments, the percentage that the host gave to others. */
export function stolenPercent(before: ProcessorTime, after: ProcessorTime): number {
	const all = after.all - before.all;
	return all === 0 ? 0 : (100 * (after.stolen - before.stolen)) / all;
}

function versionOf(name: string): string {
	return ManifestSchema.parse(readJson(join(PROJECT_ROOT, 'node_modules', name, 'package.json'))).version;
}

/** Pinned exactly, so what is asked for is what is there. */
function peerVersions(): Readonly<Record<string, string>> {
	return DependenciesSchema.parse(readJson(join(import.meta.dirname, '../peers/packages/package.json'))).dependencies;
}

function shellVersion(): string | null {
	const answer = spawnSync('sqlite3', ['-version'], { encoding: 'utf8' });
	return answer.status === 0 ? (answer.stdout.split(' ', 1)[0] ?? null) : null;
}

function readJson(file: string): unknown {
	return JSON.parse(readFileSync(file, 'utf8'));
}

/** Two lines of Markdown. */
export function machineToMarkdown({ processor, memoryGib, system, versions }: Machine): string {
	const list = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
	return `${processor}, ${memoryGib} GiB, ${system}.\n${list.join(', ')}.`;
}
