import { join } from 'node:path';
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses';
import type { AfterPackContext } from 'electron-builder';

/**
 * Burns all nine fuses into the packed binary, strictly: a new Electron with a tenth fuse fails here until somebody has decided about it.
 * Called by electron-builder, whose own copy of @electron/fuses knows eight of them.
 */
export async function afterPack(context: AfterPackContext): Promise<void> {
	const executable = join(context.appOutDir, executableName(context));
	await flipFuses(executable, {
		version: FuseVersion.V1,
		strictlyRequireAllFuses: true,
		resetAdHocDarwinSignature: context.electronPlatformName === 'darwin',
		// No plain Node under our name, and no way to hand it code or a debugger from outside.
		[FuseV1Options.RunAsNode]: false,
		[FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
		// Playwright cannot drive a packed app without it: a build for end-to-end tests says so.
		[FuseV1Options.EnableNodeCliInspectArguments]: process.env['REGULARS_E2E_PACK'] === '1',
		// One way: an app that had it on cannot read its cookies with it off. We keep none that matter.
		[FuseV1Options.EnableCookieEncryption]: true,
		[FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
		[FuseV1Options.OnlyLoadAppFromAsar]: true,
		[FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
		[FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
		[FuseV1Options.WasmTrapHandlers]: true,
	});
}

function executableName(context: AfterPackContext): string {
	const { productFilename } = context.packager.appInfo;
	switch (context.electronPlatformName) {
		case 'darwin':
			return `${productFilename}.app`;
		case 'win32':
			return `${productFilename}.exe`;
		default:
			return context.packager.config.linux?.executableName ?? productFilename;
	}
}
