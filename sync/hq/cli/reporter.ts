import { createProgressBar } from '../members/import/progress-bar.ts';
import type { Progress } from '../members/import/progress.ts';
import type { BarcodeToTry } from '../members/showcase.ts';

/** What headquarters says once it serves. `outlet` and `terminal` are codes. */
export type ReadyReport = {
	readonly url: string;
	readonly pairing: readonly { readonly code: string; readonly outlet: string; readonly terminal: string }[];
	readonly barcodes: readonly BarcodeToTry[];
	readonly pins: readonly { readonly name: string; readonly pin: string }[];
};

/** Where reports go: to the parent over IPC when there is one, else to the person at the terminal. */
export type Reporter = {
	readonly progress: (what: string, progress: Progress) => void;
	/** Ends the bar of the work before. */
	readonly progressDone: () => void;
	readonly ready: (report: ReadyReport) => void;
	readonly note: (text: string) => void;
};

type Send = (message: object) => void;
type Output = { readonly out: NodeJS.WritableStream; readonly error: NodeJS.WritableStream };

/** For a parent process: `{ type: 'ready', … }` and `{ type: 'progress', what, done, total, ratePerS }`. */
export function createIpcReporter(send: Send, { error }: Pick<Output, 'error'>): Reporter {
	return {
		progress: (what, { done, total, membersPerSecond }) => send({ type: 'progress', what, done, total, ratePerS: membersPerSecond }),
		progressDone: () => undefined,
		ready: (report) => send({ type: 'ready', ...report }),
		note: (text) => void error.write(`${text}\n`),
	};
}

/** For a person. */
export function createTextReporter({ out, error }: Output): Reporter {
	let bar: ReturnType<typeof createProgressBar> | null = null;
	return {
		progress: (what, progress) => {
			bar ??= createProgressBar(error, what);
			bar.show(progress);
		},
		progressDone: () => {
			bar?.close();
			bar = null;
		},
		ready: (report) => void out.write(`${describe(report).join('\n')}\n`),
		note: (text) => void error.write(`${text}\n`),
	};
}

function describe({ url, pairing, barcodes, pins }: ReadyReport): string[] {
	return [
		`Headquarters serves at ${url}`,
		...section(
			'Pairing codes, for ten minutes',
			pairing.map(({ code, outlet, terminal }) => `${code}  terminal ${terminal} of outlet ${outlet}`),
		),
		...section(
			'Barcodes to try',
			barcodes.map(({ barcode, label }) => `${barcode}  ${label}`),
		),
		...section(
			'Cashiers',
			pins.map(({ name, pin }) => `${pin}  ${name}`),
		),
	];
}

function section(title: string, lines: readonly string[]): string[] {
	return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}
