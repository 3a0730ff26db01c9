import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What of the machine is asked; a test gives its own. Both throw when there is nothing. */
export type MachineAsked = {
	readonly platform: NodeJS.Platform;
	readonly readFile: (file: string) => string;
	readonly run: (program: string, args: readonly string[]) => string;
};

const ASK_MS_MAX = 3_000;
/** The operating system's id is not to leave the machine as it is: an HMAC under the program's own name does (machine-id(5)). */
const PURPOSE = 'regulars terminal device';

/** The files are those of machine-id(5); older systems have the second. */
const LINUX_FILES = ['/etc/machine-id', '/var/lib/dbus/machine-id'];
const WINDOWS_KEY = ['query', String.raw`HKLM\SOFTWARE\Microsoft\Cryptography`, '/v', 'MachineGuid'];
const MAC_QUERY = ['-rd1', '-c', 'IOPlatformExpertDevice'];

export const thisMachineAsked: MachineAsked = {
	platform: process.platform,
	readFile: (file) => readFileSync(file, 'utf8'),
	run: (program, args) => execFileSync(program, [...args], { encoding: 'utf8', timeout: ASK_MS_MAX, stdio: ['ignore', 'pipe', 'ignore'] }),
};

/**
 * Names this machine towards headquarters: 43 characters, the same after every start, another one on another machine even when the whole
 * data folder was copied. `null` when the system does not tell; a disk image that was rolled out without renewing its id names all its
 * copies alike, and headquarters then knows them apart by their numbers alone.
 */
export function readDeviceId(machine: MachineAsked): string | null {
	const id = readMachineId(machine);
	return id === null ? null : createHmac('sha256', id).update(PURPOSE).digest('base64url');
}

function readMachineId({ platform, readFile, run }: MachineAsked): string | null {
	if (platform === 'win32') return matched(run, ['reg', WINDOWS_KEY], /MachineGuid\s+REG_SZ\s+(\S+)/);
	if (platform === 'darwin') return matched(run, ['ioreg', MAC_QUERY], /"IOPlatformUUID" = "([^"]+)"/);
	for (const file of LINUX_FILES) {
		const id = attempt(() => readFile(file))?.trim() ?? '';
		// `uninitialized` stands there during the first boot.
		if (/^[0-9a-f]{32}$/.test(id)) return id;
	}
	return null;
}

function matched(run: MachineAsked['run'], [program, args]: readonly [string, readonly string[]], pattern: RegExp): string | null {
	return (attempt(() => run(program, args)) ?? '').match(pattern)?.[1] ?? null;
}

/** A machine that does not tell is an expected case, whatever its reason. */
function attempt(ask: () => string): string | null {
	try {
		return ask();
	} catch {
		// No such file, program or key: there is no id.
		return null;
	}
}
