import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isNode, lineOf, parseSource, ROOT, sourceFiles, walk } from './source-tree.ts';
import type { SourceFile } from './source-tree.ts';

/** A word that may not be part of a name, as the glossary writes it, and the word to use. */
const AVOIDED: Readonly<Record<string, string>> = {
	customer: 'member',
	user: 'member',
	signup: 'enrol',
	'remote id': 'external id',
	'foreign id': 'external id',
	'last synced at': 'cursor',
	'local db': 'replica',
	backend: 'headquarters',
};
/** Where those are somebody else's words: the wire, the vendors, headquarters' seed-shaped API and tables, and tests, which speak both. */
const ELSEWHERE = ['shared/wire/', 'sync/connectors/', 'sync/hq/', 'test/'];
/** Names of other people's things and of the screen that faces the member: split into words they would look like ours. */
const ALLOWED = /userData|userAgent|userGesture|userEvent|userInfo|StorageBackend|customerDisplay|customer_display/i;
const SNAKE_ELSEWHERE = [...ELSEWHERE, 'sync/', 'main/local-api/'];

/** `lastSyncedAtMs` → `last synced at ms`. */
function wordsOf(name: string): string {
	return name
		.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
		.replaceAll(/[_$-]/g, ' ')
		.toLowerCase();
}

/** Names that a file gives: of variables, functions, parameters, types and their members. Names that it only uses are not its choice. */
function namesGiven(file: SourceFile): { name: string; at: number }[] {
	const found: { name: string; at: number }[] = [];
	const add = (node: unknown): void => {
		if (!isNode(node)) return;
		if (node.type === 'Identifier') found.push({ name: String(node['name']), at: node.start });
		if (node.type === 'ArrayPattern' && Array.isArray(node['elements'])) node['elements'].forEach(add);
		if (node.type === 'AssignmentPattern') add(node['left']);
		if (node.type === 'RestElement') add(node['argument']);
	};
	walk(file.program, (node) => {
		if (NAMED.has(node.type)) add(node['id']);
		if (MEMBERS.has(node.type)) add(node['key']);
		if (Array.isArray(node['params'])) node['params'].forEach(add);
	});
	return found;
}

const NAMED = new Set([
	'VariableDeclarator',
	'FunctionDeclaration',
	'ClassDeclaration',
	'TSTypeAliasDeclaration',
	'TSInterfaceDeclaration',
]);
const MEMBERS = new Set(['TSPropertySignature', 'TSMethodSignature', 'PropertyDefinition', 'MethodDefinition']);

function avoidedIn(file: SourceFile): string[] {
	return namesGiven(file).flatMap(({ name, at }) => {
		const words = ` ${wordsOf(name)} `.replaceAll('s ', ' ');
		const hit = Object.entries(AVOIDED).find(([avoid]) => words.includes(` ${avoid} `));
		return hit === undefined || ALLOWED.test(name) ? [] : [`${file.path}:${lineOf(file, at)}: ${name}: say ${hit[1]}`];
	});
}

function isElsewhere(path: string, folders: readonly string[]): boolean {
	return folders.some((folder) => path.startsWith(folder));
}

test('no name uses a word that the glossary avoids', () => {
	expect(
		sourceFiles()
			.filter((file) => !isElsewhere(file.path, ELSEWHERE))
			.flatMap(avoidedIn),
	).toEqual([]);
});

test('snake_case stays on the wire, in SQL and with the vendors', () => {
	const found = sourceFiles()
		.filter((file) => !isElsewhere(file.path, SNAKE_ELSEWHERE))
		.flatMap((file) =>
			namesGiven(file)
				.filter(({ name }) => /^[a-z]+_[a-z]/.test(name))
				.map(({ name, at }) => `${file.path}:${lineOf(file, at)}: ${name}`),
		);
	expect(found).toEqual([]);
});

test('the glossary and this test avoid the same words', () => {
	const glossary = readFileSync(join(ROOT, 'shared/GLOSSARY.md'), 'utf8');
	const bold = [...glossary.matchAll(/^\|.*\|(.*)\|$/gm)].flatMap(([, avoid = '']) =>
		[...avoid.matchAll(/\*\*([^*]+)\*\*/g)].map(([, word = '']) => word),
	);
	expect(bold.toSorted()).toEqual(Object.keys(AVOIDED).toSorted());
});

test.each([
	['a variable', 'const customerName = 1;'],
	['a function', 'function findUser(): void {}'],
	['a parameter', 'function find({ a }: { a: 1 }, customers: number): void {}'],
	['a parameter with a default', 'const find = (user = 1) => user;'],
	['a type', 'type Customer = 1;'],
	['a member of a type', 'type A = { readonly lastSyncedAtMs: number };'],
])('an avoided word is seen in the name of %s', (_what, text) => {
	expect(avoidedIn(parseSource('main/planted.ts', text))).toHaveLength(1);
});

test.each([
	['const member = customer.name;'],
	['const path = userDataPath;'],
	['const userAgent = 1;'],
	['const used = 1;'],
	['const useStore = 1;'],
])('%s names nothing wrongly', (text) => {
	expect(avoidedIn(parseSource('main/planted.ts', text))).toEqual([]);
});
