import { z } from 'zod';
import type { Logger } from '../../ports.ts';

/** `settings.json`: what people set on this terminal. `volumePercent`: loudness of the three sounds, 0 is silent. */
export const SettingsSchema = z.object({ volumePercent: z.int().min(0).max(100) });
export type Settings = z.infer<typeof SettingsSchema>;

export const DEFAULT_SETTINGS: Settings = { volumePercent: 50 };

/**
 * The settings of one terminal, which outlive the window: its place may change with each start. Owns the value in memory; on disk is the
 * last one that could be stored.
 */
export type KeptSettings = {
	readonly current: () => Settings;
	/** In effect at once. A disk that refuses it is logged: a setting is no reason to stop a sale. */
	readonly change: (change: Partial<Settings>) => Promise<void>;
};

export function keepSettings(options: {
	readonly stored: Settings;
	readonly save: (settings: Settings) => Promise<void>;
	readonly logger: Logger;
}): KeptSettings {
	const { save, logger } = options;
	let current = options.stored;
	let saving = Promise.resolve();

	async function saveLast(settings: Settings): Promise<void> {
		try {
			await save(settings);
		} catch (cause) {
			logger.error({ err: cause }, 'the settings could not be stored');
		}
	}

	return {
		current: () => current,
		change: async (change) => {
			current = { ...current, ...change };
			const settings = current;
			// One after the other, so that the last one told is the one on disk.
			saving = saving.then(() => saveLast(settings));
			await saving;
		},
	};
}
