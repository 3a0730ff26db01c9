import { must } from '#shared/lib/assert.ts';
import type { Result } from '#shared/lib/result.ts';
import { uuidV7 } from '#shared/lib/uuid-v7.ts';
import { askHeadquarters, readAsk } from './cli/operator-asks.ts';
import { HELP, readCliOptions } from './cli/options.ts';
import type { CliOptions } from './cli/options.ts';
import { createIpcReporter, createTextReporter } from './cli/reporter.ts';
import type { ReadyReport, Reporter } from './cli/reporter.ts';
import type { HqContext } from './context.ts';
import { startHeadquarters } from './headquarters.ts';
import type { Headquarters } from './headquarters.ts';
import { createLogger, describeError } from './logging.ts';
import { importSynthetic } from './members/import-synthetic.ts';
import { importMembers } from './members/import.ts';
import { barcodesToTry } from './members/showcase.ts';
import { openOffice } from './office.ts';
import type { OfficeOptions, OfficeRefusal } from './office.ts';
import { readOperatorKey } from './operator-key.ts';
import { DEMONSTRATION_PINS } from './roster.ts';
import { createSystemClock, createSystemRandom } from './system.ts';
import { createTerminal } from './terminals/terminals.ts';

/**
 * `npm run hq`: headquarters as a process of its own. Ends in order on SIGINT, SIGTERM and when its parent is gone: an import stops after
 * its page and can be gone on with, requests under way are answered. Exit codes: 0, 1 for a failure, 2 for a command line that is not right.
 */
async function main(): Promise<number> {
	const reporter = createReporter();
	const options = readCliOptions(process.argv.slice(2));
	if (!options.ok) {
		reporter.note(`${options.error}\n(npm run hq -- --help)`);
		return 2;
	}
	if (options.value.command === 'help') {
		process.stdout.write(`${HELP}\n`);
		return 0;
	}
	const stop = stopSignal();
	try {
		if (options.value.command === 'ask') return await ask(options.value, reporter);
		return options.value.command === 'import' ? await runImport(options.value, reporter, stop) : await serve(options.value, reporter, stop);
	} catch (error) {
		if (error instanceof Failure) {
			reporter.note(error.message);
			return 1;
		}
		throw error;
	}
}

/** Ends the program with a sentence for the operator. */
class Failure extends Error {
	override readonly name = 'Failure';
}

async function serve(options: CliOptions, reporter: Reporter, stop: AbortSignal): Promise<number> {
	const started = await startHeadquarters({
		...officeOptions(options),
		host: options.host,
		port: options.port,
		isUnsigned: options.isUnsigned,
		...(options.operatorKey === null ? {} : { operatorKey: options.operatorKey }),
		prepare: (context) => fill(context, { options, reporter, stop }),
	}).catch(explainListenError);
	const headquarters = unlock(started);
	try {
		if (options.isUnsigned) reporter.note('!! --unsigned: whoever knows a key may speak without proof. For development only. !!');
		reporter.ready(await describeReady(headquarters, options));
		await untilAborted(stop);
	} finally {
		await headquarters.close();
	}
	return 0;
}

async function runImport(options: CliOptions, reporter: Reporter, stop: AbortSignal): Promise<number> {
	const office = unlock(await openOffice(officeOptions(options)));
	try {
		await importFile(office.context, must(options.importFile, 'a file'), { reporter, stop });
	} finally {
		await office.close();
	}
	return 0;
}

async function ask(options: CliOptions, reporter: Reporter): Promise<number> {
	const key = options.operatorKey ?? readOperatorKey(options.dataDir);
	if (key === null) throw new Failure(`no operator's key in ${options.dataDir}: give --data, or --api-key and --secret`);
	const clock = createSystemClock();
	const read = must(readAsk(options.ask, uuidV7(clock.nowMs(), createSystemRandom())), 'a command of an operator');
	if (!read.ok) {
		reporter.note(read.error);
		return 2;
	}
	const answer = await askHeadquarters(read.value, { url: `http://${options.host}:${options.port}`, key, nowMs: clock.nowMs() });
	if (!answer.ok) throw new Failure(answer.error);
	process.stdout.write(`${answer.value}\n`);
	return 0;
}

type Work = { readonly reporter: Reporter; readonly stop: AbortSignal };

