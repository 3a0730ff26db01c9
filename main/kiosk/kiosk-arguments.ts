import { parseArgs } from 'node:util';
import { z } from 'zod';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { HOST_OPTIONS, readHostArguments } from '../host-arguments.ts';
import type { HostArguments } from '../host-arguments.ts';

export const USAGE = `Usage: npm run kiosk -- [options]

  --data DIR       where this terminal keeps its data
  --hq URL         headquarters, needed once, to pair
  --pair CODE      single-use pairing code from headquarters, needed once
  --no-window      open no window; print a link that opens the page once
  --full-screen    fill the screen, and open the window again when it is closed
  --training       invented members; nothing is sent
  --locale TAG     language of the screens, such as en or hu
  --port N         a fixed port on 127.0.0.1 instead of any free one
  --key-file FILE  where the key is that seals this terminal's secrets
  --journal DIR    where the second copy of all sales is kept, best on another disk
  --ballast MIB    room kept for the day on which the disk is full (64)
  --recover        make a damaged outbox.db anew although entries may be missing

The variable CHROMIUM names the browser to use.
`;

export type KioskArguments = HostArguments & {
	readonly port: number;
	readonly isWindowWanted: boolean;
};

const PortSchema = z.coerce.number().int().min(0).max(65_535);

/** The command line of the kiosk host; the failure is a sentence. */
export function readKioskArguments(args: readonly string[], defaultDataFolder: string): Result<KioskArguments, string> {
	const parsed = parse(args);
	if (!parsed.ok) return parsed;
	const { port, 'no-window': isWindowless, ...common } = parsed.value;
	const host = readHostArguments(common, defaultDataFolder);
	if (!host.ok) return host;
	const portNumber = PortSchema.safeParse(port ?? '0');
	if (!portNumber.success) return fail('--port has no value that it could have');
	return ok({ ...host.value, port: portNumber.data, isWindowWanted: isWindowless !== true });
}

function parse(args: readonly string[]) {
	const options = {
		...HOST_OPTIONS,
		port: { type: 'string' },
		'no-window': { type: 'boolean' },
	} as const;
	try {
		return ok(parseArgs({ args: [...args], options, strict: true, allowPositionals: false }).values);
	} catch (cause) {
		// parseArgs throws a TypeError whose message is a sentence for the person at the keyboard.
		return fail(cause instanceof Error ? cause.message : String(cause));
	}
}
