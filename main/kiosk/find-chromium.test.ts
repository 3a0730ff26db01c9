import { expect, test } from 'vitest';
import { chooseBrowser, findChromium } from './find-chromium.ts';

const machine = (platform: NodeJS.Platform, environment: Record<string, string>, files: readonly string[]) => ({
	platform,
	environment,
	isExecutable: (file: string) => files.includes(file),
});

test.each([
	{
		title: 'the first folder of the path wins',
		of: machine('linux', { PATH: '/usr/local/bin:/usr/bin' }, ['/usr/bin/chromium']),
		found: '/usr/bin/chromium',
	},
	{
		title: 'Chromium goes before Chrome',
		of: machine('linux', { PATH: '/usr/bin' }, ['/usr/bin/google-chrome', '/usr/bin/chromium']),
		found: '/usr/bin/chromium',
	},
	{ title: 'Edge will do', of: machine('linux', { PATH: '/usr/bin' }, ['/usr/bin/microsoft-edge']), found: '/usr/bin/microsoft-edge' },
	{
		title: 'the current folder is never searched',
		of: machine('linux', { PATH: '.::bin' }, ['chromium', 'bin/chromium', './chromium']),
		found: null,
	},
	{
		title: 'a named one goes first',
		of: machine('linux', { PATH: '/usr/bin', CHROMIUM: '/opt/c' }, ['/usr/bin/chromium', '/opt/c']),
		found: '/opt/c',
	},
	{
		title: 'a named one that is missing is not replaced',
		of: machine('linux', { PATH: '/usr/bin', CHROMIUM: '/opt/c' }, ['/usr/bin/chromium']),
		found: null,
	},
	{
		title: 'a Mac has applications',
		of: machine('darwin', { PATH: '/bin' }, ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']),
		found: '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
	},
	{
		title: 'Windows has Edge',
		of: machine('win32', { 'PROGRAMFILES(X86)': 'C:\\Program Files (x86)' }, [
			'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
		]),
		found: 'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
	},
	{ title: 'nothing is nothing', of: machine('linux', {}, []), found: null },
])('$title', ({ of, found }) => {
	expect(findChromium(of)).toBe(found);
});

test.each([
	{
		title: 'not wanted',
		of: machine('linux', { DISPLAY: ':0', PATH: '/b' }, ['/b/chromium']),
		isWanted: false,
		browser: { executable: null, missing: null },
	},
	{
		title: 'found, X11',
		of: machine('linux', { DISPLAY: ':0', PATH: '/b' }, ['/b/chromium']),
		isWanted: true,
		browser: { executable: '/b/chromium', missing: null },
	},
	{
		title: 'found, Wayland',
		of: machine('linux', { WAYLAND_DISPLAY: 'w', PATH: '/b' }, ['/b/chromium']),
		isWanted: true,
		browser: { executable: '/b/chromium', missing: null },
	},
	{
		title: 'no screen',
		of: machine('linux', { PATH: '/b' }, ['/b/chromium']),
		isWanted: true,
		browser: { executable: null, missing: expect.stringContaining('no screen') },
	},
	{
		title: 'none there',
		of: machine('linux', { DISPLAY: ':0', PATH: '/b' }, []),
		isWanted: true,
		browser: { executable: null, missing: expect.stringContaining('No Chromium') },
	},
	{
		title: 'a wrong name',
		of: machine('win32', { CHROMIUM: 'C:\\x' }, []),
		isWanted: true,
		browser: { executable: null, missing: expect.stringContaining('C:\\x') },
	},
])('the browser is chosen: $title', ({ of, isWanted, browser }) => {
	expect(chooseBrowser(of, isWanted)).toEqual(browser);
});
