import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ROOT } from '../root.ts';

export const START_USAGE = `Usage: npm start -- [options]

  --members N    how many members headquarters invents (50,000)
  --import FILE  members from a CSV or NDJSON file instead; lines that are wrong are listed in FILE.rejected
  --data FOLDER  where headquarters and the terminal keep their data (.data); a second start goes on where the first ended
  --no-window    open no window; print a link that opens the page once
  --training     the terminal on invented members; nothing is sent
  --locale TAG   language of the screens, such as en or hu
  --help         this text

The variable CHROMIUM names the browser to use where Electron's binary is not installed.`;

export type StartOptions = {
	/** Absolute. */
	readonly data: string;
	/** Null: members come from `importFile`. */
	readonly members: number | null;
	/** Absolute, and there. */
	readonly importFile: string | null;
	readonly isWindowWanted: boolean;
	readonly isTraining: boolean;
	readonly locale: string | null;
};

/** What the command line asks for. `wrong` is a sentence for who typed it. */
export type StartRequest =
	| { readonly kind: 'start'; readonly options: StartOptions }
	| { readonly kind: 'help' }
	| { readonly kind: 'wrong'; readonly sentence: string };

const MEMBERS_DEFAULT = '50000';
const MembersSchema = z
	.string()
	.regex(/^\d{1,8}$/)
	.transform(Number)
	.refine((members) => members <= 10_000_000);

/** Reads the command line. Files and folders are named from `folder`, where the person stands. */
export function readStartOptions(args: readonly string[], folder: string): StartRequest {
	const values = parse(args);
	if (typeof values === 'string') return wrong(values);
	if (values.help === true) return { kind: 'help' };
	const source = readSource(values, folder);
	if (typeof source === 'string') return wrong(source);
	return {
		kind: 'start',
		options: {
			...source,
			data: values.data === undefined ? join(ROOT, '.data') : resolve(folder, values.data),
			isWindowWanted: values['no-window'] !== true,
			isTraining: values.training === true,
			locale: values.locale ?? null,
		},
	};
}

/** Where the members come from, or a sentence about what is wrong with it. */
function readSource(
	values: { readonly members?: string; readonly import?: string },
	folder: string,
): Pick<StartOptions, 'members' | 'importFile'> | string {
	if (values.import === undefined) {
		const members = MembersSchema.safeParse(values.members ?? MEMBERS_DEFAULT);
		return members.success ? { members: members.data, importFile: null } : '--members is a whole number from 0 to 10,000,000.';
	}
	if (values.members !== undefined) return '--members and --import exclude each other.';
	const importFile = resolve(folder, values.import);
	return existsSync(importFile) ? { members: null, importFile } : `--import: there is no file ${importFile}.`;
}

function wrong(sentence: string): StartRequest {
	return { kind: 'wrong', sentence };
}

/** The values, or a sentence about the argument that has no meaning. */
function parse(args: readonly string[]) {
	try {
		return parseArgs({
			args: [...args],
			options: {
				members: { type: 'string' },
				import: { type: 'string' },
				data: { type: 'string' },
				'no-window': { type: 'boolean' },
				training: { type: 'boolean' },
				locale: { type: 'string' },
				help: { type: 'boolean', short: 'h' },
			},
		}).values;
	} catch (error) {
		// parseArgs throws a TypeError whose message is a sentence for the person at the keyboard.
		return error instanceof Error ? error.message : String(error);
	}
}
