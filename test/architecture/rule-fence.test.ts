import { afterAll, expect, test } from 'vitest';
import { createScratchTree, lint } from './scratch-tree.ts';

const tree = createScratchTree();
afterAll(tree.remove);

const LINES = (count: number, line: string): string => `${line}\n`.repeat(count);
const USED = 'export function used(): void {}\n';

/** One violation per rule that the project leans on. What is planted in `file` must be reported as `code`. */
const VIOLATIONS: readonly { code: string; file: string; text: string }[] = [
	{
		code: 'eslint(complexity)',
		file: 'sync/engine/a.ts',
		text: `export function f(n: number): number {\n${LINES(13, '\tif (n === 1) n += 1;')}\treturn n;\n}`,
	},
	{
		code: 'eslint(max-depth)',
		file: 'sync/engine/b.ts',
		text: 'export function f(n: number): void { if (n > 1) { if (n > 2) { if (n > 3) { if (n > 4) { if (n > 5) { f(1); } } } } } }',
	},
	{ code: 'eslint(max-lines)', file: 'sync/engine/c.ts', text: LINES(301, 'f();') + 'function f(): void {}' },
	{ code: 'eslint(max-lines-per-function)', file: 'sync/engine/d.ts', text: `export function f(): void {\n${LINES(71, '\tf();')}}` },
	{
		code: 'eslint(max-params)',
		file: 'sync/engine/e.ts',
		text: 'export function f(a: number, b: number, c: number, d: number): number { return a + b + c + d; }',
	},
	{ code: 'eslint(no-console)', file: 'sync/engine/f.ts', text: "console.log('a');" },
	{ code: 'eslint(no-empty)', file: 'sync/engine/g.ts', text: 'try { g(); } catch {}\nfunction g(): void {}' },
	{ code: 'eslint(no-unused-vars)', file: 'sync/engine/h.ts', text: 'const unused = 1;' },
	{
		code: 'eslint(preserve-caught-error)',
		file: 'sync/engine/i.ts',
		text: "try { g(); } catch (error) { throw new Error('lost'); }\nfunction g(): void {}",
	},
	{ code: 'import(no-cycle)', file: 'sync/engine/j.ts', text: "import { k } from './k.ts';\nexport const j = (): number => k();" },
	{ code: 'import(no-cycle)', file: 'sync/engine/k.ts', text: "import { j } from './j.ts';\nexport const k = (): number => j();" },
	{ code: 'import(no-default-export)', file: 'sync/engine/l.ts', text: 'export default 1;' },
	{ code: 'oxc(no-barrel-file)', file: 'sync/engine/m.ts', text: "export * from './n.ts';" },
	{ code: 'eslint(no-restricted-imports)', file: 'sync/engine/n.ts', text: "export { placeholder } from '#renderer/placeholder.ts';" },
	{ code: 'typescript(no-explicit-any)', file: 'sync/engine/o.ts', text: 'export function f(a: any): unknown { return a; }' },
	{ code: 'typescript(no-floating-promises)', file: 'sync/engine/p.ts', text: 'async function f(): Promise<void> { await f(); }\nf();' },
	{ code: 'typescript(no-misused-promises)', file: 'sync/engine/q.ts', text: '[1].forEach(async () => { await Promise.resolve(); });' },
	{ code: 'typescript(no-non-null-assertion)', file: 'sync/engine/r.ts', text: 'export const f = (a?: number): number => a!;' },
	{ code: 'typescript(no-unnecessary-condition)', file: 'sync/engine/s.ts', text: 'export const f = (a: object): number => (a ? 1 : 2);' },
	{ code: 'typescript(no-unsafe-assignment)', file: 'sync/engine/t.ts', text: "export const parsed: { a: 1 } = JSON.parse('1');" },
	{
		code: 'typescript(switch-exhaustiveness-check)',
		file: 'sync/engine/u.ts',
		text: "export function f(a: 'x' | 'y'): void { switch (a) { case 'x': f(a); } }",
	},
	{
		code: 'typescript(consistent-type-imports)',
		file: 'sync/engine/v.ts',
		text: "import { A } from './type-a.ts';\nexport const a: A = 1;",
	},
	{ code: 'unicorn(filename-case)', file: 'sync/engine/CamelCase.ts', text: USED },
	{ code: 'unicorn(prefer-node-protocol)', file: 'sync/engine/w.ts', text: "import { join } from 'path';\nexport const a = join('a');" },
	{ code: 'react(button-has-type)', file: 'renderer/ui/a.tsx', text: 'export const A = () => <button>a</button>;' },
	{
		code: 'react-hooks(rules-of-hooks)',
		file: 'renderer/ui/b.tsx',
		text: "import { useState } from 'react';\nexport function B(p: { a: boolean }) { if (p.a) useState(1); return null; }",
	},
	{ code: 'react(no-danger)', file: 'renderer/ui/c.tsx', text: "export const C = () => <p dangerouslySetInnerHTML={{ __html: 'a' }} />;" },
	{ code: 'jsx-a11y(alt-text)', file: 'renderer/ui/d.tsx', text: "export const D = () => <img src='a' />;" },
	{
		code: 'vitest(no-focused-tests)',
		file: 'sync/engine/a.test.ts',
		text: "import { expect, test } from 'vitest';\ntest.only('a', () => { expect(1).toBe(1); });",
	},
	{
		code: 'vitest(no-disabled-tests)',
		file: 'sync/engine/b.test.ts',
		text: "import { expect, test } from 'vitest';\ntest.skip('a', () => { expect(1).toBe(1); });",
	},
	{
		code: 'vitest(consistent-test-it)',
		file: 'sync/engine/c.test.ts',
		text: "import { expect, it } from 'vitest';\nit('a', () => { expect(1).toBe(1); });",
	},
	{
		code: 'vitest(no-restricted-vi-methods)',
		file: 'sync/engine/d.test.ts',
		text: "import { expect, test, vi } from 'vitest';\nvi.mock('./a.ts');\ntest('a', () => { expect(1).toBe(1); });",
	},
	{
		code: 'typescript(no-floating-promises)',
		file: 'sync/engine/e.test.ts',
		text: 'async function f(): Promise<void> { await f(); }\nf();',
	},
	{ code: 'eslint(max-lines)', file: 'sync/engine/f.test.ts', text: LINES(501, 'f();') + 'function f(): void {}' },
	{ code: 'no code', file: 'sync/engine/x.ts', text: `// oxlint-disable-next-line no-console\n${USED}` },
];

for (const { file, text } of VIOLATIONS) tree.write(file, `${text}\n`);
tree.write('sync/engine/type-a.ts', 'export type A = number;\n');
tree.write('sync/engine/legal.ts', USED);
tree.write(
	'sync/engine/legal.test.ts',
	"import { expect, test } from 'vitest';\ntest('adds', () => {\n\texpect(1 + 1, 'sum').toBe(2);\n});\n",
);
const findings = lint(tree);

test.each(VIOLATIONS)('the linter reports $code in $file', ({ code, file }) => {
	const found = findings.filter(({ path }) => path === file).map((finding) => finding.code);
	expect(found).toContain(code);
});

test('the linter reports nothing where nothing was planted', () => {
	expect(findings.filter(({ path }) => path.includes('legal') || path.includes('placeholder'))).toEqual([]);
});
