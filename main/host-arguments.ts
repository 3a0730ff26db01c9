import { homedir } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { SafetyOptions } from './ports.ts';

/** The options that both hosts take, for `parseArgs` of node:util. */
export const HOST_OPTIONS = {
	data: { type: 'string' },
	hq: { type: 'string' },
	pair: { type: 'string' },
	training: { type: 'boolean' },
	locale: { type: 'string' },
	'full-screen': { type: 'boolean' },
	'key-file': { type: 'string' },
	journal: { type: 'string' },
	ballast: { type: 'string' },
	recover: { type: 'boolean' },
} as const;

/** Room that a terminal keeps for a full disk when nobody says otherwise: weeks of sales. */
const BALLAST_MIB = 64;
const BALLAST_MIB_MAX = 4096;
const MIB = 1024 ** 2;

/** How a person or a service manager started a host. */
export type HostArguments = {
	/** Absolute. */
	readonly dataFolder: string;
	/** Origin only. */
	readonly hqUrl: string | null;
	readonly pairingCode: string | null;
	readonly isTraining: boolean;
	/** BCP 47; `null`: the machine's. */
	readonly locale: string | null;
	readonly isFullScreen: boolean;
	/** Absolute; `null`: the host's own way of keeping secrets. */
	readonly keyFile: string | null;
	readonly safety: SafetyOptions;
};

const OriginSchema = z
	.url({ protocol: /^https?$/ })
	.max(2000)
	.transform((url) => new URL(url).origin);

const RawSchema = z.object({
	data: z.string().min(1).optional(),
	hq: OriginSchema.optional(),
	pair: z.string().min(1).max(64).optional(),
	training: z.boolean().optional(),
	locale: z.string().max(35).refine(isLocale).optional(),
	'full-screen': z.boolean().optional(),
	'key-file': z.string().min(1).optional(),
	journal: z.string().min(1).optional(),
	ballast: z.coerce.number().int().min(0).max(BALLAST_MIB_MAX).optional(),
	recover: z.boolean().optional(),
});

/** The parsed options checked; the failure is a sentence that names the option. */
export function readHostArguments(values: object, dataFolder: string): Result<HostArguments, string> {
	const raw = RawSchema.safeParse(values);
	if (!raw.success) return fail(`--${raw.error.issues[0]?.path.join('.') ?? ''} has no value that it could have`);
	const { data, hq, pair, training, locale, 'full-screen': fullScreen, 'key-file': keyFile } = raw.data;
	return ok({
		dataFolder: path.resolve(data ?? dataFolder),
		hqUrl: hq ?? null,
		pairingCode: pair ?? null,
		isTraining: training ?? false,
		locale: locale ?? null,
		isFullScreen: fullScreen ?? false,
		keyFile: keyFile === undefined ? null : path.resolve(keyFile),
		safety: readSafety(raw.data),
	});
}

function readSafety({ journal, ballast = BALLAST_MIB, recover = false }: z.infer<typeof RawSchema>): SafetyOptions {
	return { journalFolder: journal === undefined ? null : path.resolve(journal), ballastBytes: ballast * MIB, isLossAccepted: recover };
}

/** Where a terminal's data belongs on this machine when nobody says otherwise. */
export function defaultDataFolder(environment: Readonly<Record<string, string | undefined>>, platform: NodeJS.Platform): string {
	const state = environment['XDG_STATE_HOME'];
	if (platform === 'win32') return path.join(environment['LOCALAPPDATA'] ?? path.join(homedir(), 'AppData', 'Local'), 'Regulars');
	if (platform === 'darwin') return path.join(homedir(), 'Library', 'Application Support', 'Regulars');
	// A relative XDG path is invalid and must be ignored (XDG base directory specification).
	return path.join(state !== undefined && path.isAbsolute(state) ? state : path.join(homedir(), '.local', 'state'), 'regulars');
}

function isLocale(tag: string): boolean {
	try {
		return Intl.getCanonicalLocales(tag).length === 1;
	} catch {
		// A RangeError: no language tag.
		return false;
	}
}
