import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { ShortCodeSchema } from '#shared/domain/ids.ts';
import { ProgrammeSchema } from '#shared/domain/programme.ts';
import type { Programme } from '#shared/domain/programme.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { OperatorKey } from '../http/authenticate.ts';
import type { NewTerminal } from '../terminals/terminals.ts';
import { isAsk } from './operator-asks.ts';

/** What the command line asks for. */
export type CliOptions = {
	readonly command: 'serve' | 'import' | 'ask' | 'help';
	readonly host: string;
	readonly port: number;
	readonly dataDir: string;
	/** Null: no synthetic members were asked for. */
	readonly members: number | null;
	readonly operatorKey: OperatorKey | null;
	readonly isUnsigned: boolean;
	readonly isRestored: boolean;
	readonly isVerbose: boolean;
	readonly newTerminals: readonly NewTerminal[];
	readonly programme: Programme | null;
	readonly importFile: string | null;
	/** Of the command `ask`: the words that say what. `host` and `port` are whom to ask. */
	readonly ask: readonly string[];
};

export const HELP = `headquarters

  npm run hq -- [options]          serve
  npm run hq -- import FILE        import members from CSV or NDJSON, then end

  of a headquarters that runs at --host and --port, with the key of --data or --api-key:
  npm run hq -- merge LOSER WINNER [MERGE-ID]    two members are one; again with its id changes nothing
  npm run hq -- seal TERMINAL      revoke, but take what the terminal recorded until now
  npm run hq -- revoke TERMINAL    revoke at once, for one that was stolen
  npm run hq -- devices            terminals that more than one device speaks for
  npm run hq -- trust TERMINAL DEVICE, refuse TERMINAL DEVICE

  --host HOST            address to listen on (127.0.0.1)
  --port N               port to listen on, 0 for a free one (4790)
  --data DIR             folder of database, key and snapshots (.data/hq)
  --members N            fill up with invented members to N, with three invented cashiers
  --import FILE          import members before serving
  --programme FILE       programme as JSON, replaces the stored one
  --new-terminal CODE/OUTLET/CODE/NAME
                         make a terminal and its pairing code, such as "S01/Station Road/T1/Counter 1"; may be repeated
  --api-key K --secret S headquarters' own key; generated and kept in the folder when absent
  --unsigned             take ?api_key= without a signature: for development, on this machine only
  --restored             the database comes from a backup: raise the epoch, once
  --verbose              log every answer
  --help

  DATABASE_URL           a PostgreSQL server instead of the embedded database`;

const DEFAULT_PORT = '4790';
const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);

const FlagsSchema = z.object({
	host: z.string().min(1),
	port: z.coerce
		.number('--port is a number')
		.int('--port is a whole number')
		.min(0, '--port is 0 – 65535')
		.max(65_535, '--port is 0 – 65535'),
	data: z.string().min(1, '--data is a folder'),
	members: z.coerce
		.number('--members is a number')
		.int('--members is a whole number')
		.min(0, '--members is at least 0')
		.max(10_000_000, '--members is at most 10,000,000')
		.optional(),
	'api-key': z
		.string()
		.regex(/^[A-Za-z0-9_-]{1,128}$/, '--api-key has 1 – 128 letters, digits, - or _')
		.optional(),
	secret: z.string().min(16, '--secret has at least 16 characters').max(256, '--secret has at most 256 characters').optional(),
	unsigned: z.boolean(),
	restored: z.boolean(),
	verbose: z.boolean(),
	help: z.boolean(),
	'new-terminal': z.array(z.string()),
	programme: z.string().optional(),
	import: z.string().optional(),
});
type Flags = z.infer<typeof FlagsSchema>;

