import { afterAll, expect, test } from 'vitest';
import { createScratchTree } from './scratch-tree.ts';

const tree = createScratchTree();
afterAll(tree.remove);

function compile(top: string): { code: number | null; output: string } {
	return tree.run('typescript', 'tsc', ['-b', top]);
}

/** Expects that `text` in `file` does not compile, and returns what the compiler says. */
function expectRefused(file: string, text: string): string {
	tree.write(file, text);
	const { code, output } = compile(file.split('/')[0] ?? '');
	tree.write(file, 'export {};\n');
	expect(code, output).not.toBe(0);
	return output;
}

test('a tree without a violation compiles', () => {
	tree.write(
		'renderer/legal.ts',
		"import { placeholder } from '#shared/placeholder.ts';\nexport const title = document.title + placeholder;\n",
	);
	tree.write('sync/legal.ts', "import { placeholder } from '#shared/placeholder.ts';\nexport const id = process.pid + placeholder;\n");
	tree.write('main/legal.ts', "import { placeholder } from '#sync/placeholder.ts';\nexport const id = process.pid + placeholder;\n");
	const { code, output } = tree.run('typescript', 'tsc', ['-b']);
	expect(output).toBe('');
	expect(code).toBe(0);
});

test.each([
	['process in renderer', 'renderer/planted.ts', 'export const id = process.pid;', "'process'"],
	['Buffer in renderer', 'renderer/planted.ts', "export const bytes = Buffer.from('a');", "'Buffer'"],
	['window in shared', 'shared/planted.ts', 'export const name = window.name;', "'window'"],
	['process in shared', 'shared/planted.ts', 'export const id = process.pid;', "'process'"],
	[
		'process in a unit test of shared',
		'shared/planted.test.ts',
		"import { test } from 'vitest';\ntest(String(process.pid), () => undefined);",
		"'process'",
	],
	['fetch in shared', 'shared/planted.ts', "export const answer = fetch('/');", "'fetch'"],
	['document in sync', 'sync/planted.ts', 'export const title = document.title;', "'document'"],
	['window in main', 'main/planted.ts', 'export const name = window.name;', "'window'"],
])('the compiler refuses %s', (_what, file, text, name) => {
	expect(expectRefused(file, `${text}\n`)).toContain(`Cannot find name ${name}`);
});

test.each([
	['shared', 'sync'],
	['shared', 'renderer'],
	['renderer', 'sync'],
	['renderer', 'main'],
	['sync', 'main'],
	['sync', 'renderer'],
	['main', 'renderer'],
	['main', 'test'],
])('the compiler refuses an import from %s of %s', (from, target) => {
	const text = `export { placeholder } from '#${target}/placeholder.ts';\n`;
	expect(expectRefused(`${from}/planted.ts`, text)).toContain('is not listed within the file list of project');
});

test.each([
	['an index that may be missing', 'export const first = (list: string[]): string => list[0];'],
	['undefined for an optional property', 'export const options: { a?: number } = { a: undefined };'],
	['a property of an index signature by name', 'export const a = (record: Record<string, number>) => record.a;'],
	['an enum', 'export enum Colour { Red }'],
	['a parameter property', 'export class A { constructor(readonly a: number) {} }'],
	['a type imported as a value', "import { A } from './a-type.ts';\nexport const a: A = 1;"],
	['a way out without a value', 'export function f(a: boolean): number | undefined { if (a) return 1; }'],
	['a name that nobody uses', 'export function f(): number { const unused = 1; return 2; }'],
])('the compiler refuses %s', (_what, text) => {
	tree.write('shared/a-type.ts', 'export type A = number;\n');
	expectRefused('shared/planted.ts', `${text}\n`);
});
