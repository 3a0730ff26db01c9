import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { securityHeaders } from '../assets.ts';
import { APP_PRIVILEGES, createAppHandler, isOwnUrl } from './app-scheme.ts';

let assetsRoot: string;

beforeAll(async () => {
	assetsRoot = await mkdtemp(path.join(tmpdir(), 'app-scheme-'));
	await writeFile(path.join(assetsRoot, 'index.html'), '<!doctype html>');
	await writeFile(path.join(assetsRoot, 'app.js'), 'export {}');
	await writeFile(path.join(assetsRoot, 'app.js.map'), '{}');
});

afterAll(async () => {
	await rm(assetsRoot, { recursive: true });
});

test.each([
	['app://regulars/', true],
	['app://regulars/index.html?x#y', true],
	['app://regulars.evil/', false],
	['app://regularsx/', false],
	['app://evil/', false],
	['app://regulars@evil/', false],
	['app://user@regulars/', false],
	['app://:secret@regulars/', false],
	['app://regulars:80/', false],
	['app:regulars/', false],
	['apps://regulars/', false],
	['http://regulars/', false],
	['https://evil.example/app://regulars/', false],
	['javascript:alert(1)//app://regulars/', false],
	['file:///app/regulars/', false],
	['data:text/html,app://regulars/', false],
	['blob:app://regulars/1', false],
	['about:blank', false],
	['', false],
])('%s is ours: %s', (url, isOwn) => {
	expect(isOwnUrl(url)).toBe(isOwn);
});

test('the page comes with the headers of the kiosk host', async () => {
	const handle = createAppHandler({ assetsRoot, styleHashes: ['sha256-abc='] });
	const response = await handle({ url: 'app://regulars/', method: 'GET' });
	expect(response.status).toBe(200);
	expect(await response.text()).toBe('<!doctype html>');
	expect(Object.fromEntries(response.headers)).toEqual({
		...Object.fromEntries(Object.entries(securityHeaders(['sha256-abc='])).map(([name, value]) => [name.toLowerCase(), value])),
		'content-type': 'text/html; charset=utf-8',
	});
});

test.each([
	{ url: 'app://regulars.evil/', method: 'GET', status: 403 },
	{ url: 'app://regulars/', method: 'POST', status: 405 },
	{ url: 'app://regulars/none.js', method: 'GET', status: 404 },
	{ url: 'app://regulars/app.js.map', method: 'GET', status: 404 },
	{ url: 'app://regulars/..%2f..%2fetc/passwd', method: 'GET', status: 404 },
	{ url: 'app://regulars/%2e%2e%2fapp.js', method: 'GET', status: 404 },
	{ url: 'app://regulars/..%5capp.js', method: 'GET', status: 404 },
	{ url: 'app://regulars/app.js%00.html', method: 'GET', status: 404 },
	{ url: 'app://regulars/app.js?v=1', method: 'GET', status: 200 },
])('$method $url is $status and keeps the headers', async ({ url, method, status }) => {
	const response = await createAppHandler({ assetsRoot, styleHashes: [] })({ url, method });
	expect(response.status).toBe(status);
	expect(response.headers.get('content-security-policy')).toBe(securityHeaders([])['Content-Security-Policy']);
});

test('the scheme gets no right to go around the policy', () => {
	expect(APP_PRIVILEGES).toEqual({
		scheme: 'app',
		privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
	});
});
