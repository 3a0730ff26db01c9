import { z } from 'zod';
import { must } from '#shared/lib/assert.ts';
import { startChild } from './child.ts';
import type { Child } from './child.ts';

const ReadySchema = z.object({
	type: z.literal('ready'),
	url: z.url(),
	pairing: z.array(z.object({ code: z.string(), outlet: z.string(), terminal: z.string() })),
	barcodes: z.array(z.object({ label: z.string(), barcode: z.string() })),
	pins: z.array(z.object({ name: z.string(), pin: z.string() })),
});

/** The operator's key of every headquarters that tests start. */
export const OPERATOR = { key: 'test-operator', secret: 'not-a-real-secret-of-anyone' } as const;

export type HeadquartersProcess = Child<z.infer<typeof ReadySchema>>;

export type HeadquartersOptions = {
	readonly data: string;
	readonly members: number;
	/** `OUTLET/Outlet name/T1/Terminal name`, one pairing code each. */
	readonly terminals: readonly string[];
	readonly port?: number;
	readonly env?: Readonly<Record<string, string>>;
};

/** A real headquarters in its own process, signed. */
export async function startHeadquartersProcess(options: HeadquartersOptions): Promise<HeadquartersProcess> {
	return startChild({
		entry: 'sync/hq/main.ts',
		args: [
			`--port=${options.port ?? 0}`,
			`--data=${options.data}`,
			`--members=${options.members}`,
			`--api-key=${OPERATOR.key}`,
			`--secret=${OPERATOR.secret}`,
			...options.terminals.map((terminal) => `--new-terminal=${terminal}`),
		],
		ready: ReadySchema,
		...(options.env === undefined ? {} : { env: options.env }),
	});
}

/** The barcode to try whose label begins so. */
export function barcodeToTry(headquarters: HeadquartersProcess, label: RegExp): string {
	return must(
		headquarters.ready.barcodes.find((candidate) => label.test(candidate.label)),
		`a barcode to try like ${label.source}`,
	).barcode;
}
