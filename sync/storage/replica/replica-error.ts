import { terminalError } from '#shared/errors/loyalty-error.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { systemCode } from '../data-folder.ts';
import { SqliteError } from '../sqlite-error.ts';

/**
 * What a failure of the replica means: nothing in it is at risk, so a damaged one is a place in the feed that is no longer valid (LINE-108),
 * and rows that do not fit the schema are an answer of headquarters that this version does not understand (LINE-107).
 * Anything but a failure of SQLite or of the system is thrown on.
 */
export function toReplicaError(cause: unknown): LoyaltyError {
	if (cause instanceof SqliteError) return ofSqlite(cause);
	const code = systemCode(cause);
	if (code === null) throw cause;
	return terminalError(code === 'ENOSPC' || code === 'EDQUOT' ? 'DISK-101' : 'DISK-102', { detail: `replica: ${code}` });
}

function ofSqlite(error: SqliteError): LoyaltyError {
	const detail = error.message.slice(0, 500);
	switch (error.failure) {
		case 'full':
			return terminalError('DISK-101', { detail });
		case 'damaged':
			return terminalError('LINE-108', { verdict: 'retry_later', detail });
		case 'constraint':
		case 'statement':
			return { code: 'LINE-107', origin: 'hq', verdict: 'retry_later', detail };
		case 'busy':
		case 'io':
		case 'interrupted':
		case 'other':
			return terminalError('DISK-102', { verdict: 'retry_later', detail });
	}
}
