import { expect, test } from 'vitest';
import type { Logger } from '../../ports.ts';
import { DEFAULT_SETTINGS, keepSettings, SettingsSchema } from './settings.ts';
import type { Settings } from './settings.ts';

function setUp(save: (settings: Settings) => Promise<void>) {
	const errors: unknown[] = [];
	const quiet = () => undefined;
	const logger: Logger = { debug: quiet, info: quiet, warn: quiet, error: (fields) => void errors.push(fields) };
	return { kept: keepSettings({ stored: DEFAULT_SETTINGS, save, logger }), errors };
}

test('a change is in effect at once and on disk when it is answered', async () => {
	const saved: Settings[] = [];
	const { kept } = setUp(async (settings) => void saved.push(settings));
	const changed = kept.change({ volumePercent: 80 });
	expect(kept.current()).toEqual({ volumePercent: 80 });
	await changed;
	expect(saved).toEqual([{ volumePercent: 80 }]);
});

test('of two changes at once the last one is the one on disk', async () => {
	const saved: Settings[] = [];
	const first = Promise.withResolvers<null>();
	const { kept } = setUp(async (settings) => {
		if (saved.length === 0 && settings.volumePercent === 10) await first.promise;
		saved.push(settings);
	});
	const both = Promise.all([kept.change({ volumePercent: 10 }), kept.change({ volumePercent: 20 })]);
	first.resolve(null);
	await both;
	expect(saved.map(({ volumePercent }) => volumePercent)).toEqual([10, 20]);
});

test('a disk that refuses is logged, and the setting holds until the program ends', async () => {
	const { kept, errors } = setUp(async () => Promise.reject(new Error('no space')));
	await kept.change({ volumePercent: 0 });
	expect(kept.current()).toEqual({ volumePercent: 0 });
	expect(errors).toHaveLength(1);
});

test.each([[-1], [101], [0.5]])('%d is no loudness', (volumePercent) => {
	expect(SettingsSchema.safeParse({ volumePercent }).success).toBe(false);
});
