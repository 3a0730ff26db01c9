import { test } from 'vitest';
import { expectNoViolation } from './run/expect-no-violation.ts';

/** Half of the seeds of every test run; the other half is in the file beside, so that two workers share them. */
const FROM = 1;
const CHUNK = 50;

test.each(Array.from({ length: 10 }, (_, index) => FROM + index * CHUNK))(
	'I1–I9 and I12 hold at every step, and at rest (50 seeds from %i)',
	async (from) => {
		await expectNoViolation(from, from + CHUNK);
	},
);
