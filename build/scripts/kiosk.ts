/** `npm run kiosk`: the terminal alone, in a Chromium window; arguments go to the kiosk host. */
import { join } from 'node:path';
import { ensureBundle } from './ensure-bundle.ts';
import { ROOT } from './root.ts';
import { runNode } from './run-tool.ts';

await ensureBundle();
process.exitCode = (await runNode(join(ROOT, 'main/kiosk/main.ts'), process.argv.slice(2))) ?? 1;
