import { electronBinary } from '../electron-binary.ts';

export const HOST_NAMES = ['kiosk', 'electron'] as const;

/** A host that the end-to-end specs run on; `binary` is Electron's. */
export type E2eHost = { readonly name: 'kiosk' } | { readonly name: 'electron'; readonly binary: string };

export type Machine = {
	/** The repository's root folder. */
	readonly root: string;
	readonly platform: NodeJS.Platform;
	readonly environment: Readonly<Record<string, string | undefined>>;
};

/**
 * The hosts that this machine can run the specs on, and in one sentence why one of them is left out. Throws that sentence when the
 * variable REGULARS_REQUIRE_ELECTRON is set: a machine that is there for Electron must not pass without it.
 */
export function chooseHosts(machine: Machine): { readonly hosts: readonly E2eHost[]; readonly leftOut: string | null } {
	const binary = electronBinary(machine.root, machine.environment);
	const reason = whyNoElectron(machine, binary);
	if (binary !== null && reason === null) return { hosts: [{ name: 'kiosk' }, { name: 'electron', binary }], leftOut: null };
	const leftOut = `The specs do not run on Electron here: ${reason ?? ''}.`;
	if (isSet(machine, 'REGULARS_REQUIRE_ELECTRON')) throw new Error(leftOut);
	return { hosts: [{ name: 'kiosk' }], leftOut };
}

function whyNoElectron(machine: Machine, binary: string | null): string | null {
	if (binary === null) return 'its binary is not in node_modules/electron/dist (npx install-electron downloads it)';
	if (machine.platform === 'linux' && !isSet(machine, 'DISPLAY') && !isSet(machine, 'WAYLAND_DISPLAY'))
		return 'there is no screen for its window (xvfb-run makes one)';
	return null;
}

function isSet({ environment }: Machine, name: string): boolean {
	return (environment[name] ?? '') !== '';
}
