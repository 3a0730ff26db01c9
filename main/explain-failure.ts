import path from 'node:path';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';

/** 1 is a defect. */
export const EXIT = { done: 0, usage: 2, damagedOutbox: 3, refused: 4 } as const;

/** How a start that failed ends, and what it says. */
export function explainFailure(error: LoyaltyError, dataFolder: string): { readonly exitCode: number; readonly text: string } {
	const outbox = path.join(dataFolder, 'outbox.db');
	if (error.code === 'DISK-103') {
		return {
			exitCode: EXIT.damagedOutbox,
			text: `${outbox} is damaged. The terminal has not started and has changed nothing. (DISK-103)

It may hold sales that headquarters does not have yet, so do not delete it. Why it could not be made anew by itself:
  ${error.detail ?? 'nothing is known'}
  1. Copy the whole folder ${dataFolder} to another disk, and the journal's folder if it is elsewhere.
  2. If the journal is on a disk that is not plugged in, plug it in and start the terminal again: it then recovers all by itself.
  3. Otherwise start it once with --recover. It makes the outbox anew from the journal and from what can be read of outbox.db, sends
     again what headquarters lacks, and says what it found in outbox.recovered-….json. The damaged file is kept as outbox.damaged-….db.
`,
		};
	}
	if (error.code === 'DISK-104') {
		return {
			exitCode: EXIT.damagedOutbox,
			text: `${outbox} was written by a newer version. Install that version again; nothing was changed. (DISK-104)\n`,
		};
	}
	return {
		exitCode: EXIT.refused,
		text: `${sentences[error.code] ?? 'The terminal could not start.'} (${error.code}${error.detail === undefined ? '' : `: ${error.detail}`})\n`,
	};
}

const sentences: Readonly<Partial<Record<LoyaltyError['code'], string>>> = {
	'DISK-101': 'The disk is full.',
	'DISK-102': 'The disk refused a write.',
	'DISK-105': 'The data folder cannot be used: end the terminal that has it, or choose another with --data.',
	'LINE-101': 'Headquarters cannot be reached.',
	'LINE-104': "Headquarters refused this terminal's key: pair it again.",
	'LINE-105': 'This terminal was revoked at headquarters.',
	'LINE-106': 'The pairing code is wrong, used, or older than ten minutes: ask headquarters for a new one.',
};
