import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findCycles } from './import-graph.ts';
import { judgeImport, readTable } from './import-rules.ts';
import { parseSource, resolveImport, ROOT, sourceFiles, TOP_FOLDERS } from './source-tree.ts';

const table = readTable();

test('the walker sees modules and imports in every top folder', () => {
	for (const top of TOP_FOLDERS) {
		const files = sourceFiles().filter((file) => file.path.startsWith(`${top}/`));
		expect(files.length, `files in ${top}`).toBeGreaterThan(0);
		expect(files.flatMap((file) => file.imports).length, `imports in ${top}`).toBeGreaterThan(0);
	}
});

test('every import is one that the table allows', () => {
	const refused = sourceFiles().flatMap((file) =>
		file.imports.flatMap((specifier) => {
			const reason = judgeImport(table, file.path, specifier);
			return reason === null ? [] : [`${file.path}: ${specifier}: ${reason}`];
		}),
	);
	expect(refused).toEqual([]);
});

test('every relative or # import names an existing file with its extension', () => {
	const missing = sourceFiles().flatMap((file) =>
		file.imports.flatMap((specifier) => {
			const target = resolveImport(file.path, specifier);
			return target === null || existsSync(join(ROOT, target.replace(/\?.*$/, ''))) ? [] : [`${file.path}: ${specifier}`];
		}),
	);
	expect(missing).toEqual([]);
});

test('no module imports itself through others', () => {
	expect(findCycles(sourceFiles())).toEqual([]);
});

test('the linter’s walls are those of the table', () => {
	const checked = spawnSync(process.execPath, [join(ROOT, 'build/scripts/generate-walls.ts'), '--check'], { encoding: 'utf8' });
	expect(checked.stderr + checked.stdout).toBe('');
	expect(checked.status).toBe(0);
});

test('every row and every name in the table is used', () => {
	const known = new Set([...Object.keys(table.zones), ...Object.keys(table.groups)]);
	const named = [...Object.values(table.zones).flatMap((zone) => zone.may), ...Object.values(table.groups).flat()];
	expect(named.filter((name) => !known.has(name))).toEqual([]);
	expect(Object.keys(table.groups).filter((name) => !named.includes(name))).toEqual([]);
});

test.each([
	['a new folder that is not in the table', 'sync/gossip/talk.ts', '#shared/lib/assert.ts', 'its folder is not in the import table'],
	[
		'an import out of a folder that is not in the table',
		'sync/outbox/outbox.ts',
		'#shared/newcomer/x.ts',
		'the folder it comes from is not in the import table',
	],
	['the window importing the engine', 'renderer/app/main.tsx', '#sync/engine/engine.ts', 'renderer/app may not import sync/engine'],
	['the engine importing storage', 'sync/engine/engine.ts', '../storage/connection.ts', 'sync/engine may not import sync/storage'],
	[
		'one vendor importing another',
		'sync/connectors/antavo/client.ts',
		'../trigg/client.ts',
		'sync/connectors/antavo may not import sync/connectors/trigg',
	],
	['one host importing the other', 'main/kiosk/main.ts', '../electron/window.ts', 'main/kiosk may not import main/electron'],
	['headquarters importing the outbox', 'sync/hq/main.ts', '../outbox/outbox.ts', 'sync/hq may not import sync/outbox'],
	['wire importing bridge', 'shared/wire/push.ts', '../bridge/contract.ts', 'shared/wire may not import shared/bridge'],
	['a roundabout relative path', 'sync/engine/engine.ts', './x/../../storage/connection.ts', 'sync/engine may not import sync/storage'],
	['code importing test', 'main/router.ts', '#test/support/shop.ts', 'main/* may not import test'],
	['test importing build', 'test/e2e/scan.e2e.ts', '#build/scripts/root.ts', 'test may not import build'],
	[
		'a screen importing a screen',
		'renderer/screens/ready/ready.tsx',
		'../member/member.tsx',
		'folders in renderer/screens do not import each other',
	],
	['a subpath name inside its own folder', 'sync/hq/main.ts', '#sync/hq/http/server.ts', 'inside a top folder imports are relative'],
	['a relative path across top folders', 'sync/hq/main.ts', '../../shared/lib/assert.ts', 'across top folders imports start with #'],
	['code importing a fake', 'main/terminal/identify.ts', './fake-clock.ts', 'only tests and fakes import a fake'],
	['code importing a test', 'main/terminal/identify.ts', './earn.test.ts', 'nobody imports a test'],
	['SQLite outside its one file', 'sync/storage/outbox-rows.ts', 'sqlite3', 'sqlite3 has its place elsewhere'],
	['Electron in the kiosk host', 'main/kiosk/main.ts', 'electron', 'electron has its place elsewhere'],
	['a web server in a use case', 'main/terminal/identify.ts', 'node:http', 'node:http has its place elsewhere'],
	['Node in the window', 'renderer/bridge/open-bridge.ts', 'node:fs/promises', 'node:fs has its place elsewhere'],
	['a package in shared/lib', 'shared/lib/assert.ts', 'zod', 'shared/lib may not import zod'],
	['an import that is computed', 'main/router.ts', '(computed)', 'a computed import cannot be judged'],
])('the walker refuses %s', (_what, from, specifier, reason) => {
	expect(judgeImport(table, from, specifier)).toBe(reason);
});

test.each([
	['static', 'import { a } from "#sync/x.ts";'],
	['for effect', 'import "#sync/x.ts";'],
	['type only', 'import type { A } from "#sync/x.ts";'],
	['a re-export', 'export { a } from "#sync/x.ts";'],
	['a re-export of all', 'export * from "#sync/x.ts";'],
	['dynamic', 'const a = await import("#sync/x.ts");'],
	['typeof import', 'type A = typeof import("#sync/x.ts");'],
	['the type of a member', 'type A = import("#sync/x.ts").A;'],
])('the walker sees an import that is %s', (_form, text) => {
	expect(parseSource('shared/lib/planted.ts', text).imports).toEqual(['#sync/x.ts']);
});

test('the walker sees a cycle of three modules', () => {
	const files = [
		parseSource('shared/lib/a.ts', 'import "./b.ts";'),
		parseSource('shared/lib/b.ts', 'import "./c.ts";'),
		parseSource('shared/lib/c.ts', 'import type { A } from "./a.ts";'),
		parseSource('shared/lib/d.ts', 'import "./a.ts";'),
	];
	expect(findCycles(files)).toEqual(['shared/lib/a.ts → shared/lib/b.ts → shared/lib/c.ts → shared/lib/a.ts']);
});
