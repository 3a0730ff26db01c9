import { randomUUID } from 'node:crypto';
import { inject } from 'vitest';
import { execute } from './postgres.ts';

/** Before each test file of the project `postgresql`: an empty database of its own, under the name by which the suites look for one. */
const server = inject('postgresUrl');
const name = `regulars_${randomUUID().replaceAll('-', '')}`;
await execute(server, `CREATE DATABASE ${name}`);
process.env['REGULARS_TEST_DATABASE_URL'] = server.replace(/postgres$/, name);
