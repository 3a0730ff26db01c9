/** `npm run demo`: the scripted shop day of test/demo, with what it needs built or installed first; arguments go to it. */
import { join } from 'node:path';
import { ensureChromium, ensureFonts } from './chromium.ts';
import { ensureBundle } from './ensure-bundle.ts';
import { ROOT } from './root.ts';
import { runNode } from './run-tool.ts';

ensureFonts();
process.env['CHROMIUM'] = ensureChromium();
await ensureBundle();
process.exitCode = (await runNode(join(ROOT, 'test/demo/main.ts'), process.argv.slice(2))) ?? 1;
