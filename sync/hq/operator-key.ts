import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Random } from '#shared/lib/clock.ts';
import type { OperatorKey } from './http/authenticate.ts';

const FileSchema = z.object({ apiKey: z.string().min(1), apiSecret: z.string().min(1) });

/** Headquarters' own key from `<dataDir>/operator-key.json`, or `null` when there is none. */
export function readOperatorKey(dataDir: string): OperatorKey | null {
	const text = readIfThere(join(dataDir, 'operator-key.json'));
	return text === null ? null : FileSchema.parse(JSON.parse(text));
}

/** Headquarters' own key from `<dataDir>/operator-key.json`, made at the first start and readable by its owner only. */
export function loadOperatorKey(dataDir: string, random: Random): OperatorKey {
	const path = join(dataDir, 'operator-key.json');
	const kept = readOperatorKey(dataDir);
	if (kept !== null) return kept;
	const key = { apiKey: `HQ-${base64(random.bytes(12))}`, apiSecret: base64(random.bytes(32)) };
	// Never overwrites: of two first starts the second fails here.
	writeFileSync(path, `${JSON.stringify(key, null, '\t')}\n`, { mode: 0o600, flag: 'wx' });
	return key;
}

function readIfThere(path: string): string | null {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
		throw error;
	}
}

function base64(bytes: Uint8Array): string {
	return Buffer.from(bytes).toString('base64url');
}