/** Reads the command line. A failure is a sentence for who typed it. */
export function readCliOptions(args: readonly string[]): Result<CliOptions, string> {
	const parsed = parseFlags(args);
	if (!parsed.ok) return parsed;
	const { flags, positionals } = parsed.value;
	const command = commandOf(flags, positionals);
	if (!command.ok) return command;
	const key = operatorKeyOf(flags);
	if (!key.ok) return key;
	if (flags.unsigned && !LOOPBACK.has(flags.host)) return fail('--unsigned is for this machine only: leave --host away');
	const newTerminals = flags['new-terminal'].map(terminalOf);
	const wrong = newTerminals.find((terminal) => !terminal.ok);
	if (wrong !== undefined) return wrong;
	const programme = flags.programme === undefined ? ok(null) : programmeOf(flags.programme);
	if (!programme.ok) return programme;
	return ok({
		command: command.value.command,
		host: flags.host,
		port: flags.port,
		dataDir: flags.data,
		members: flags.members ?? null,
		operatorKey: key.value,
		isUnsigned: flags.unsigned,
		isRestored: flags.restored,
		isVerbose: flags.verbose,
		newTerminals: newTerminals.flatMap((terminal) => (terminal.ok ? [terminal.value] : [])),
		programme: programme.value,
		importFile: command.value.importFile,
		ask: command.value.ask,
	});
}

function parseFlags(args: readonly string[]): Result<{ readonly flags: Flags; readonly positionals: readonly string[] }, string> {
	try {
		const { values, positionals } = parseArgs({
			args: [...args],
			allowPositionals: true,
			options: {
				host: { type: 'string', default: '127.0.0.1' },
				port: { type: 'string', default: DEFAULT_PORT },
				data: { type: 'string', default: '.data/hq' },
				members: { type: 'string' },
				'api-key': { type: 'string' },
				secret: { type: 'string' },
				unsigned: { type: 'boolean', default: false },
				restored: { type: 'boolean', default: false },
				verbose: { type: 'boolean', default: false },
				help: { type: 'boolean', default: false },
				'new-terminal': { type: 'string', multiple: true, default: [] },
				programme: { type: 'string' },
				import: { type: 'string' },
			},
		});
		const flags = FlagsSchema.safeParse(values);
		return flags.success ? ok({ flags: flags.data, positionals }) : fail(flags.error.issues.map((issue) => issue.message).join('; '));
	} catch (error) {
		// parseArgs throws sentences about the argument it did not like.
		return fail(error instanceof Error ? error.message : 'the arguments cannot be read');
	}
}

function commandOf(flags: Flags, positionals: readonly string[]): Result<Pick<CliOptions, 'command' | 'importFile' | 'ask'>, string> {
	if (flags.help) return ok({ command: 'help', importFile: null, ask: [] });
	const [word, file, ...rest] = positionals;
	if (word === undefined) return ok({ command: 'serve', importFile: flags.import ?? null, ask: [] });
	if (isAsk(word)) return ok({ command: 'ask', importFile: null, ask: positionals });
	if (word !== 'import') return fail(`"${word}" is no command: see --help, or nothing to serve`);
	if (file === undefined || rest.length > 0 || flags.import !== undefined) return fail('import takes one file: npm run hq -- import FILE');
	return ok({ command: 'import', importFile: file, ask: [] });
}

function operatorKeyOf(flags: Flags): Result<OperatorKey | null, string> {
	const { 'api-key': apiKey, secret } = flags;
	if (apiKey === undefined && secret === undefined) return ok(null);
	if (apiKey === undefined || secret === undefined) return fail('--api-key and --secret belong together');
	return ok({ apiKey, apiSecret: secret });
}

function terminalOf(text: string): Result<NewTerminal, string> {
	const [outletCode = '', outletName = '', code = '', name = '', ...rest] = text.split('/').map((part) => part.trim());
	const areCodes = ShortCodeSchema.safeParse(outletCode).success && ShortCodeSchema.safeParse(code).success;
	const areNames = [outletName, name].every((part) => part.length >= 1 && part.length <= 60);
	if (rest.length > 0 || !areCodes || !areNames) {
		return fail(
			`--new-terminal "${text}": expected CODE/Outlet name/CODE/Terminal name; codes have 1 – 8 capital letters and digits, names up to 60 characters`,
		);
	}
	return ok({ outlet: { id: outletCode, code: outletCode, name: outletName }, terminal_code: code, terminal_name: name });
}

function programmeOf(path: string): Result<Programme, string> {
	try {
		const parsed = ProgrammeSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
		if (parsed.success) return ok(parsed.data);
		return fail(`--programme ${path}: ${parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ')}`);
	} catch (error) {
		return fail(`--programme ${path}: ${error instanceof SyntaxError ? 'is not JSON' : 'cannot be read'}`);
	}
}
