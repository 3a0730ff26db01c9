import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import type { FakeTime } from '#shared/lib/fake-time.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Entry } from '../../outbox/entry.ts';
import { createRecordings } from '../../outbox/fake-recordings.ts';
import type { FakeRecordings } from '../../outbox/fake-recordings.ts';
import type { Recording } from '../../outbox/outbox.ts';
import { createFolder } from '../fake-folder.ts';
import { openJournalledOutbox } from '../journalled-outbox.ts';
import type { JournalledOutbox } from '../journalled-outbox.ts';
import { expectOk } from '../outbox/fake-opened-outbox.ts';
import type { KeyBox } from './journal-identity.ts';

/** A box for secrets that turns the bytes around. `isLost`: as on another machine. */
export function createFakeKeyBox(): KeyBox & { isLost: boolean } {
	const box = {
		isLost: false,
		seal: (plain: string) => Promise.resolve(Uint8Array.from(Buffer.from(plain).toReversed())),
		open: (sealed: Uint8Array) =>
			Promise.resolve(box.isLost ? null : { plain: Buffer.from(sealed.toReversed()).toString(), isStale: false }),
	};
	return box;
}

/** A terminal's outbox with its journal on "another disk", in folders of its test. */
export type JournalledFixture = {
	readonly folder: string;
	readonly journalFolder: string;
	readonly time: FakeTime;
	readonly recordings: FakeRecordings;
	readonly keyBox: ReturnType<typeof createFakeKeyBox>;
	readonly start: (change?: { readonly isLossAccepted?: boolean }) => Promise<Result<JournalledOutbox, LoyaltyError>>;
	/** A start that succeeds; closed with its test if it was not before. */
	readonly open: (change?: { readonly isLossAccepted?: boolean }) => Promise<JournalledOutbox>;
};

/** `isBelow`: the journal is in the data folder, as when nobody says otherwise. */
export type JournalledFixtureOptions = { readonly isBelow?: boolean; readonly isPlain?: boolean; readonly seed?: number };

export function createJournalledFixture({ isBelow = false, isPlain = false, seed = 7 }: JournalledFixtureOptions = {}): JournalledFixture {
	const folder = createFolder();
	const journalFolder = path.join(isBelow ? folder : createFolder(), 'journal');
	const time = createFakeTime({ settle: setImmediate, seed });
	const keyBox = createFakeKeyBox();
	const start: JournalledFixture['start'] = ({ isLossAccepted = false } = {}) =>
		openJournalledOutbox({
			folder,
			clock: time.clock,
			random: time.random,
			journal: { folder: journalFolder, keyBox: isPlain ? null : keyBox },
			isLossAccepted,
		});
	return {
		folder,
		journalFolder,
		time,
		recordings: createRecordings(time.random),
		keyBox,
		start,
		open: async (change) => {
			const opened = expectOk(await start(change));
			let isOpen = true;
			const close = async (): Promise<void> => {
				if (!isOpen) return;
				isOpen = false;
				await opened.outbox.close();
			};
			onTestFinished(close);
			return { ...opened, outbox: { ...opened.outbox, close } };
		},
	};
}

/** Records and answers the entries. */
export async function recordAll({ outbox }: JournalledOutbox, recordings: readonly Recording[]): Promise<readonly Entry[]> {
	const entries: Entry[] = [];
	for (const recording of recordings) entries.push(expectOk(await outbox.record(recording)));
	return entries;
}
