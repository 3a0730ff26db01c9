/** A tree outside the repository with the repository's own configuration, in which the fences can be shown a violation. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ROOT, TOP_FOLDERS } from './source-tree.ts';

const CONFIGURATION = [
	'package.json',
	'.oxlintrc.json',
	'tsconfig.json',
	'build/config/oxlint.json',
	'build/config/oxlint.walls.json',
	'build/config/tsconfig.base.json',
	...TOP_FOLDERS.map((top) => `${top}/tsconfig.json`),
];

export type ScratchTree = {
	readonly path: string;
	readonly write: (path: string, text: string) => void;
	/** What the tool of an npm package printed, and how it ended. */
	readonly run: (
		packageName: string,
		command: string,
		args: readonly string[],
	) => { readonly code: number | null; readonly output: string };
	readonly remove: () => void;
};

export function createScratchTree(): ScratchTree {
	const path = mkdtempSync(join(tmpdir(), 'regulars-fences-'));
	const write = (file: string, text: string): void => {
		mkdirSync(dirname(join(path, file)), { recursive: true });
		writeFileSync(join(path, file), text);
	};
	for (const file of CONFIGURATION) cpSync(join(ROOT, file), join(path, file), { recursive: true });
	symlinkSync(join(ROOT, 'node_modules'), join(path, 'node_modules'), 'junction');
	write('.gitignore', 'node_modules\n.cache\n');
	// The projects of the reference graph may not be empty.
	for (const top of TOP_FOLDERS) write(`${top}/placeholder.ts`, 'export const placeholder = 1;\n');
	const run: ScratchTree['run'] = (packageName, command, args) => {
		const ended = spawnSync(process.execPath, [commandFile(packageName, command), ...args], { cwd: path, encoding: 'utf8' });
		return { code: ended.status, output: ended.stdout + ended.stderr };
	};
	return {
		path,
		write,
		run,
		remove: () => {
			rmSync(path, { recursive: true, force: true });
		},
	};
}

const Manifest = z.object({ bin: z.record(z.string(), z.string()) });

function commandFile(packageName: string, command: string): string {
	const folder = join(ROOT, 'node_modules', packageName);
	const file = Manifest.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))).bin[command];
	if (file === undefined) throw new Error(`${packageName} has no command ${command}`);
	return join(folder, file);
}

const LintReport = z.object({
	diagnostics: z.array(
		z.object({
			code: z.string().optional(),
			message: z.string(),
			filename: z.string(),
			labels: z.array(z.object({ span: z.object({ line: z.int() }) })),
		}),
	),
});

export type LintFinding = { readonly code: string; readonly path: string; readonly line: number };

/** Runs the linter over the tree. `config` is a path in the tree; without it the tree's own is found as in the repository. */
export function lint(tree: ScratchTree, config?: string): LintFinding[] {
	const { output } = tree.run('oxlint', 'oxlint', ['-f', 'json', ...(config === undefined ? [] : ['-c', config])]);
	return LintReport.parse(JSON.parse(output)).diagnostics.map(({ code, filename, labels }) => ({
		code: code ?? 'no code',
		path: filename.replaceAll('\\', '/'),
		line: labels[0]?.span.line ?? 0,
	}));
}
