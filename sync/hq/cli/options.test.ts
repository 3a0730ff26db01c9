import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DEFAULT_PROGRAMME } from '../programme.ts';
import { readCliOptions } from './options.ts';

const folder = mkdtempSync(join(tmpdir(), 'regulars-cli-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, content: string): string {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
}

test('nothing serves on this machine with the defaults', () => {
	expect(readCliOptions([])).toEqual({
		ok: true,
		value: {
			command: 'serve',
			host: '127.0.0.1',
			port: 4790,
			dataDir: '.data/hq',
			members: null,
			operatorKey: null,
			isUnsigned: false,
			isRestored: false,
			isVerbose: false,
			newTerminals: [],
			programme: null,
			importFile: null,
			ask: [],
		},
	});
});

test('an operator’s command keeps its words', () => {
	expect(readCliOptions(['merge', 'A', 'B', '--port', '5000'])).toMatchObject({
		ok: true,
		value: { command: 'ask', ask: ['merge', 'A', 'B'], port: 5000 },
	});
});

test('every option is read', () => {
	const programme = file('programme.json', JSON.stringify(DEFAULT_PROGRAMME));
	const args = [
		'--host',
		'0.0.0.0',
		'--port',
		'0',
		'--data',
		'x',
		'--members',
		'100',
		'--api-key',
		'K',
		'--secret',
		'a-secret-of-sixteen',
		'--import',
		'm.csv',
		'--programme',
		programme,
		'--restored',
		'--verbose',
	];
	const terminals = ['--new-terminal', 'S01/Station Road/T1/Counter 1', '--new-terminal', 'S02/Harbour/T2/Bar'];
	expect(readCliOptions([...args, ...terminals])).toMatchObject({
		ok: true,
		value: {
			host: '0.0.0.0',
			port: 0,
			dataDir: 'x',
			members: 100,
			operatorKey: { apiKey: 'K', apiSecret: 'a-secret-of-sixteen' },
			importFile: 'm.csv',
			programme: DEFAULT_PROGRAMME,
			isRestored: true,
			isVerbose: true,
			newTerminals: [
				{ outlet: { id: 'S01', code: 'S01', name: 'Station Road' }, terminal_code: 'T1', terminal_name: 'Counter 1' },
				{ outlet: { code: 'S02' }, terminal_code: 'T2', terminal_name: 'Bar' },
			],
		},
	});
});

test('import is a command of its own', () => {
	expect(readCliOptions(['import', 'm.csv', '--data', 'x'])).toMatchObject({
		ok: true,
		value: { command: 'import', importFile: 'm.csv', dataDir: 'x' },
	});
	expect(readCliOptions(['--help', 'whatever'])).toMatchObject({ ok: true, value: { command: 'help' } });
});

test.each<[string[], RegExp]>([
	[['--port', 'x'], /--port is a number/],
	[['--port', '70000'], /--port is 0 – 65535/],
	[['--port', '1.5'], /--port is a whole number/],
	[['--members', '-1'], /--members/],
	[['--members', '99999999'], /--members is at most/],
	[['--api-key', 'K'], /belong together/],
	[['--secret', 'a-secret-of-sixteen'], /belong together/],
	[['--api-key', 'a b', '--secret', 'a-secret-of-sixteen'], /--api-key/],
	[['--api-key', 'K', '--secret', 'short'], /--secret has at least 16/],
	[['--unsigned', '--host', '0.0.0.0'], /this machine only/],
	[['--new-terminal', 'S01/Station Road/T1'], /expected CODE/],
	[['--new-terminal', 's01/Station Road/T1/x'], /expected CODE/],
	[['--new-terminal', 'S01//T1/x'], /expected CODE/],
	[['--programme', '/nowhere.json'], /cannot be read/],
	[['--programme', file('text.json', 'text')], /is not JSON/],
	[['--programme', file('wrong.json', JSON.stringify({ ...DEFAULT_PROGRAMME, currency: 'euro' }))], /currency/],
	[['serve'], /"serve" is no command/],
	[['import'], /one file/],
	[['import', 'a', 'b'], /one file/],
	[['--colour'], /colour/],
])('%j is refused with a sentence', (args, sentence) => {
	const options = readCliOptions(args);
	expect(options).toMatchObject({ ok: false, error: expect.stringMatching(sentence) });
});
