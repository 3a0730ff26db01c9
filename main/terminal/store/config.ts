import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { ShortCodeSchema, TerminalIdSchema } from '#shared/domain/ids.ts';
import { CardBlockSchema, CashierSchema, OutletSchema, ProgrammeSchema } from '#shared/domain/programme.ts';
import type { Cashier, Programme } from '#shared/domain/programme.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Result } from '#shared/lib/result.ts';
import type { PairResponse } from '#shared/wire/pairing.ts';
import type { Logger, SecretBox } from '../../ports.ts';
import { PinTriesSchema } from '../session/session.ts';
import type { PinTries } from '../session/session.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';
import { writeExport } from './export-file.ts';
import { DEFAULT_SETTINGS, SettingsSchema } from './settings.ts';
import type { Settings } from './settings.ts';

/** `terminal.json`: who this terminal is. Its key is sealed by the machine (`sealedSecret`, base64); the rest is no secret. */
const ConfigSchema = z.object({
	version: z.literal(1),
	hqUrl: z.url({ protocol: /^https?$/ }),
	terminal: TerminalIdSchema,
	terminalCode: ShortCodeSchema,
	terminalName: z.string().min(1).max(60),
	outlet: OutletSchema,
	cardBlock: CardBlockSchema.nullable(),
	apiKey: z.string().min(8).max(128),
	sealedSecret: z.base64().max(8192),
});
export type TerminalConfig = z.infer<typeof ConfigSchema>;

/** `programme.json`: what the last contact with headquarters brought, so that a terminal that starts offline can sell. */
const KnownProgrammeSchema = z.object({ programme: ProgrammeSchema.nullable(), cashiers: z.array(CashierSchema).max(200) });
export type KnownProgramme = { readonly programme: Programme | null; readonly cashiers: readonly Cashier[] };

/** Small files of one data folder. Each is replaced whole or not at all; a damaged one is put aside and counts as absent. */
export type TerminalFiles = {
	readonly readConfig: () => Promise<TerminalConfig | null>;
	/** Seals the secret and stores the pairing. */
	readonly savePairing: (pairing: PairResponse, hqUrl: string) => Promise<TerminalConfig>;
	readonly saveHqUrl: (config: TerminalConfig, hqUrl: string) => Promise<TerminalConfig>;
	/** The secret of this terminal's key, or `null` when this machine cannot open it: it must be paired again. */
	readonly openSecret: (config: TerminalConfig) => Promise<string | null>;
	readonly readProgramme: () => Promise<KnownProgramme>;
	readonly saveProgramme: (known: KnownProgramme) => Promise<void>;
	readonly readPinTries: () => Promise<PinTries>;
	readonly savePinTries: (tries: PinTries) => Promise<void>;
	readonly readSettings: () => Promise<Settings>;
	readonly saveSettings: (settings: Settings) => Promise<void>;
	/** Writes a file for people into `exports` and gives its path. Only the newest fifty stay. DISK-101, DISK-102. */
	readonly saveExport: (name: string, text: string) => Promise<Result<string, LoyaltyError>>;
};

export function openTerminalFiles(options: {
	readonly folder: string;
	readonly secretBox: SecretBox;
	readonly logger: Logger;
}): TerminalFiles {
	const { folder, secretBox, logger } = options;
	const paths = {
		config: join(folder, 'terminal.json'),
		programme: join(folder, 'programme.json'),
		pinTries: join(folder, 'pin-tries.json'),
		settings: join(folder, 'settings.json'),
	};

	async function read<S extends z.ZodType>(path: string, schema: S): Promise<z.infer<S> | null> {
		const content = await readJsonFile(path, schema);
		if (content.state === 'present') return content.value;
		if (content.state === 'damaged') {
			logger.error({ path }, 'a file of this terminal is damaged: it is put aside');
			await rename(path, `${path}.damaged`);
		}
		return null;
	}
	async function save(config: TerminalConfig): Promise<TerminalConfig> {
		await writeJsonFile(paths.config, config);
		return config;
	}
	async function seal(secret: string): Promise<string> {
		return Buffer.from(await secretBox.seal(secret)).toString('base64');
	}

	return {
		readConfig: () => read(paths.config, ConfigSchema),
		savePairing: async (pairing, hqUrl) =>
			save({
				version: 1,
				hqUrl,
				terminal: pairing.terminal,
				terminalCode: pairing.terminal_code,
				terminalName: pairing.terminal_name,
				outlet: pairing.outlet,
				cardBlock: pairing.card_block,
				apiKey: pairing.api_key,
				sealedSecret: await seal(pairing.api_secret),
			}),
		saveHqUrl: (config, hqUrl) => save({ ...config, hqUrl }),
		openSecret: async (config) => {
			const opened = await secretBox.open(Buffer.from(config.sealedSecret, 'base64'));
			if (opened?.isStale === true) await save({ ...config, sealedSecret: await seal(opened.plain) });
			return opened?.plain ?? null;
		},
		readProgramme: async () => (await read(paths.programme, KnownProgrammeSchema)) ?? { programme: null, cashiers: [] },
		saveProgramme: (known) => writeJsonFile(paths.programme, known),
		readPinTries: async () => (await read(paths.pinTries, PinTriesSchema)) ?? { wrong: 0, pausedUntilMs: 0 },
		savePinTries: (tries) => writeJsonFile(paths.pinTries, tries),
		readSettings: async () => (await read(paths.settings, SettingsSchema)) ?? DEFAULT_SETTINGS,
		saveSettings: (settings) => writeJsonFile(paths.settings, settings),
		saveExport: (name, text) => writeExport(join(folder, 'exports'), name, text),
	};
}
