/**
 * The import table of build/config/walls.json: its shape, and what it says about one file.
 * The same table makes the linter's walls (generate-walls.ts) and feeds the architecture test.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ROOT } from './root.ts';

const Zone = z.strictObject({
	may: z.array(z.string()),
	/** Packages from npm and Node that this zone may import; absent means all that `packages` of the table does not refuse. */
	packages: z.array(z.string()).optional(),
	/** Folders directly in this zone may not import each other (one folder per screen). */
	foldersApart: z.boolean().optional(),
});

const Walls = z.strictObject({
	$comment: z.string(),
	groups: z.record(z.string(), z.array(z.string())),
	zones: z.record(z.string(), Zone),
	packages: z.record(z.string(), z.array(z.string())),
});

export type Walls = {
	/** By zone path, groups resolved. */
	readonly zones: ReadonlyMap<string, ZoneRule>;
	/** Package name → the paths that may import it. */
	readonly packages: ReadonlyMap<string, readonly string[]>;
};
export type ZoneRule = { readonly may: ReadonlySet<string>; readonly foldersApart: boolean };

/** Reads and checks the table. Throws on a name that no row has. */
export function readWalls(): Walls {
	const table = Walls.parse(JSON.parse(readFileSync(join(ROOT, 'build/config/walls.json'), 'utf8')));
	const resolve = (name: string): string[] => {
		if (name.startsWith('@')) {
			const members = table.groups[name];
			if (members === undefined) throw new Error(`walls.json: no group ${name}`);
			return members.flatMap(resolve);
		}
		if (table.zones[name] === undefined) throw new Error(`walls.json: no zone ${name}`);
		return [name];
	};
	const zones = new Map<string, ZoneRule>();
	for (const [path, zone] of Object.entries(table.zones)) {
		zones.set(path, { may: new Set(zone.may.flatMap(resolve)), foldersApart: zone.foldersApart === true });
	}
	return { zones, packages: new Map(Object.entries(table.packages)) };
}
