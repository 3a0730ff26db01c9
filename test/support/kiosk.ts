import { z } from 'zod';
import { startChild } from './child.ts';
import type { Child } from './child.ts';

const ReadySchema = z.object({ type: z.literal('ready'), origin: z.url(), bootLink: z.url().nullable(), window: z.boolean() });

export type KioskProcess = Child<z.infer<typeof ReadySchema>>;

/** A real terminal behind the kiosk host, without a window: the test's browser opens its one-time link. */
export async function startKioskProcess(options: {
	readonly data: string;
	readonly hqUrl: string;
	readonly pairingCode?: string;
	readonly training?: boolean;
	readonly env?: Readonly<Record<string, string>>;
}): Promise<KioskProcess> {
	return startChild({
		entry: 'main/kiosk/main.ts',
		args: [
			`--data=${options.data}`,
			`--hq=${options.hqUrl}`,
			'--no-window',
			...(options.pairingCode === undefined ? [] : [`--pair=${options.pairingCode}`]),
			...(options.training === true ? ['--training'] : []),
		],
		ready: ReadySchema,
		...(options.env === undefined ? {} : { env: options.env }),
	});
}
