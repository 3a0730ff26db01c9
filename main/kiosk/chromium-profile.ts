import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { hasErrorCode } from '../error-code.ts';

/**
 * What no switch turns off: to Chromium a cashier's PIN is a password, and it would offer to keep it, on the till, for everybody.
 * The names are those of Chromium's own `Preferences` file.
 */
const SETTINGS = {
	credentials_enable_service: false,
	credentials_enable_autosignin: false,
	autofill: { profile_enabled: false, credit_card_enabled: false },
} as const;

const PreferencesSchema = z.record(z.string(), z.unknown());

/** Writes our settings into the profile, beside those that Chromium keeps there. No browser may run on it. */
export async function prepareProfile(profileFolder: string): Promise<void> {
	const folder = path.join(profileFolder, 'Default');
	const file = path.join(folder, 'Preferences');
	await mkdir(folder, { recursive: true, mode: 0o700 });
	await writeFile(file, JSON.stringify({ ...(await readPreferences(file)), ...SETTINGS }), { mode: 0o600 });
}

async function readPreferences(file: string): Promise<z.infer<typeof PreferencesSchema>> {
	try {
		return PreferencesSchema.parse(JSON.parse(await readFile(file, 'utf8')));
	} catch (cause) {
		// None yet, or cut short when the power went: Chromium starts from its defaults then, and so do we.
		if (hasErrorCode(cause, 'ENOENT') || cause instanceof SyntaxError || cause instanceof z.ZodError) return {};
		throw cause;
	}
}
