import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseHosts, type Machine } from './e2e-hosts.ts';
import { electronBinary } from '../electron-binary.ts';

const KIOSK = { name: 'kiosk' };
let root: string;

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'regulars-hosts-'));
});
afterEach(() => {
	rmSync(root, { recursive: true });
});

/** A checkout after `npm ci`, with as much of Electron as is named. */
function install(...parts: ('package' | 'path.txt' | 'binary')[]): string {
	const folder = join(root, 'node_modules/electron');
	if (parts.length > 0) mkdirSync(join(folder, 'dist'), { recursive: true });
	// As a download would be noticed: a package that is loaded fails the test.
	writeFileSync(join(root, 'package.json'), '{}');
	if (parts.includes('package')) writeFileSync(join(folder, 'index.js'), 'throw new Error("loaded");');
	if (parts.includes('path.txt')) writeFileSync(join(folder, 'path.txt'), 'electron');
	if (parts.includes('binary')) writeFileSync(join(folder, 'dist/electron'), '');
	return join(folder, 'dist/electron');
}

function machine(environment: Machine['environment'] = { DISPLAY: ':0' }, platform: NodeJS.Platform = 'linux'): Machine {
	return { root, platform, environment };
}

test('with the binary and a screen the specs run on both hosts', () => {
	const binary = install('package', 'path.txt', 'binary');
	expect(chooseHosts(machine())).toEqual({ hosts: [KIOSK, { name: 'electron', binary }], leftOut: null });
	expect(chooseHosts(machine({ WAYLAND_DISPLAY: 'wayland-0' })).hosts).toHaveLength(2);
	expect(chooseHosts(machine({}, 'darwin')).hosts).toHaveLength(2);
});

test.each([
	['nothing', []],
	['the package as npm leaves it', ['package']],
	['a download that was cut short', ['package', 'binary']],
	['a binary that was removed', ['package', 'path.txt']],
] as const)('with %s of Electron the specs run on the kiosk host, and one sentence says why', (_what, parts) => {
	install(...parts);
	const { hosts, leftOut } = chooseHosts(machine());
	expect(hosts).toEqual([KIOSK]);
	expect(leftOut).toMatch(/^[^\n]*binary is not in node_modules\/electron\/dist[^\n]*$/);
});

test('without a screen Electron is left out on Linux', () => {
	install('package', 'path.txt', 'binary');
	expect(chooseHosts(machine({ DISPLAY: '' }))).toEqual({ hosts: [KIOSK], leftOut: expect.stringContaining('no screen') });
});

test('where Electron is required its absence is an error', () => {
	install('package');
	expect(() => chooseHosts(machine({ REGULARS_REQUIRE_ELECTRON: '1', DISPLAY: ':0' }))).toThrow('binary is not in');
	install('package', 'path.txt', 'binary');
	expect(() => chooseHosts(machine({ REGULARS_REQUIRE_ELECTRON: '1' }))).toThrow('no screen');
	expect(chooseHosts(machine({ REGULARS_REQUIRE_ELECTRON: '1', DISPLAY: ':0' })).hosts).toHaveLength(2);
});

test('another folder of Electron goes before the installed one', () => {
	install('package', 'path.txt', 'binary');
	const other = join(root, 'other');
	expect(electronBinary(root, { ELECTRON_OVERRIDE_DIST_PATH: other })).toBeNull();
	mkdirSync(other);
	writeFileSync(join(other, 'electron'), '');
	expect(electronBinary(root, { ELECTRON_OVERRIDE_DIST_PATH: other })).toBe(join(other, 'electron'));
});
