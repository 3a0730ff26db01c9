import { expect, test } from 'vitest';
import { readKioskArguments, USAGE } from './kiosk-arguments.ts';

const DATA = '/srv/data';

test('the defaults open a window on any free port', () => {
	expect(readKioskArguments([], DATA)).toMatchObject({
		ok: true,
		value: { port: 0, isWindowWanted: true, isFullScreen: false, isTraining: false },
	});
});

test('every option of the usage is understood', () => {
	const options = [...USAGE.matchAll(/^ {2}(--[a-z-]+)( [A-Z]+)? /gm)].map(([, name = '', value]) => ({ name, value }));
	expect(options).toHaveLength(12);
	const values: Record<string, string> = {
		'--data': '/d',
		'--hq': 'http://127.0.0.1:8080',
		'--pair': 'CODE',
		'--locale': 'hu',
		'--port': '8123',
		'--key-file': '/k',
		'--journal': '/j',
		'--ballast': '8',
	};
	const args = options.flatMap(({ name, value }) => (value === undefined ? [name] : [name, values[name] ?? '']));
	expect(readKioskArguments(args, DATA)).toEqual({
		ok: true,
		value: {
			dataFolder: '/d',
			hqUrl: 'http://127.0.0.1:8080',
			pairingCode: 'CODE',
			isTraining: true,
			locale: 'hu',
			keyFile: '/k',
			safety: { journalFolder: '/j', ballastBytes: 8 * 1024 ** 2, isLossAccepted: true },
			port: 8123,
			isWindowWanted: false,
			isFullScreen: true,
		},
	});
});

test.each([[['--unknown']], [['file']], [['--data']], [['--port', '70000']], [['--port', 'x']], [['--hq', 'nowhere']]])(
	'%j is refused with a sentence',
	(args) => {
		const read = readKioskArguments(args, DATA);
		expect(read).toEqual({ ok: false, error: expect.stringMatching(/\w+ .*\w/) });
	},
);
