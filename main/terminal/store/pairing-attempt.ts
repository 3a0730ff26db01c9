import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AssertionError } from '#shared/lib/assert.ts';
import type { Random } from '#shared/lib/clock.ts';
import { readJsonFile, writeJsonFile } from './json-file.ts';

const AttemptSchema = z.object({ code: z.string().max(64), attempt: z.string().regex(/^[A-Za-z0-9_-]{32,64}$/) });
const SECRET_BYTES = 32;

/**
 * What shows headquarters that it is still the same device that used a pairing code: a secret of this pairing, in `pairing.json` from before the
 * first call until the pairing is stored. A crash in between, or an answer that was lost, then costs no new code.
 */
export type PairingAttempt = {
	/** The secret for this code, the same at each call; `null` when it cannot be kept: then the code works for one answer that arrives. */
	readonly for: (code: string) => Promise<string | null>;
	readonly forget: () => Promise<void>;
};

export function openPairingAttempt(folder: string, random: Random): PairingAttempt {
	const file = join(folder, 'pairing.json');
	return {
		for: async (code) => {
			const stored = await readJsonFile(file, AttemptSchema);
			if (stored.state === 'present' && stored.value.code === code) return stored.value.attempt;
			const attempt = Buffer.from(random.bytes(SECRET_BYTES)).toString('base64url');
			return (await isKept(file, { code, attempt })) ? attempt : null;
		},
		forget: () => rm(file, { force: true }),
	};
}

async function isKept(file: string, content: z.infer<typeof AttemptSchema>): Promise<boolean> {
	try {
		await writeJsonFile(file, content);
		return true;
	} catch (cause) {
		if (cause instanceof AssertionError) throw cause;
		// A full or read-only disk will show when the pairing itself is stored, with its code.
		return false;
	}
}
