/** `npm run bench`: the benchmarks of test/bench; arguments go to them. */
import { join } from 'node:path';
import { ensureBundle } from './ensure-bundle.ts';
import { ROOT } from './root.ts';
import { runNode } from './run-tool.ts';

await ensureBundle();
process.exitCode = (await runNode(join(ROOT, 'test/bench/main.ts'), process.argv.slice(2))) ?? 1;
