/**
 * The repository as the architecture tests see it: every source file, parsed once, with its imports.
 * Reads only; what a file imports is taken from its syntax tree, never from a search in its text.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { parseSync } from 'vite';

export const ROOT = join(import.meta.dirname, '../..');
export const TOP_FOLDERS = ['shared', 'renderer', 'main', 'sync', 'test', 'build'] as const;

/** A node of the syntax tree (ESTree with TypeScript), as far as the tests look at it. */
export type Node = { readonly type: string; readonly start: number; readonly end: number; readonly [key: string]: unknown };
export type Comment = { readonly value: string; readonly start: number; readonly end: number };
export type SourceFile = {
	/** From the root, with forward slashes. */
	readonly path: string;
	readonly text: string;
	readonly program: Node;
	readonly comments: readonly Comment[];
	/** Specifiers of imports and re-exports of every form: static, dynamic, type only, `typeof import()`. */
	readonly imports: readonly string[];
};

export function isNode(value: unknown): value is Node {
	return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string' && 'start' in value;
}

/** Calls `visit` for the node and all below it, parents first; `parents` has the nearest last. */
export function walk(node: Node, visit: (node: Node, parents: readonly Node[]) => void, parents: readonly Node[] = []): void {
	visit(node, parents);
	const path = [...parents, node];
	for (const value of Object.values(node)) {
		for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) walk(child, visit, path);
	}
}

/** Parses one file. Throws with its path when it is no TypeScript. */
export function parseSource(path: string, text: string): SourceFile {
	const { program, comments, errors } = parseSync(path, text);
	const [first] = errors;
	if (first !== undefined) throw new Error(`${path}: ${first.message}`);
	if (!isNode(program)) throw new Error(`${path}: no program`);
	return { path, text, program, comments, imports: importsOf(program) };
}

const IMPORTING = new Set(['ImportDeclaration', 'ExportNamedDeclaration', 'ExportAllDeclaration', 'ImportExpression', 'TSImportType']);

function importsOf(program: Node): string[] {
	const specifiers: string[] = [];
	walk(program, (node) => {
		if (!IMPORTING.has(node.type)) return;
		const source = node['source'];
		if (isNode(source) && typeof source['value'] === 'string') specifiers.push(source['value']);
		else if (node.type === 'ImportExpression') specifiers.push('(computed)');
	});
	return specifiers;
}

/** Every file below the six top folders with one of the extensions, sorted. */
export function listFiles(extensions: string): string[] {
	const found = globSync(`{${TOP_FOLDERS.join(',')}}/**/*.{${extensions}}`, { cwd: ROOT });
	return found.map((path) => path.replaceAll('\\', '/')).toSorted();
}

let parsed: readonly SourceFile[] | null = null;

/** Every TypeScript file of the repository. Parsed on the first call. */
export function sourceFiles(): readonly SourceFile[] {
	parsed ??= listFiles('ts,tsx').map((path) => parseSource(path, readFileSync(join(ROOT, path), 'utf8')));
	return parsed;
}

export function isTest(path: string): boolean {
	return /\.(?:test|e2e)\.tsx?$/.test(path);
}

export function isFake(path: string): boolean {
	return posix.basename(path).startsWith('fake-');
}

/** The repository file that a specifier means, or null for a package. Subpath names are those of package.json. */
export function resolveImport(from: string, specifier: string): string | null {
	if (specifier.startsWith('#')) return specifier.slice(1);
	return specifier.startsWith('.') ? posix.join(dirname(from), specifier) : null;
}

/** The package of a bare specifier: `node:fs/promises` → `node:fs`, `@scope/name/sub` → `@scope/name`. */
export function packageOf(specifier: string): string {
	const parts = specifier.split('/');
	return parts.slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
}

export function lineOf(file: SourceFile, position: number): number {
	return file.text.slice(0, position).split('\n').length;
}
