import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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
