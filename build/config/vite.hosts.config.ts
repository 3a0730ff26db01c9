import { join } from 'node:path';
import type { InlineConfig } from 'vite';

const root = join(import.meta.dirname, '../..');

/** Electron gives `electron`; sqlite3 is native and is shipped beside the bundle. The other two are speed-ups of ws that we do without. */
const EXTERNAL = ['electron', 'sqlite3', 'bufferutil', 'utf-8-validate'];

type HostBundle = { readonly entry: string; readonly file: string; readonly format: 'cjs' | 'es' };

/**
 * One file per program with all its packages in it, so that the package needs no node_modules but sqlite3's. Not minified: a stack trace from a
 * shop is read by people. CommonJS where Electron wants it: a sandboxed preload cannot be an ES module, and an ES main may run after `ready`.
 */
export const hostBundles = {
	electron: [
		{ entry: 'main/electron/main.ts', file: 'main.cjs', format: 'cjs' },
		{ entry: 'main/electron/preload.ts', file: 'preload.cjs', format: 'cjs' },
	],
	kiosk: [{ entry: 'main/kiosk/main.ts', file: 'main.mjs', format: 'es' }],
} as const satisfies Record<string, readonly HostBundle[]>;

/** Vite's configuration of one program, written to `outDir`. */
export function hostConfig(bundle: HostBundle, outDir: string): InlineConfig {
	return {
		configFile: false,
		root,
		logLevel: 'warn',
		publicDir: false,
		ssr: { target: 'node', noExternal: true, external: EXTERNAL },
		build: {
			ssr: true,
			target: 'node24',
			outDir,
			emptyOutDir: false,
			minify: false,
			sourcemap: false,
			// Their licences ask to be passed on with the code.
			license: { fileName: `${bundle.file}.licenses.md` },
			rolldownOptions: {
				input: join(root, bundle.entry),
				external: EXTERNAL,
				output: { format: bundle.format, entryFileNames: bundle.file, codeSplitting: false },
			},
		},
	};
}
