import { mkdtemp, rm, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { contentSecurityPolicy, PATH_LENGTH_MAX, readAsset, readStyleHashes, resolveAsset, securityHeaders } from './assets.ts';

let root: string;

beforeAll(async () => {
	const folder = await mkdtemp(path.join(tmpdir(), 'assets-'));
	root = path.join(folder, 'renderer');
	await mkdir(path.join(root, 'assets'), { recursive: true });
	await writeFile(path.join(root, 'index.html'), '<!doctype html>');
	await writeFile(path.join(root, 'assets', 'app.js'), 'export {}');
	await writeFile(path.join(root, 'assets', 'app.js.map'), '{}');
	await writeFile(path.join(folder, 'secret.js'), 'secret');
});

afterAll(async () => {
	await rm(path.dirname(root), { recursive: true });
});

test('the root is the page and files below it have their types', async () => {
	expect(await readAsset(root, '/')).toMatchObject({ type: 'text/html; charset=utf-8' });
	expect(await readAsset(root, '/assets/app.js')).toMatchObject({ type: 'text/javascript; charset=utf-8' });
	expect(Buffer.from((await readAsset(root, '/index.html'))?.body ?? []).toString()).toBe('<!doctype html>');
});

test.each([
	'/../secret.js',
	'/..%2fsecret.js',
	'/%2e%2e/secret.js',
	'/%2e%2e%2fsecret.js',
	'/assets/../../secret.js',
	'/assets/..%2f..%2fsecret.js',
	'/..%5csecret.js',
	'/..\\secret.js',
	'//secret.js',
	'/%252e%252e/secret.js',
	'/assets/app.js%00.html',
	'/%',
	'secret.js',
	'',
	'/assets/../index.html',
	'/./index.html',
])('%s is nothing', async (pathname) => {
	expect(await readAsset(root, pathname)).toBeNull();
});

test('files of other kinds, folders, missing files and endless paths are nothing', async () => {
	const pathnames = [
		'/assets/app.js.map',
		'/csp-hashes.json',
		'/assets',
		'/assets/',
		'/none.js',
		'/index.html/x.js',
		`/${'a'.repeat(PATH_LENGTH_MAX)}.js`,
	];
	for (const pathname of pathnames) expect(await readAsset(root, pathname)).toBeNull();
});

test('a name that only begins like the root stays outside', () => {
	expect(resolveAsset('/srv/renderer', '/../renderer-old/app.js')).toBeNull();
	expect(resolveAsset('/srv/renderer', '/app.js')?.path).toBe(path.resolve('/srv/renderer/app.js'));
});

test('the policy allows nothing inline and nothing foreign', () => {
	const policy = contentSecurityPolicy([]);
	expect(policy).toContain("default-src 'none'");
	expect(policy).toContain("require-trusted-types-for 'script'");
	expect(policy).not.toMatch(/unsafe|https?:|\*/);
	expect(policy).not.toContain('allow-popups');
	expect(contentSecurityPolicy(['sha256-abc='])).toContain("style-src 'self' 'sha256-abc=';");
});

test('the header set is complete', () => {
	expect(Object.keys(securityHeaders([])).toSorted()).toEqual([
		'Cache-Control',
		'Content-Security-Policy',
		'Cross-Origin-Opener-Policy',
		'Cross-Origin-Resource-Policy',
		'Permissions-Policy',
		'Referrer-Policy',
		'X-Content-Type-Options',
	]);
});

test('style hashes come from the build and are checked', async () => {
	expect(await readStyleHashes(root)).toEqual([]);
	const file = path.join(root, 'csp-hashes.json');
	await writeFile(file, '["sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="]');
	expect(await readStyleHashes(root)).toEqual(['sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=']);
	await writeFile(file, `["sha256-x' 'unsafe-inline"]`);
	await expect(readStyleHashes(root)).rejects.toThrow('Invalid string');
	await rm(file);
});
