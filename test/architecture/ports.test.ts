import { expect, test } from 'vitest';
import { isFake, isNode, isTest, lineOf, parseSource, sourceFiles, walk } from './source-tree.ts';
import type { Node, SourceFile } from './source-tree.ts';

/** Folders in which time, chance and the network come in as parameters, so that the simulation runs the real modules from a seed. */
const PURE = ['shared/', 'sync/outbox/', 'sync/replica/', 'sync/engine/', 'sync/storage/', 'sync/transport/', 'sync/hq/', 'main/terminal/'];
/** The real clock, timers and chance are files of this name. */
const REAL = /\/system(?:-[a-z-]+)?\.ts$/;

const MEMBERS = new Set([
	'Date.now',
	'Math.random',
	'performance.now',
	'crypto.randomUUID',
	'crypto.getRandomValues',
	'AbortSignal.timeout',
]);
const GLOBALS = new Set(['setTimeout', 'setInterval', 'setImmediate']);
const IMPORTED = new Set(['randomUUID', 'randomBytes', 'randomInt', 'randomFillSync', 'webcrypto']);
const MODULES = new Set(['node:timers', 'node:timers/promises', 'node:perf_hooks']);

/** Lines on which the file reaches for time or chance by itself. */
function reachesOut(file: SourceFile): string[] {
	const found: string[] = [];
	walk(file.program, (node) => {
		const what = ambient(node);
		if (what !== null) found.push(`${file.path}:${lineOf(file, node.start)}: ${what}`);
	});
	return found;
}

function ambient(node: Node): string | null {
	if (node.type === 'MemberExpression') return oneOf(MEMBERS, `${nameOf(node['object'])}.${nameOf(node['property'])}`);
	if (node.type === 'CallExpression') return oneOf(GLOBALS, nameOf(node['callee']));
	if (node.type === 'NewExpression' && nameOf(node['callee']) === 'Date' && isEmpty(node['arguments'])) return 'new Date()';
	if (node.type === 'ImportSpecifier') return oneOf(IMPORTED, nameOf(node['imported']));
	if (node.type === 'ImportDeclaration' && isNode(node['source'])) return oneOf(MODULES, String(node['source']['value']));
	return null;
}

function oneOf(names: ReadonlySet<string>, name: string): string | null {
	return names.has(name) ? name : null;
}

function nameOf(node: unknown): string {
	return isNode(node) && typeof node['name'] === 'string' ? node['name'] : '';
}

function isEmpty(list: unknown): boolean {
	return Array.isArray(list) && list.length === 0;
}

test('time, chance and timers are parameters', () => {
	const pure = sourceFiles()
		.filter(({ path }) => PURE.some((folder) => path.startsWith(folder)))
		.filter(({ path }) => !isTest(path) && !isFake(path) && !REAL.test(path));
	expect(pure.length).toBeGreaterThan(20);
	expect(pure.flatMap(reachesOut)).toEqual([]);
});

test.each([
	['Date.now()'],
	['Math.random()'],
	['new Date()'],
	['setTimeout(() => undefined, 1)'],
	['crypto.randomUUID()'],
	['AbortSignal.timeout(5)'],
	["import { randomUUID } from 'node:crypto'"],
	["import { setTimeout as wait } from 'node:timers/promises'"],
])('%s is seen', (text) => {
	expect(reachesOut(parseSource('sync/engine/planted.ts', text))).toHaveLength(1);
});

test.each([['clock.nowMs()'], ['new Date(atMs)'], ['timers.after(5, run)'], ["import { createHash } from 'node:crypto'"]])(
	'%s is allowed',
	(text) => {
		expect(reachesOut(parseSource('sync/engine/planted.ts', text))).toEqual([]);
	},
);
