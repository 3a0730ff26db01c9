/** `npm run bench`: the benchmarks of test/bench; arguments go to them. */
import { join } from 'node:path';
import { build } from 'vite';
import { hostConfig } from '../config/vite.hosts.config.ts';
import { ROOT } from './root.ts';
import { runNode } from './run-tool.ts';

// The terminal is measured as it is shipped, in one file; of three hundred its start would take half a second longer.
await build(
	hostConfig({ entry: 'test/bench/programs/terminal.ts', file: 'terminal.mjs', format: 'es' }, join(ROOT, '.cache/bench/bundle')),
);
process.exitCode = (await runNode(join(ROOT, 'test/bench/main.ts'), process.argv.slice(2))) ?? 1;
