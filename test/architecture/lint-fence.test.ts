import { afterAll, expect, test } from 'vitest';
import { allowedZones, readTable } from './import-rules.ts';
import { createScratchTree, lint } from './scratch-tree.ts';

const table = readTable();
const tree = createScratchTree();
afterAll(tree.remove);

/** A file of a zone: `main/*` → main/planted.ts; its own file for a zone that is one. */
function fileIn(zone: string): string {
	if (zone.endsWith('.ts')) return zone;
	return `${zone.endsWith('/*') ? zone.slice(0, -2) : zone}/planted.ts`;
}

/** The shortest specifier from one file to another, as an editor would write it. */
function specifierOf(from: string, target: string): string {
	const source = from.split('/');
	const parts = target.split('/');
	if (source[0] !== parts[0]) return `#${target}`;
	let common = 0;
	while (common < source.length - 1 && common < parts.length - 1 && source[common] === parts[common]) common += 1;
	const up = source.length - 1 - common;
	return `${up === 0 ? './' : '../'.repeat(up)}${parts.slice(common).join('/')}`;
}

const zones = Object.keys(table.zones);

/** Plants one file per zone with one import per line, and returns which lines were reported and which should have been. */
function plant(specifiers: (zone: string) => { text: string; isForbidden: boolean }[]): { expected: string[]; found: string[] } {
	const expected: string[] = [];
	for (const zone of zones) {
		const rows = specifiers(zone);
		tree.write(fileIn(zone), rows.map(({ text }) => `import '${text}';\n`).join(''));
		rows.forEach(({ text, isForbidden }, index) => {
			if (isForbidden) expected.push(`${fileIn(zone)}:${index + 1} ${text}`);
		});
	}
	const lines = new Map(zones.map((zone) => [fileIn(zone), specifiers(zone)]));
	const found = new Set(
		lint(tree, '.walls-alone.json').map(({ path, line }) => `${path}:${line} ${lines.get(path)?.[line - 1]?.text ?? 'not planted'}`),
	);
	return { expected: expected.toSorted(), found: [...found].toSorted() };
}

tree.write(
	'.walls-alone.json',
	JSON.stringify({ plugins: ['eslint'], categories: { correctness: 'off' }, extends: ['./build/config/oxlint.walls.json'] }),
);

test('the linter reports every forbidden pair of the table and no other', () => {
	const { expected, found } = plant((zone) => {
		const allowed = allowedZones(table, zone);
		return zones
			.filter((target) => target !== zone && !target.startsWith('build'))
			.map((target) => ({ text: specifierOf(fileIn(zone), fileIn(target)), isForbidden: !allowed.has(target) }));
	});
	expect(expected.length).toBeGreaterThan(500);
	expect(found).toEqual(expected);
});

test('the linter reports every package outside its place and no other', () => {
	const { expected, found } = plant((zone) =>
		Object.keys(table.packages).map((name) => {
			const text = name === 'node:*' ? 'node:fs' : name;
			const rows = name.startsWith('node:') ? [name, 'node:*'] : [name];
			return { text, isForbidden: rows.some((row) => !hasPlace(row, fileIn(zone))) };
		}),
	);
	expect(expected.length).toBeGreaterThan(100);
	expect(found).toEqual(expected);
});

function hasPlace(row: string, file: string): boolean {
	return (table.packages[row] ?? []).some((place) => file === place || file.startsWith(`${place}/`));
}

test.each([
	['a subpath name inside its own folder', 'sync/hq/http/planted.ts', '#sync/hq/ledger/push.ts'],
	['a relative path across top folders', 'sync/hq/http/planted.ts', '../../../shared/lib/assert.ts'],
	['a forbidden folder, from three folders down', 'sync/hq/ledger/batch/planted.ts', '../../../engine/engine.ts'],
	['a screen from a screen', 'renderer/screens/ready/planted.tsx', '../member/member.tsx'],
	['the screens’ folder from ui', 'renderer/ui/planted.tsx', '../screens/ready/ready.tsx'],
	['SQLite beside its one file', 'sync/storage/rows.ts', 'sqlite3'],
	['a part of a package', 'renderer/app/planted.ts', 'node:fs/promises'],
	['Electron below the kiosk host', 'main/kiosk/window/planted.ts', 'electron/main'],
])('the linter reports %s', (_what, file, specifier) => {
	expect(findingsFor(file, specifier)).toHaveLength(1);
});

test.each([
	['headquarters’ own storage, which is not the terminal’s', 'sync/hq/http/planted.ts', '../storage/pglite.ts'],
	['SQLite in its one file', 'sync/storage/connection.ts', 'sqlite3'],
	['a web server in a unit test', 'sync/transport/planted.test.ts', 'node:http'],
	['a web server in a fake', 'sync/transport/fake-planted.ts', 'node:http'],
	['a part of the same screen', 'renderer/screens/ready/planted.tsx', './parts/clock.tsx'],
	['shared from three folders down', 'sync/hq/ledger/batch/planted.ts', '#shared/wire/push.ts'],
])('the linter lets pass %s', (_what, file, specifier) => {
	expect(findingsFor(file, specifier)).toEqual([]);
});

function findingsFor(file: string, specifier: string): unknown[] {
	tree.write(file, `import '${specifier}';\n`);
	const findings = lint(tree, '.walls-alone.json').filter(({ path }) => path === file);
	tree.write(file, 'export {};\n');
	return findings;
}
