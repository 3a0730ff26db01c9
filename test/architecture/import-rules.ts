/** The import table (build/config/walls.json) as a judge of one import; whatever no row allows is refused. */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { z } from 'zod';
import { isFake, isTest, packageOf, resolveImport, ROOT } from './source-tree.ts';

const Table = z.object({
	groups: z.record(z.string(), z.array(z.string())),
	zones: z.record(
		z.string(),
		z.strictObject({ may: z.array(z.string()), packages: z.array(z.string()).optional(), foldersApart: z.boolean().optional() }),
	),
	packages: z.record(z.string(), z.array(z.string())),
});
export type Table = z.infer<typeof Table>;

/** Packages that unit tests may import in any zone. */
const TEST_PACKAGES = ['vitest', 'fast-check'];

export function readTable(): Table {
	return Table.parse(JSON.parse(readFileSync(join(ROOT, 'build/config/walls.json'), 'utf8')));
}

function matches(zone: string, path: string): boolean {
	if (zone.endsWith('/*')) return posix.dirname(path) === zone.slice(0, -2);
	return path === zone || path.startsWith(`${zone}/`);
}

/** The most exact row for a file, or null when the table does not know its folder. */
export function zoneOf(table: Table, path: string): string | null {
	const candidates = Object.keys(table.zones).filter((zone) => matches(zone, path));
	return candidates.toSorted((left, right) => right.length - left.length)[0] ?? null;
}

/** A row's zones with its groups resolved. */
export function allowedZones(table: Table, zone: string): Set<string> {
	const resolve = (name: string): string[] => (name.startsWith('@') ? (table.groups[name] ?? []).flatMap(resolve) : [name]);
	return new Set((table.zones[zone]?.may ?? []).flatMap(resolve));
}

/** Why this import is refused, or null when it is not. */
export function judgeImport(table: Table, from: string, specifier: string): string | null {
	const zone = zoneOf(table, from);
	if (zone === null) return 'its folder is not in the import table';
	if (specifier === '(computed)') return isTest(from) ? null : 'a computed import cannot be judged';
	const target = resolveImport(from, specifier);
	return target === null ? judgePackage(table, { from, zone }, specifier) : judgeFile(table, { from, zone, specifier }, target);
}

function judgeFile(table: Table, source: { from: string; zone: string; specifier: string }, target: string): string | null {
	const { from, zone, specifier } = source;
	const isSameTop = from.split('/')[0] === target.split('/')[0];
	if (isSameTop && specifier.startsWith('#')) return 'inside a top folder imports are relative';
	if (!isSameTop && !specifier.startsWith('#')) return 'across top folders imports start with #';
	if (isTest(target)) return 'nobody imports a test';
	if (isFake(target) && !isForTests(from)) return 'only tests and fakes import a fake';
	const targetZone = zoneOf(table, target);
	if (targetZone === null) return 'the folder it comes from is not in the import table';
	if (targetZone === zone) return judgeNeighbours(table, zone, [from, target]);
	return allowedZones(table, zone).has(targetZone) ? null : `${zone} may not import ${targetZone}`;
}

function isForTests(path: string): boolean {
	return isTest(path) || isFake(path) || path.startsWith('test/');
}

/** Two files of one zone: refused only where the zone keeps its folders apart. */
function judgeNeighbours(table: Table, zone: string, paths: readonly [string, string]): string | null {
	if (table.zones[zone]?.foldersApart !== true) return null;
	const [from, target] = paths.map((path) => path.split('/')[zone.split('/').length]);
	return from === target ? null : `folders in ${zone} do not import each other`;
}

function judgePackage(table: Table, source: { from: string; zone: string }, specifier: string): string | null {
	const { from, zone } = source;
	const name = packageOf(specifier);
	const isInTests = isTest(from) || isFake(from);
	if (isInTests && TEST_PACKAGES.includes(name)) return null;
	const allowed = table.zones[zone]?.packages;
	if (allowed !== undefined && !allowed.includes(name)) return `${zone} may not import ${name}`;
	const rows = Object.entries(table.packages).filter(([row]) => (row.endsWith('*') ? name.startsWith(row.slice(0, -1)) : row === name));
	const isRefused = rows.some(
		([, places]) => !places.some((place) => (place === 'tests' ? isInTests : from === place || from.startsWith(`${place}/`))),
	);
	return isRefused ? `${name} has its place elsewhere` : null;
}
