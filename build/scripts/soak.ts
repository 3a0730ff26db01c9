/** `npm run soak`: events through a bad line with terminals and headquarters killed again and again (test/soak); arguments go to it. */
import { join } from 'node:path';
import { ROOT } from './root.ts';
import { runNode } from './run-tool.ts';

process.exitCode = (await runNode(join(ROOT, 'test/soak/main.ts'), process.argv.slice(2))) ?? 1;
