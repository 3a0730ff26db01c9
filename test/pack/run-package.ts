import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { PROJECT_ROOT } from '../support/child.ts';

const run = promisify(execFile);
const OUTPUT_BYTES_MAX = 10_000_000;

/** Runs a script of build/scripts as a person would, with the Node that runs the tests. Rejects with its output when it fails. */
export async function runScript(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
	const { stdout } = await run(process.execPath, [`${PROJECT_ROOT}build/scripts/${name}`, ...args], {
		cwd: PROJECT_ROOT,
		env: { ...process.env, ...env },
		maxBuffer: OUTPUT_BYTES_MAX,
	});
	return stdout;
}

/** Burns the fuses of the binary in `folder` with the hook that electron-builder calls. Rejects with its words when it refuses. */
export async function burnFuses(folder: string, executableName: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
	const context = {
		appOutDir: folder,
		electronPlatformName: 'linux',
		packager: { appInfo: { productFilename: 'Regulars' }, config: { linux: { executableName } } },
	};
	const script = `import { afterPack } from './build/scripts/after-pack.ts'; await afterPack(${JSON.stringify(context)});`;
	await run(process.execPath, ['--input-type=module', '-e', script], { cwd: PROJECT_ROOT, env: { ...process.env, ...env } });
}
