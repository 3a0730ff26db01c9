import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { expect, test } from 'vitest';
import { productEntries, toolEntries } from './entries.ts';
import { reachableFrom } from './import-graph.ts';
import { isFake, isNode, isTest, lineOf, listFiles, ROOT, sourceFiles, TOP_FOLDERS, walk } from './source-tree.ts';
import type { Node, SourceFile } from './source-tree.ts';

const FILES_PER_FOLDER_MAX = 20;
const FUNCTION_LINES_MAX = 70;
/** A folder's README.md; the root's own may be longer, since it holds the picture and the table. */
const LINES_MAX: Readonly<Record<string, number>> = { 'README.md': 200, 'CONTRIBUTING.md': 150 };
const FOLDER_README_LINES_MAX = 120;

const ROOT_ENTRIES = [
	...TOP_FOLDERS,
	'package.json',
	'package-lock.json',
	'tsconfig.json',
	'electron-builder.yml',
	'README.md',
	'CONTRIBUTING.md',
	'LICENSE',
];
/** What installing, building and running leave behind; all of it is ignored by git. */
const LEFT_BEHIND = ['node_modules', 'dist', 'release'];

const files = sourceFiles();
const places = (find: (file: SourceFile) => readonly number[]): string[] =>
	files.flatMap((file) => find(file).map((position) => `${file.path}:${lineOf(file, position)}`));

test('the root holds only what the architecture lists', () => {
	const entries = readdirSync(ROOT).filter((name) => !name.startsWith('.') && !LEFT_BEHIND.includes(name));
	expect(entries.filter((name) => !ROOT_ENTRIES.includes(name))).toEqual([]);
});

test('every file name is kebab-case', () => {
	const named = /^(?:\.?[a-z0-9]+(?:-[a-z0-9]+)*(?:\.[a-z0-9]+(?:-[a-z0-9]+)*)*|README\.md|GLOSSARY\.md|SPEC\.md)$/;
	const wrong = listFiles('*').filter((path) => !path.includes('/golden/') && !named.test(posix.basename(path)));
	expect(wrong).toEqual([]);
});

test(`no folder has more than ${FILES_PER_FOLDER_MAX} source files`, () => {
	const counts = new Map<string, number>();
	for (const path of listFiles('ts,tsx').filter((candidate) => !isTest(candidate))) {
		counts.set(posix.dirname(path), (counts.get(posix.dirname(path)) ?? 0) + 1);
	}
	expect([...counts].filter(([, count]) => count > FILES_PER_FOLDER_MAX)).toEqual([]);
});

test(`no function that is not a component has more than ${FUNCTION_LINES_MAX} lines`, () => {
	const components = files.filter((file) => file.path.endsWith('.tsx') && !isTest(file.path));
	const long = components.flatMap((file) => {
		const found: string[] = [];
		walk(file.program, (node, parents) => {
			if (!/^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)) return;
			const lines = file.text
				.slice(node.start, node.end)
				.split('\n')
				.filter((line) => !/^\s*(?:$|\/\/|\*|\/\*)/.test(line)).length;
			if (lines > FUNCTION_LINES_MAX && !/^[A-Z]/.test(nameOf(node, parents.at(-1))))
				found.push(`${file.path}:${lineOf(file, node.start)}`);
		});
		return found;
	});
	expect(long).toEqual([]);
});

function nameOf(node: Node, parent: Node | undefined): string {
	const id = isNode(node['id']) ? node['id'] : parent?.['id'];
	return isNode(id) && typeof id['name'] === 'string' ? id['name'] : '';
}

test('documents are short enough to be read', () => {
	const documents = globSync(['*.md', `{${TOP_FOLDERS.join(',')}}/**/README.md`], { cwd: ROOT });
	const long = documents.filter((path) => {
		const lines = readFileSync(join(ROOT, path), 'utf8').split('\n').length;
		return lines > (LINES_MAX[path] ?? FOLDER_README_LINES_MAX);
	});
	expect(long).toEqual([]);
});

test('no comment promises work for later', () => {
	expect(places((file) => commentsWith(file, /\b(?:TODO|FIXME|XXX|HACK)\b|\btemporar(?:y|ily) hack\b/))).toEqual([]);
});

function commentsWith(file: SourceFile, pattern: RegExp): number[] {
	return file.comments.filter((comment) => pattern.test(comment.value)).map((comment) => comment.start);
}

test('no test is skipped, singled out or announced', () => {
	const refused = new Set(['skip', 'only', 'todo', 'fixme', 'skipIf', 'runIf']);
	const found = places((file) => {
		const positions: number[] = [];
		walk(file.program, (node) => {
			if (node.type !== 'MemberExpression' || !isNode(node['object']) || !isNode(node['property'])) return;
			if (!/^(?:test|it|describe|suite|base)$/.test(rootName(node['object']))) return;
			if (refused.has(String(node['property']['name']))) positions.push(node.start);
		});
		return isTest(file.path) ? positions : [];
	});
	expect(found).toEqual([]);
});

function rootName(node: Node): string {
	if (node.type === 'MemberExpression' && isNode(node['object'])) return rootName(node['object']);
	return node.type === 'Identifier' ? String(node['name']) : '';
}

test('a cast or a switched-off rule has its reason beside it', () => {
	const found = places((file) => {
		const positions: number[] = [];
		walk(file.program, (node) => {
			if (node.type === 'TSAsExpression' && !isConst(node) && !hasReason(file, node)) positions.push(node.start);
		});
		const switches = file.comments.filter(({ value }) => /^\s*(?:oxlint|eslint)-disable|^\s*@ts-expect-error/.test(value));
		const silent = switches.filter((comment) => !/ -- \S/.test(comment.value) && !hasReason(file, comment));
		return isTest(file.path) ? silent.map(({ start }) => start) : [...positions, ...silent.map(({ start }) => start)];
	});
	expect(found).toEqual([]);
});

function isConst(node: Node): boolean {
	const type = node['typeAnnotation'];
	return isNode(type) && isNode(type['typeName']) && type['typeName']['name'] === 'const';
}

/** A comment on the same line or that ends on one of the two lines before. */
function hasReason(file: SourceFile, place: { start: number; end: number }): boolean {
	const line = lineOf(file, place.start);
	return file.comments.some((comment) => {
		const isItself = comment.start === place.start;
		const distance = line - lineOf(file, comment.end);
		return !isItself && distance >= 0 && distance <= 2;
	});
}

test('every source file is part of the product, a test, or made for tests', () => {
	const product = reachableFrom(files, [...productEntries(), ...toolEntries()]);
	const tests = reachableFrom(
		files,
		files.map((file) => file.path).filter((path) => isTest(path)),
	);
	const lost = files
		.map((file) => file.path)
		.filter((path) => !path.endsWith('.d.ts') && !product.has(path))
		.filter((path) => !(isTest(path) || ((isFake(path) || path.startsWith('test/')) && tests.has(path))));
	expect(lost).toEqual([]);
});

test('every optional package of the lock file has its own entry, so that npm ci works on every platform', () => {
	const lock: { packages: Record<string, { optionalDependencies?: Record<string, string> }> } = JSON.parse(
		readFileSync(join(ROOT, 'package-lock.json'), 'utf8'),
	);
	const names = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, '')));
	const missing = Object.values(lock.packages).flatMap((entry) =>
		Object.keys(entry.optionalDependencies ?? {}).filter((name) => !names.has(name)),
	);
	expect(missing).toEqual([]);
});
