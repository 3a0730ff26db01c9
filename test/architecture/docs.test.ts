import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ROOT, sourceFiles, TOP_FOLDERS } from './source-tree.ts';

const Manifest = z.object({ scripts: z.record(z.string(), z.string()) });
const { scripts } = Manifest.parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));

const documents = globSync(['*.md', `{${TOP_FOLDERS.join(',')}}/**/*.md`], { cwd: ROOT }).map((path) => ({
	path: path.replaceAll('\\', '/'),
	text: readFileSync(join(ROOT, path), 'utf8'),
}));

/** Made by building or running, so not there in a clean checkout. */
const MADE = /^(?:dist|release|\.cache|\.data|node_modules)\b/;
/** A path of this repository as documents write it: from the root, or relative to the document. No placeholders, no globs. */
const PATH = /^\.{0,2}\/?(?:[\w@.-]+\/)+[\w@.-]*$|^[\w-]+\.(?:ts|tsx|md|json|yml)$/;

function pathsIn(text: string): string[] {
	const prose = text.replaceAll(/^```[\s\S]*?^```/gm, '');
	const quoted = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
	const linked = [...prose.matchAll(/\]\((?!https?:|mailto:|#)([^)\s#]+)/g)].map(([, target = '']) => target);
	const fromRoot = new RegExp(`^(?:\\.ci|${TOP_FOLDERS.join('|')})/`);
	return [...quoted.filter((code) => PATH.test(code) && fromRoot.test(code)), ...linked];
}

test('the documents that the project promises are there', () => {
	const paths = documents.map(({ path }) => path);
	expect(paths).toEqual(
		expect.arrayContaining(['README.md', 'CONTRIBUTING.md', 'shared/GLOSSARY.md', 'shared/errors/README.md', 'sync/SPEC.md']),
	);
});

test('every path that a document names exists', () => {
	const missing = documents.flatMap(({ path, text }) =>
		pathsIn(text)
			.filter((name) => !MADE.test(name) && !existsSync(join(ROOT, name)) && !existsSync(join(ROOT, dirname(path), name)))
			.map((name) => `${path}: ${name}`),
	);
	expect(missing).toEqual([]);
});

/** Code in a document: quoted in a line, or fenced. */
function codeIn(text: string): string[] {
	const fences = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].map(([, code = '']) => code);
	const spans = [...text.replaceAll(/^```[\s\S]*?^```/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);
	return [...fences, ...spans];
}

test('every npm command that a document names exists', () => {
	const ofNpm = new Set(['ci', 'install', 'install-scripts']);
	const named = documents.flatMap(({ path, text }) =>
		codeIn(text).flatMap((code) => [...code.matchAll(/\bnpm (?:run )?([a-z][a-z:-]*)/g)].map(([, command = '']) => ({ path, command }))),
	);
	expect(named.length).toBeGreaterThan(5);
	expect(named.filter(({ command }) => !ofNpm.has(command) && scripts[command] === undefined)).toEqual([]);
});

test('every script of package.json starts a file that exists or a tool that is installed', () => {
	const missing = Object.values(scripts).filter((script) => {
		const [tool = '', file = ''] = script.split(' ');
		return !existsSync(tool === 'node' ? join(ROOT, file) : join(ROOT, 'node_modules/.bin', tool));
	});
	expect(missing).toEqual([]);
});

test('README.md has the import table’s rows', () => {
	const readme = documents.find(({ path }) => path === 'README.md')?.text ?? '';
	for (const top of TOP_FOLDERS) expect(readme, `a row for ${top}`).toMatch(new RegExp(`^\\| \`${top}`, 'm'));
});

test('nothing names a machine of ours', () => {
	const machine = /(?<![\w.])\/(?:work|home\/[a-z]+|root|Users\/[a-z]+)\//;
	const texts = [...documents, ...sourceFiles().filter(({ path }) => path !== 'test/architecture/docs.test.ts')];
	expect(texts.filter(({ text }) => machine.test(text)).map(({ path }) => path)).toEqual([]);
});
