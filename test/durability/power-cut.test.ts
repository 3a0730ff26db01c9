import { expect, test } from 'vitest';
import { countFlushes } from './count-flushes.ts';
import { createScratchFolder } from './scratch.ts';
import { tearLog } from './torn-log.ts';

test(
	'I11: whatever a power cut leaves of the log, all acknowledged entries are there, without a gap: 400 cases',
	{ timeout: 240_000 },
	async () => {
		const { beyond } = await tearLog({ cases: 400, seed: 11, folder: createScratchFolder() });
		expect(beyond).toBeGreaterThan(50);
	},
);

test('I11: before each sale is acknowledged the log was flushed to the disk, once', { timeout: 120_000 }, async () => {
	const { sales, unflushed, outboxFlushes, how } = await countFlushes({ sales: 60, folder: createScratchFolder() });
	expect([sales, unflushed, how]).toEqual([60, 0, expect.stringMatching(/strace|commits/)]);
	// One each, and some when the files are opened and closed.
	expect(outboxFlushes).toBeGreaterThanOrEqual(60);
	expect(outboxFlushes).toBeLessThan(60 + 15);
});
