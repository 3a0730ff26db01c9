import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { PROJECT_ROOT } from '../support/child.ts';
import { toTable } from './figures.ts';
import { runQuick } from './quick.ts';

/** `npm run bench -- quick [--members N]`: figures to the screen and to `.cache/bench/quick.{json,md}`. */
const { values, positionals } = parseArgs({ allowPositionals: true, options: { members: { type: 'string', default: '1000000' } } });
const suite = positionals[0] ?? 'quick';
const rows = Number(values.members);
if (suite !== 'quick' || !Number.isInteger(rows) || rows < 1_000 || rows > 10_000_000) {
	console.error('Usage: npm run bench -- quick [--members 1000…10000000]');
	process.exit(2);
}
const folder = join(PROJECT_ROOT, '.cache/bench');
await mkdir(folder, { recursive: true });
const figures = await runQuick(rows, folder);
const table = toTable(`Quick, ${rows.toLocaleString('en-US')} members`, figures);
await writeFile(join(folder, 'quick.json'), `${JSON.stringify(figures, null, '\t')}\n`);
await writeFile(join(folder, 'quick.md'), table);
console.log(table);
process.exit(0);
