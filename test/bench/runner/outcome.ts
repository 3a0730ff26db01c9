import { z } from 'zod';
import { PROJECT_ROOT } from '../../support/child.ts';

/** Measured values by their key; the unit is in the key. */
export type Values = Readonly<Record<string, number>>;

/** What a measured program tells its parent last: values, or why there are none. */
export const OutcomeSchema = z.discriminatedUnion('type', [
	z.object({ type: z.literal('values'), values: z.record(z.string(), z.number().or(z.nan())) }),
	z.object({ type: z.literal('missing'), reason: z.string() }),
]);
export type Outcome = z.infer<typeof OutcomeSchema>;

/** Tells the parent what was measured and ends the process. */
export async function tellValues(values: Values): Promise<never> {
	return tell({ type: 'values', values });
}

/** The first line of what was thrown, without the place of this checkout: reasons are printed in the report. */
export function missingBecause(cause: unknown): Outcome {
	const message = cause instanceof Error ? cause.message : String(cause);
	return { type: 'missing', reason: (message.split('\n', 1)[0] ?? '').replaceAll(PROJECT_ROOT, '') };
}

/** Tells the parent why nothing could be measured and ends the process. */
export async function tellMissing(cause: unknown): Promise<never> {
	return tell(missingBecause(cause));
}

async function tell(outcome: Outcome): Promise<never> {
	await new Promise<void>((resolve) => {
		if (process.send === undefined) resolve();
		else process.send(outcome, undefined, undefined, () => resolve());
	});
	process.exit(0);
}

/** The options that the parent gave as JSON. */
export function readProgramOptions<Schema extends z.ZodType>(schema: Schema): z.infer<Schema> {
	return schema.parse(JSON.parse(process.argv[2] ?? 'null'));
}
