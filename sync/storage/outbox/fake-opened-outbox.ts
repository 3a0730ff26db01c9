import { setImmediate } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { assert } from '#shared/lib/assert.ts';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import type { FakeTime } from '#shared/lib/fake-time.ts';
import type { Result } from '#shared/lib/result.ts';
import type { Entry } from '../../outbox/entry.ts';
import { createRecordings } from '../../outbox/fake-recordings.ts';
import type { FakeRecordings } from '../../outbox/fake-recordings.ts';
import type { Outbox, Recording } from '../../outbox/outbox.ts';
import { createFolder } from '../fake-folder.ts';
import { openOutbox } from '../outbox-database.ts';

/** A real outbox in a folder of its test, with a clock that stands still. */
export type OpenedOutbox = {
	readonly folder: string;
	readonly time: FakeTime;
	readonly recordings: FakeRecordings;
	readonly outbox: Outbox;
	readonly record: (recording: Recording) => Promise<Entry>;
	/** Opens the same folder once more, as after a start. */
	readonly reopen: () => Promise<Outbox>;
};

export async function openFresh(
	options: { readonly folder?: string; readonly seed?: number; readonly maxBytes?: number } = {},
): Promise<OpenedOutbox> {
	const { folder = createFolder(), seed = 1, ...limits } = options;
	const time = createFakeTime({ settle: setImmediate, seed });
	const open = async (): Promise<Outbox> => {
		const opened = expectOk(await openOutbox({ folder, clock: time.clock, random: time.random, ...limits }));
		let isOpen = true;
		const close = async (): Promise<void> => {
			if (!isOpen) return;
			isOpen = false;
			await opened.close();
		};
		onTestFinished(close);
		return { ...opened, close };
	};
	const outbox = await open();
	return {
		folder,
		time,
		recordings: createRecordings(time.random),
		outbox,
		record: async (recording) => expectOk(await outbox.record(recording)),
		reopen: open,
	};
}

/** The value of a success. */
export function expectOk<T>(result: Result<T, LoyaltyError>): T {
	assert(result.ok, () => `failed: ${JSON.stringify(result)}`);
	return result.value;
}
