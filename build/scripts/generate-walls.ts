/**
 * Writes build/config/oxlint.walls.json, the linter's form of the import table; `--check` only compares.
 *
 * The linter's patterns see the specifier as it is written, not the file it means, and know no look-ahead. So each row becomes
 * one override per folder depth (that fixes how many `../` lead where), and its patterns list what is forbidden. What a pattern
 * cannot see (dynamic imports, roundabout relative paths, lists of allowed packages) is left to test/architecture/walls.test.ts.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.ts';
import { readWalls, type Walls, type ZoneRule } from './walls.ts';

/** How many folders below a zone's own the linter's walls reach; the architecture test knows no such limit. */
const DEPTH_BELOW_ZONE_MAX = 3;
const EXTENSIONS = '{ts,tsx}';
/** In a row of `packages`: the unit tests and fakes of every folder. */
const TESTS = 'tests';

type Override = { files: string[]; rules: { 'no-restricted-imports': ['error', { patterns: { regex: string; message: string }[] }] } };
/** A zone's path, taken apart: `folders` below the top folder, without the file or the star. */
type Place = { top: string; folders: string[]; kind: 'folder' | 'loose' | 'file'; file: string };

function parsePlace(path: string): Place {
	const parts = path.split('/');
	const top = parts[0] ?? '';
	const last = parts.at(-1) ?? '';
	if (last === '*') return { top, folders: parts.slice(1, -1), kind: 'loose', file: '' };
	if (last.endsWith('.ts')) return { top, folders: parts.slice(1, -1), kind: 'file', file: last };
	return { top, folders: parts.slice(1), kind: 'folder', file: '' };
}

function escape(text: string): string {
	return text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, (character) => (character === '/' || character === '-' ? character : `\\${character}`));
}

function upwards(count: number): string {
	return count === 0 ? '\\./' : `(?:\\.\\./){${count}}`;
}

/** The tail of a pattern once the target's folders are written. */
function tailOf(target: Place): string {
	if (target.kind === 'folder') return '';
	return target.kind === 'loose' ? '[^/]+$' : `${escape(target.file)}$`;
}

/** How a file `depth` folders below its top folder, in `source`, would write an import of `target`. */
function patternOf(target: Place, source: Place, depth: number): string {
	const folders = target.folders.map((folder) => `${escape(folder)}/`);
	if (target.top !== source.top) return `#${target.top}/${folders.join('')}${tailOf(target)}`;
	let common = 0;
	while (common < folders.length && target.folders[common] === source.folders[common]) common += 1;
	return `${upwards(depth - common)}${folders.slice(common).join('')}${tailOf(target)}`;
}

function forbiddenZones(walls: Walls, path: string, rule: ZoneRule): string[] {
	return [...walls.zones.keys()].filter((other) => other !== path && !rule.may.has(other));
}

/** Top folders that a row refuses altogether: one pattern instead of one for each zone. */
function forbiddenTops(walls: Walls, path: string, rule: ZoneRule): Set<string> {
	const tops = new Set([...walls.zones.keys()].map((zone) => parsePlace(zone).top));
	tops.delete(parsePlace(path).top);
	for (const allowed of rule.may) tops.delete(parsePlace(allowed).top);
	return tops;
}

function packagePattern(walls: Walls, path: string, inTest: boolean): string {
	const refused = [...walls.packages].filter(([, places]) => {
		const isTestException = inTest && places.includes(TESTS);
		return !isTestException && !places.some((place) => path === place || path.startsWith(`${place}/`));
	});
	return refused.map(([name]) => (name.endsWith('*') ? escape(name.slice(0, -1)) : `${escape(name)}(?:/|$)`)).join('|');
}

function overridesOf(walls: Walls, path: string, rule: ZoneRule): Override[] {
	const source = parsePlace(path);
	const tops = forbiddenTops(walls, path, rule);
	const zones = forbiddenZones(walls, path, rule).map(parsePlace);
	const base = source.folders.length;
	const overrides: Override[] = [];
	for (let depth = base; depth <= base + (source.kind === 'folder' ? DEPTH_BELOW_ZONE_MAX : 0); depth += 1) {
		const refused = zones.filter((zone) => !tops.has(zone.top)).map((zone) => patternOf(zone, source, depth));
		for (const top of tops) refused.push(`#${top}/`);
		const patterns = [
			{ regex: `^(?:${refused.toSorted().join('|')})`, message: `${path} may not import this: build/config/walls.json` },
			{ regex: `^#${source.top}/`, message: 'Inside a top folder imports are relative.' },
			{ regex: `^${upwards(depth + 1)}`, message: 'Across top folders imports start with #.' },
		];
		if (rule.foldersApart && depth > base) {
			patterns.push({ regex: `^${upwards(depth - base)}[^.]`, message: `Folders in ${path} do not import each other.` });
		}
		const folder = [source.top, ...source.folders, ...Array<string>(depth - base).fill('*')].join('/');
		for (const inTest of [false, true]) {
			if (inTest && source.kind === 'file') continue;
			const names = inTest ? [`*.test.${EXTENSIONS}`, `fake-*.${EXTENSIONS}`] : [source.kind === 'file' ? source.file : `*.${EXTENSIONS}`];
			const packages = { regex: `^(?:${packagePattern(walls, path, inTest)})`, message: PACKAGE_MESSAGE };
			overrides.push(
				overrideOf(
					names.map((name) => `${folder}/${name}`),
					[...patterns, packages],
				),
			);
		}
	}
	return overrides;
}

const PACKAGE_MESSAGE = 'This package has its one place: build/config/walls.json';

function overrideOf(files: string[], patterns: { regex: string; message: string }[]): Override {
	return { files, rules: { 'no-restricted-imports': ['error', { patterns }] } };
}

/** Rows of `packages` that name one file inside a zone: the zone's walls again, without that package. */
function fileOverrides(walls: Walls): Override[] {
	const files = new Set([...walls.packages.values()].flat().filter((place) => place.endsWith('.ts') && !place.startsWith('*')));
	return [...files].map((file) => {
		const folder = [...walls.zones.keys()].filter((zone) => file.startsWith(`${zone}/`)).at(-1);
		const rule = folder === undefined ? undefined : walls.zones.get(folder);
		if (folder === undefined || rule === undefined) throw new Error(`walls.json: ${file} is in no zone`);
		const [first] = overridesOf(walls, folder, rule);
		const patterns = (first?.rules['no-restricted-imports'][1].patterns ?? []).filter((pattern) => pattern.message !== PACKAGE_MESSAGE);
		return overrideOf([file], [...patterns, { regex: `^(?:${packagePattern(walls, file, false)})`, message: PACKAGE_MESSAGE }]);
	});
}

function generate(): string {
	const walls = readWalls();
	const rows = [...walls.zones].toSorted(([left], [right]) => left.split('/').length - right.split('/').length);
	const overrides = [...rows.flatMap(([path, rule]) => overridesOf(walls, path, rule)), ...fileOverrides(walls)];
	const lines = overrides.map((override) => `\t\t${JSON.stringify(override)}`);
	return `{\n\t"overrides": [\n${lines.join(',\n')}\n\t]\n}\n`;
}

const target = join(ROOT, 'build/config/oxlint.walls.json');
const generated = generate();
if (!process.argv.includes('--check')) writeFileSync(target, generated);
else if (readFileSync(target, 'utf8') !== generated) {
	console.error('build/config/oxlint.walls.json is not what build/config/walls.json says: run node build/scripts/generate-walls.ts');
	process.exitCode = 1;
}
