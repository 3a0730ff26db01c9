import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from '#shared/wire/protocol-version.ts';

/**
 * The wire and the bridge cannot change unnoticed: the JSON Schema of everything that they export, and every constant beside it, is
 * hashed and pinned to the protocol version in `fixtures/schema-hashes.json`.
 */
const SHARED = new URL('../../shared/', import.meta.url);
const PINNED_FILE = 'test/contract/fixtures/schema-hashes.json';
const PinnedSchema = z.object({ protocolVersion: z.int(), wire: z.string(), bridge: z.string() });
const pinned = PinnedSchema.parse(JSON.parse(readFileSync(new URL('./fixtures/schema-hashes.json', import.meta.url), 'utf8')));

/** Everything that the modules of `folder` export, as plain data with sorted keys. Functions are behaviour, not form. */
async function describe(folder: string): Promise<Record<string, unknown>> {
	const described: Record<string, unknown> = {};
	const files = readdirSync(new URL(folder, SHARED)).filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'));
	for (const name of files.toSorted()) {
		const exported: Record<string, unknown> = await import(new URL(`${folder}/${name}`, SHARED).href);
		for (const [key, value] of Object.entries(exported)) {
			if (typeof value !== 'function' && key !== 'PROTOCOL_VERSION') described[`${name}#${key}`] = toPlain(value);
		}
	}
	return described;
}

function toPlain(value: unknown): unknown {
	if (value instanceof z.ZodType) return { input: z.toJSONSchema(value, { io: 'input' }), output: z.toJSONSchema(value, { io: 'output' }) };
	if (Array.isArray(value)) return value.map(toPlain);
	if (typeof value === 'object' && value !== null)
		return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toPlain(item)]));
	return value;
}

function sortKeys(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(sortKeys);
	if (typeof value !== 'object' || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.toSorted(([one], [other]) => (one < other ? -1 : 1))
			.map(([key, item]) => [key, sortKeys(item)]),
	);
}

function hashOf(described: unknown): string {
	return createHash('sha256')
		.update(JSON.stringify(sortKeys(described)))
		.digest('hex')
		.slice(0, 16);
}

function whatToDo(what: 'wire' | 'bridge', hash: string): string {
	const update = `put "${what}": "${hash}" into ${PINNED_FILE}`;
	if (what === 'bridge') return `shared/bridge has changed. If that is meant, ${update}.`;
	return [
		`shared/wire has changed while PROTOCOL_VERSION is ${PROTOCOL_VERSION}.`,
		'Terminals of this version are out there: raise PROTOCOL_VERSION, add a line to the history in shared/wire/protocol-version.ts that',
		`says what changed and why the version before still works, then ${update} together with the new "protocolVersion".`,
	].join(' ');
}

test('the schemas of the wire are those of the protocol version', async () => {
	const hash = hashOf(await describe('wire'));
	expect(hash === pinned.wire ? 'unchanged' : whatToDo('wire', hash)).toBe('unchanged');
	expect(pinned.protocolVersion).toBe(PROTOCOL_VERSION);
});

test('the schemas of the bridge are the pinned ones', async () => {
	const hash = hashOf(await describe('bridge'));
	expect(hash === pinned.bridge ? 'unchanged' : whatToDo('bridge', hash)).toBe('unchanged');
});

test('the hash sees every module and notices one changed limit', async () => {
	const wire = await describe('wire');
	const modules = new Set(Object.keys(wire).map((key) => key.split('#')[0]));
	expect(modules).toContain('push.ts');
	expect(modules).toContain('limits.ts');
	expect(modules.size).toBeGreaterThanOrEqual(13);
	expect(hashOf({ ...wire, 'limits.ts#PUSH_EVENTS_MAX': 501 })).not.toBe(hashOf(wire));
	expect(hashOf(toPlain({ A: z.string().max(5) }))).not.toBe(hashOf(toPlain({ A: z.string().max(6) })));
	expect(hashOf(toPlain({ A: z.string(), B: z.int() }))).toBe(hashOf(toPlain({ B: z.int(), A: z.string() })));
});

test('every protocol version up to this one has its line in the history', () => {
	const source = readFileSync(new URL('wire/protocol-version.ts', SHARED), 'utf8');
	const versions = [...source.matchAll(/^ \* (\d+) {2}\S/gm)].map(([, version]) => Number(version));
	expect(versions).toEqual(Array.from({ length: PROTOCOL_VERSION }, (_, index) => index + 1));
	expect(PROTOCOL_VERSION_MIN).toBeLessThanOrEqual(PROTOCOL_VERSION);
	expect(PROTOCOL_VERSION_MIN).toBeGreaterThanOrEqual(PROTOCOL_VERSION - 1);
});
