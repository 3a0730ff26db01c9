import path from 'node:path';
import { expect, test } from 'vitest';
import { defaultDataFolder, readHostArguments } from './host-arguments.ts';

const DATA = '/srv/data';

test('what is not said has its default', () => {
	expect(readHostArguments({}, DATA)).toEqual({
		ok: true,
		value: {
			dataFolder: path.resolve('/srv/data'),
			hqUrl: null,
			pairingCode: null,
			isTraining: false,
			locale: null,
			isFullScreen: false,
			keyFile: null,
			safety: { journalFolder: null, ballastBytes: 64 * 1024 ** 2, isLossAccepted: false },
		},
	});
});

test('of an address only the origin counts and folders become absolute', () => {
	const read = readHostArguments(
		{
			hq: 'https://hq.example:8443/x/?y#z',
			data: 'here',
			'key-file': 'key',
			pair: 'ABCD-1234',
			training: true,
			locale: 'en-GB',
			'full-screen': true,
			journal: 'stick',
			ballast: '0',
			recover: true,
		},
		DATA,
	);
	expect(read).toEqual({
		ok: true,
		value: {
			dataFolder: path.resolve('here'),
			hqUrl: 'https://hq.example:8443',
			pairingCode: 'ABCD-1234',
			isTraining: true,
			locale: 'en-GB',
			isFullScreen: true,
			keyFile: path.resolve('key'),
			safety: { journalFolder: path.resolve('stick'), ballastBytes: 0, isLossAccepted: true },
		},
	});
});

test.each([
	{ option: 'hq', values: { hq: 'ftp://hq.example' } },
	{ option: 'hq', values: { hq: 'hq.example' } },
	{ option: 'hq', values: { hq: 'javascript:alert(1)' } },
	{ option: 'pair', values: { pair: '' } },
	{ option: 'pair', values: { pair: 'x'.repeat(65) } },
	{ option: 'locale', values: { locale: 'no locale' } },
	{ option: 'data', values: { data: '' } },
	{ option: 'journal', values: { journal: '' } },
	{ option: 'ballast', values: { ballast: '-1' } },
	{ option: 'ballast', values: { ballast: '5000' } },
])('$values is refused by the name of its option', ({ option, values }) => {
	expect(readHostArguments(values, DATA)).toEqual({ ok: false, error: `--${option} has no value that it could have` });
});

test('each system has its place for data', () => {
	expect(defaultDataFolder({ XDG_STATE_HOME: '/var/state' }, 'linux')).toBe('/var/state/regulars');
	expect(defaultDataFolder({ XDG_STATE_HOME: 'relative' }, 'linux')).toMatch(/\/\.local\/state\/regulars$/);
	expect(defaultDataFolder({}, 'darwin')).toMatch(/Library\/Application Support\/Regulars$/);
	expect(defaultDataFolder({ LOCALAPPDATA: '/local' }, 'win32')).toBe(path.join('/local', 'Regulars'));
});
