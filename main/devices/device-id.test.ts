import { expect, test } from 'vitest';
import { readDeviceId, thisMachineAsked } from './device-id.ts';
import type { MachineAsked } from './device-id.ts';

const ID = '0123456789abcdef0123456789abcdef';

function machine(given: Partial<MachineAsked>): MachineAsked {
	const nothing = (): never => {
		throw new Error('there is nothing');
	};
	return { platform: 'linux', readFile: nothing, run: nothing, ...given };
}

function linux(files: Readonly<Record<string, string>>): MachineAsked {
	return machine({
		readFile: (file) => {
			const text = files[file];
			if (text === undefined) throw new Error(`no ${file}`);
			return text;
		},
	});
}

test('is the same for the same machine, another for another, and gives nothing of the machine away', () => {
	const one = readDeviceId(linux({ '/etc/machine-id': `${ID}\n` }));
	expect(one).toMatch(/^[A-Za-z0-9_-]{43}$/);
	expect(readDeviceId(linux({ '/etc/machine-id': ID }))).toBe(one);
	expect(readDeviceId(linux({ '/etc/machine-id': ID.replace('0', '1') }))).not.toBe(one);
	expect(one).not.toContain(ID.slice(0, 8));
});

test('an older system keeps it elsewhere', () => {
	expect(readDeviceId(linux({ '/etc/machine-id': 'uninitialized\n', '/var/lib/dbus/machine-id': ID }))).toBe(
		readDeviceId(linux({ '/etc/machine-id': ID })),
	);
});

test('Windows and macOS are asked by their own programs', () => {
	const guid = '8c27a5c1-7c2b-4d0c-9d5e-1f1f6d1c0a11';
	const windows = machine({
		platform: 'win32',
		run: (program, args) => (program === 'reg' && args.includes('MachineGuid') ? `\r\n    MachineGuid    REG_SZ    ${guid}\r\n` : ''),
	});
	const mac = machine({ platform: 'darwin', run: (program) => (program === 'ioreg' ? `  "IOPlatformUUID" = "${guid}"\n` : '') });
	expect(readDeviceId(windows)).toMatch(/^[A-Za-z0-9_-]{43}$/);
	expect(readDeviceId(mac)).toBe(readDeviceId(windows));
});

test('a machine that does not tell has none', () => {
	expect(readDeviceId(machine({}))).toBeNull();
	expect(readDeviceId(machine({ platform: 'win32' }))).toBeNull();
	expect(readDeviceId(machine({ platform: 'darwin', run: () => 'nothing of the kind' }))).toBeNull();
});

test('this machine answers twice the same', () => {
	expect(readDeviceId(thisMachineAsked)).toBe(readDeviceId(thisMachineAsked));
});
