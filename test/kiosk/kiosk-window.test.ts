import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { expect, test } from 'vitest';
import { ok } from '#shared/lib/result.ts';
import { createFakeTerminal } from '#main/fake-terminal.ts';
import { findChromium, thisMachine } from '#main/kiosk/find-chromium.ts';
import { startKiosk } from '#main/kiosk/kiosk.ts';

test('with a browser the window opens, needs no link, and goes when the terminal stops', async () => {
	const folder = await mkdtemp(path.join(tmpdir(), 'kiosk-window-'));
	await mkdir(path.join(folder, 'renderer'));
	await writeFile(path.join(folder, 'renderer', 'index.html'), '<!doctype html><script src="/app.js"></script>');
	await writeFile(path.join(folder, 'renderer', 'app.js'), `new WebSocket('ws://' + location.host + '/__bridge')`);
	const terminal = createFakeTerminal();
	const kiosk = await startKiosk({
		arguments: {
			dataFolder: path.join(folder, 'data'),
			hqUrl: null,
			pairingCode: null,
			isTraining: false,
			locale: null,
			keyFile: null,
			safety: { journalFolder: null, ballastBytes: 0, isLossAccepted: false },
			port: 0,
			isWindowWanted: true,
			isFullScreen: false,
		},
		createTerminal: async () => Promise.resolve(ok(terminal)),
		assetsRoot: path.join(folder, 'renderer'),
		appVersion: '0.0.0',
		browser: { executable: findChromium(thisMachine) ?? chromium.executablePath(), missing: null },
		chromiumArguments: ['--headless=new'],
		onWindowClosed: () => undefined,
	});
	if (!kiosk.ok) throw new Error(kiosk.error.code);
	expect(kiosk.value).toMatchObject({ hasWindow: true, bootLink: null, windowFailure: null });
	await expect.poll(() => terminal.listeners(), { timeout: 15_000 }).toBe(1);
	await kiosk.value.stop();
	expect(terminal.listeners()).toBe(0);
	await rm(folder, { recursive: true, maxRetries: 5 });
});
