import { setImmediate } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { CursorSchema } from '#shared/domain/ids.ts';
import { assert } from '#shared/lib/assert.ts';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import type { FakeTime } from '#shared/lib/fake-time.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import type { Result } from '#shared/lib/result.ts';
import { FEED_LINE_ROWS_MAX } from '#shared/wire/limits.ts';
import type { MemberRow } from '#shared/wire/member-row.ts';
import { toLines } from '../../replica/fake-members.ts';
import type { FakeSnapshot } from '../../replica/fake-members.ts';
import type { Replica } from '../../replica/replica.ts';
import { createFolder } from '../fake-folder.ts';
import { openReplica } from '../replica-database.ts';

/** A real replica in a folder of its test. */
export type OpenedReplica = {
	readonly folder: string;
	readonly time: FakeTime;
	readonly replica: Replica;
	/** Opens the same folder once more, as after a start. */
	readonly reopen: () => Promise<Replica>;
};

export async function openFreshReplica(folder: string = createFolder()): Promise<OpenedReplica> {
	const time = createFakeTime({ settle: setImmediate });
	const reopen = async (): Promise<Replica> => {
		const opened = succeed(await openReplica({ folder, clock: time.clock }));
		let isOpen = true;
		const close = async (): Promise<void> => {
			if (!isOpen) return;
			isOpen = false;
			await opened.close();
		};
		onTestFinished(close);
		return { ...opened, close };
	};
	return { folder, time, replica: await reopen(), reopen };
}

/** Loads a whole snapshot. */
export async function load(replica: Replica, { manifest, files }: FakeSnapshot): Promise<void> {
	const started = succeed(await replica.beginLoad(manifest));
	for (const [path, lines] of files) if (!started.isLoaded(path)) succeed(await started.addFile(path, lines));
	succeed(await started.finish());
}

/** Applies one page of changes. */
export async function applyRows(
	replica: Replica,
	rows: readonly MemberRow[],
	cursor = 'next',
): Promise<{ readonly rows: number; readonly optedOut: readonly string[] }> {
	const { hqEpoch } = replica.state();
	return succeed(
		await replica.applyPage({
			lines: toLines(rows, FEED_LINE_ROWS_MAX),
			next: CursorSchema.parse(cursor),
			hqEpoch,
			asOfMs: 1_800_000_000_000,
		}),
	);
}

export function succeed<T>(result: Result<T, LoyaltyError>): T {
	assert(result.ok, () => `failed: ${JSON.stringify(result)}`);
	return result.value;
}