async function fill(context: HqContext, { options, reporter, stop }: Work & { readonly options: CliOptions }): Promise<void> {
	if (options.importFile !== null) await importFile(context, options.importFile, { reporter, stop });
	if (options.members === null) return;
	const imported = await importSynthetic(context, {
		count: options.members,
		signal: stop,
		onProgress: (progress) => reporter.progress('Inventing members', progress),
	});
	reporter.progressDone();
	if (!imported.ok) throw new Failure(imported.error.message);
}

async function importFile(context: HqContext, path: string, { reporter, stop }: Work): Promise<void> {
	const imported = await importMembers(context, path, {
		signal: stop,
		onProgress: (progress) => reporter.progress('Importing members', progress),
	});
	reporter.progressDone();
	if (!imported.ok) throw new Failure(imported.error.message);
	const report = imported.value;
	if (report.wasFinished) reporter.note(`${path} was imported before; nothing was done`);
	else
		reporter.note(
			`${report.imported} members imported from ${path}${report.rejectedPath === null ? '' : `, ${report.rejected} lines rejected: see ${report.rejectedPath}`}`,
		);
}

async function describeReady({ url, context }: Headquarters, options: CliOptions): Promise<ReadyReport> {
	const pairing: { code: string; outlet: string; terminal: string }[] = [];
	for (const terminal of options.newTerminals) {
		const created = await createTerminal(context, terminal);
		if (!created.ok) throw new Failure(`--new-terminal: the outlet code ${terminal.outlet.code} belongs to another outlet`);
		pairing.push({ code: created.value.code, outlet: terminal.outlet.code, terminal: terminal.terminal_code });
	}
	const isDemonstration = options.members !== null;
	return { url, pairing, barcodes: isDemonstration ? barcodesToTry() : [], pins: isDemonstration ? DEMONSTRATION_PINS : [] };
}

function officeOptions(options: CliOptions): OfficeOptions {
	const databaseUrl = process.env['DATABASE_URL'] ?? '';
	return {
		dataDir: options.dataDir,
		isRestored: options.isRestored,
		hasDemonstrationRoster: options.members !== null,
		logger: createLogger(options.isVerbose ? 'debug' : 'warn'),
		...(databaseUrl === '' ? {} : { databaseUrl }),
		...(options.programme === null ? {} : { programme: options.programme }),
	};
}

function unlock<T>(opened: Result<T, OfficeRefusal>): T {
	if (opened.ok) return opened.value;
	if ('keptEpoch' in opened.error) {
		const { keptEpoch, databaseEpoch } = opened.error;
		throw new Failure(
			`the database is of epoch ${databaseEpoch}, terminals have seen ${keptEpoch}: it was restored from a backup. Start once with --restored, so that they load it again and offer what it has forgotten`,
		);
	}
	const { pid, host, lockFile } = opened.error;
	throw new Failure(
		`the folder is in use by process ${pid} on ${host}: end that headquarters, or give this one another --data. If it is gone for good, remove ${lockFile}`,
	);
}

function explainListenError(error: unknown): never {
	if (error instanceof Error && 'code' in error && 'syscall' in error && error.syscall === 'listen') {
		throw new Failure(`cannot listen there (${String(error.code)}): choose another --port or --host`);
	}
	throw error;
}

function untilAborted(signal: AbortSignal): Promise<void> {
	if (signal.aborted) return Promise.resolve();
	return new Promise((resolve) => {
		signal.addEventListener('abort', () => resolve(), { once: true });
	});
}

function createReporter(): Reporter {
	const send = process.send?.bind(process);
	return send === undefined
		? createTextReporter({ out: process.stdout, error: process.stderr })
		: createIpcReporter((message) => void send(message), { error: process.stderr });
}

/** Aborted by the first SIGINT or SIGTERM, or when the parent that forked us is gone. */
function stopSignal(): AbortSignal {
	const controller = new AbortController();
	const stop = (): void => controller.abort();
	process.once('SIGINT', stop);
	process.once('SIGTERM', stop);
	process.once('disconnect', stop);
	return controller.signal;
}

// Node would print the error's text, and with it a member's data if the error is the database's.
process.on('uncaughtException', (error) => {
	process.stderr.write(`headquarters failed: ${JSON.stringify(describeError(error))}\n`);
	process.exit(1);
});

main()
	.then((code) => {
		process.exitCode = code;
		// The channel to a parent would keep the process alive.
		if (process.connected) process.disconnect();
	})
	.catch((error: unknown) => {
		process.stderr.write(`headquarters failed: ${JSON.stringify(describeError(error))}\n`);
		process.exit(1);
	});
