import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorSentences } from '#renderer/text/errors.ts';
import { ERROR_CODES } from '#shared/errors/error-codes.ts';
import { isTest, lineOf, ROOT, sourceFiles, walk } from './source-tree.ts';

const REGISTRY = 'shared/errors/error-codes.ts';
const MANUAL = 'shared/errors/README.md';
const CODE = /^[A-Z]+-\d{3}$/;
const codes: readonly string[] = ERROR_CODES;

/** The comment above each code of the registry. */
function documented(): Map<string, string> {
	const text = readFileSync(join(ROOT, REGISTRY), 'utf8');
	return new Map(
		[...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*'([A-Z]+-\d{3})'/g)].map(([, comment = '', code = '']) => [code, comment.trim()]),
	);
}

test('every code of the registry says in its comment what happened, and what to do', () => {
	const comments = documented();
	expect([...comments.keys()]).toEqual(codes);
	const thin = [...comments].filter(([, comment]) => comment.split(/[.:] /).length < 3);
	expect(thin).toEqual([]);
});

test('every code has a sentence for the cashier, and no sentence is left over', () => {
	expect(Object.keys(errorSentences).toSorted()).toEqual(codes.toSorted());
	const silent = Object.entries(errorSentences).filter(([, { title, body }]) => title.trim() === '' || body.trim() === '');
	expect(silent).toEqual([]);
});

test('every code is in the manual, and the manual has no other', () => {
	const manual = readFileSync(join(ROOT, MANUAL), 'utf8');
	expect([...manual.matchAll(/^\| `([A-Z]+-\d{3})` \|/gm)].map(([, code]) => code)).toEqual(codes);
	for (const comment of documented().values()) expect(manual).toContain(comment.replaceAll('|', '\\|'));
});

test('no code is used that the registry does not have, and none is in it that nobody uses', () => {
	const used = new Map<string, string>();
	const product = sourceFiles().filter(({ path }) => !isTest(path) && !/^(?:test|build)\//.test(path) && path !== REGISTRY);
	for (const file of product.filter(({ path }) => !path.startsWith('renderer/text/'))) {
		walk(file.program, (node) => {
			if (node.type === 'Literal' && typeof node['value'] === 'string' && CODE.test(node['value'])) {
				used.set(node['value'], `${file.path}:${lineOf(file, node.start)}`);
			}
		});
	}
	const areas = new Set(codes.map((code) => code.split('-')[0]));
	expect([...used].filter(([code]) => areas.has(code.split('-')[0]) && !codes.includes(code))).toEqual([]);
	expect(codes.filter((code) => !used.has(code))).toEqual([]);
});
