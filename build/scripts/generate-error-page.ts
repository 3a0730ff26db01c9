/** Writes shared/errors/README.md, the manual's page of error codes, from the comments of the registry. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './root.ts';

const REGISTRY = 'shared/errors/error-codes.ts';

const HEAD = `# Error codes

What a cashier may be told, and what support does with it. The code stands in the corner of every message.
This page is made from the comments of \`${REGISTRY}\` by \`node build/scripts/generate-error-page.ts\`; the cashier's sentences are in \`renderer/text/errors.ts\`.

Each entry says what happened, whether it is normal, what the cashier does, and whether data is at risk. A code exists only if the right response differs.

| code | what it means |
| --- | --- |
`;

const text = readFileSync(join(ROOT, REGISTRY), 'utf8');
const rows = [...text.matchAll(/\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*'([A-Z]+-\d{3})'/g)].map(
	([, comment = '', code = '']) => `| \`${code}\` | ${comment.trim().replaceAll('|', '\\|')} |\n`,
);
if (rows.length === 0) throw new Error(`${REGISTRY} has no codes that this script can read`);
writeFileSync(join(ROOT, 'shared/errors/README.md'), HEAD + rows.join(''));
