import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import { assert } from '#shared/lib/assert.ts';
import type { Timers } from '#shared/lib/clock.ts';
import { connectCdpPipe } from './cdp-pipe.ts';
import type { CdpPipe } from './cdp-pipe.ts';
import { prepareProfile } from './chromium-profile.ts';

const FIRST_PAGE_MS_MAX = 30_000;
/** A browser that was asked to close and did not within this is killed. */
const CLOSE_MS_MAX = 3_000;
const ERROR_OUTPUT_LENGTH_MAX = 4_000;

export type ChromiumWindowOptions = {
	readonly executable: string;
	/** Below the data folder; nobody else's profile. */
	readonly profileFolder: string;
	readonly origin: string;
	readonly cookie: { readonly name: string; readonly value: string };
	readonly isFullScreen: boolean;
	/** For tests: `--headless=new`. */
	readonly extraArguments?: readonly string[];
	readonly timers: Timers;
};

/** How a window ended: a person closed it (or the host did), or it broke. */
export type WindowEnd = { readonly kind: 'closed' | 'broken'; readonly detail: string };

/** One Chromium process that shows the terminal's page and nothing else. It dies with this process: its pipe closes. */
export type ChromiumWindow = {
	readonly pid: number;
	readonly ended: Promise<WindowEnd>;
	/** Resolves when the process is gone. */
	readonly close: () => Promise<void>;
};

/**
 * Starts Chromium in a profile of its own and drives it over its private pipe: session cookie, camera for our origin only, no downloads, then the page.
 * Nothing secret is in the command line. Rejects when the browser does not get that far, and has then ended it.
 */
export async function openChromiumWindow(options: ChromiumWindowOptions): Promise<ChromiumWindow> {
	await prepareProfile(options.profileFolder);
	const child = spawn(options.executable, chromiumArguments(options), { stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'] });
	const errorOutput = keepEnd(child.stderr);
	let isBroken = false;
	const exited = new Promise<WindowEnd>((resolve) => {
		child.once('error', (cause) => {
			resolve({ kind: 'broken', detail: String(cause) });
		});
		child.once('exit', (code, signal) => {
			const isClean = code === 0 && !isBroken;
			resolve({ kind: isClean ? 'closed' : 'broken', detail: isClean ? '' : `Chromium ended with ${signal ?? code}: ${errorOutput()}` });
		});
	});
	const [, , , writer, reader] = child.stdio;
	assert(writer instanceof Writable && reader instanceof Readable, 'Chromium has its two pipes');
	const cdp = connectCdpPipe({ writer, reader, timers: options.timers });
	const close = async (): Promise<void> => closeBrowser({ child, cdp, exited, timers: options.timers });
	cdp.onEvent((event) => {
		// The page's process died, not the browser: nobody at a till reloads a page.
		if (event.method !== 'Target.targetCrashed') return;
		isBroken = true;
		child.kill('SIGKILL');
	});
	try {
		await showPage(cdp, options);
	} catch (cause) {
		await close();
		const { detail } = await exited;
		throw new Error(`no window: ${detail === '' ? String(cause) : detail}`, { cause });
	}
	return { pid: child.pid ?? 0, ended: exited, close };
}

/** Everything that a Chromium window is started with. As root Chromium refuses to start with its sandbox; production is no root. */
export function chromiumArguments(
	options: Pick<ChromiumWindowOptions, 'profileFolder' | 'isFullScreen' | 'extraArguments'>,
): readonly string[] {
	return [
		'--remote-debugging-pipe',
		`--user-data-dir=${options.profileFolder}`,
		// An address that an application window may have; with about:blank Chromium opens a browser window, with tabs and an address bar.
		'--app=data:text/html,',
		...(options.isFullScreen ? ['--kiosk'] : []),
		'--window-position=0,0',
		'--window-size=1366,768',
		'--no-first-run',
		'--no-default-browser-check',
		'--hide-crash-restore-bubble',
		'--disable-sync',
		'--disable-background-networking',
		'--disable-component-update',
		'--disable-breakpad',
		'--disable-features=Translate',
		'--password-store=basic',
		// No name resolves: the window reaches this host and nothing else.
		'--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
		// Without it a bar above the page warns the cashier of the switch before this one.
		'--test-type',
		...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
		...(options.extraArguments ?? []),
	];
}

const PageCreatedSchema = z.object({ targetInfo: z.object({ targetId: z.string(), type: z.literal('page') }) });
const AttachedSchema = z.object({ sessionId: z.string() });
const NavigatedSchema = z.object({ errorText: z.string().optional() });

async function showPage(cdp: CdpPipe, options: ChromiumWindowOptions): Promise<void> {
	const { origin, cookie, timers } = options;
	const targetId = await findPage(cdp, timers);
	await cdp.send('Storage.setCookies', { cookies: [{ ...cookie, url: `${origin}/`, httpOnly: true, sameSite: 'Strict' }] });
	await cdp.send('Browser.setPermission', { permission: { name: 'camera' }, setting: 'granted', origin });
	await cdp.send('Browser.setDownloadBehavior', { behavior: 'deny' });
	const { sessionId } = AttachedSchema.parse(await cdp.send('Target.attachToTarget', { targetId, flatten: true }));
	const { errorText } = NavigatedSchema.parse(await cdp.send('Page.navigate', { url: `${origin}/` }, sessionId));
	if (errorText !== undefined) throw new Error(`Chromium could not open the page: ${errorText}`);
}

/** The first page, whether it is there already or comes later: discovery reports both. */
async function findPage(cdp: CdpPipe, timers: Timers): Promise<string> {
	const { promise, resolve, reject } = Promise.withResolvers<string>();
	const cancel = timers.after(FIRST_PAGE_MS_MAX, () => {
		reject(new Error(`Chromium had no page within ${FIRST_PAGE_MS_MAX} ms`));
	});
	const stop = cdp.onEvent((event) => {
		const created = event.method === 'Target.targetCreated' ? PageCreatedSchema.safeParse(event.params) : null;
		if (created?.success) resolve(created.data.targetInfo.targetId);
	});
	try {
		await cdp.send('Target.setDiscoverTargets', { discover: true });
		return await promise;
	} finally {
		cancel();
		stop();
	}
}

async function closeBrowser(of: {
	readonly child: ChildProcess;
	readonly cdp: CdpPipe;
	readonly exited: Promise<WindowEnd>;
	readonly timers: Timers;
}): Promise<void> {
	const cancel = of.timers.after(CLOSE_MS_MAX, () => {
		of.child.kill('SIGKILL');
	});
	// Whether it answers or is gone already, `exited` tells.
	of.cdp.send('Browser.close', {}).catch(() => undefined);
	await of.exited;
	cancel();
}

/** What Chromium wrote last, for the log. */
function keepEnd(stream: Readable | null): () => string {
	let kept = '';
	stream?.on('data', (chunk: Buffer) => {
		kept = (kept + chunk.toString('utf8')).slice(-ERROR_OUTPUT_LENGTH_MAX);
	});
	return () => kept.trim();
}
