import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLogFile } from './log-file.ts';

let folder: string;
let file: string;

beforeEach(async () => {
	folder = await mkdtemp(path.join(tmpdir(), 'log-file-'));
	file = path.join(folder, 'logs', 'terminal.log');
});

afterEach(async () => {
	await rm(folder, { recursive: true });
});

async function readLines(name: string): Promise<{ level: string; msg: string; time: string; err?: { message: string } }[]> {
	const text = await readFile(name, 'utf8');
	return text
		.trim()
		.split('\n')
		.map((line) => JSON.parse(line));
}

test('a line is on disk when the call returns, with the error in it', async () => {
	const log = openLogFile(file);
	log.logger.error({ err: new Error('boom') }, 'failed');
	const [line] = await readLines(file);
	expect(line).toMatchObject({ level: 'error', msg: 'failed', err: { message: 'boom' } });
	expect(line?.time).toMatch(/^\d{4}-\d\d-\d\dT/);
	log.close();
});

test('a second run goes on in the same file', async () => {
	for (const message of ['first', 'second']) {
		const log = openLogFile(file);
		log.logger.info({}, message);
		log.close();
	}
	expect((await readLines(file)).map((line) => line.msg)).toEqual(['first', 'second']);
});

test('the files never hold more than twice the limit and the newest lines stay', async () => {
	const log = openLogFile(file, 1_000);
	for (let count = 0; count < 100; count += 1) log.logger.info({ count }, 'line');
	expect((await stat(file)).size).toBeLessThanOrEqual(1_000);
	expect((await stat(`${file}.1`)).size).toBeLessThanOrEqual(1_000);
	expect((await readFile(file, 'utf8')).trim().split('\n').at(-1)).toContain('"count":99');
	log.close();
});

test('a line after the end is dropped', async () => {
	const log = openLogFile(file);
	log.close();
	log.logger.info({}, 'late');
	expect((await stat(file)).size).toBe(0);
});
