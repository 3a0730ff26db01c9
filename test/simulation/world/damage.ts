import { MemberIdSchema } from '#shared/domain/ids.ts';
import { DIGEST_STATUSES } from '#shared/wire/digest.ts';
import type { ReplicaMember } from '#sync/replica/replica.ts';
import type { Action } from '../plan/action.ts';
import type { TerminalMachine } from './terminal-machine.ts';
import type { World } from './world.ts';

type Damage = Pick<Extract<Action, { kind: 'damage' }>, 'row' | 'how'>;

/** Further ahead than headquarters will get: no later change writes over the row. */
const AHEAD = 1_000;
/** Digests cover no others. */
const COVERED: ReadonlySet<string> = new Set(DIGEST_STATUSES);

/** Spoils a row on the disk of a terminal, under its cursor. Nobody is told. */
export function damageRow(world: World, machine: TerminalMachine, { row: number, how }: Damage): void {
	const { replica } = machine.disk();
	const newest = replica.commits.at(-1);
	const covered = [...(newest?.members.values() ?? [])].filter((row) => COVERED.has(row.status) && !isTombstone(world, row));
	const row = covered[number % Math.max(1, covered.length)];
	if (newest === undefined || row === undefined) return;
	const members = new Map(newest.members);
	const spoiled = SPOILED[how](row);
	if (how === 'missing') members.delete(row.id);
	if (spoiled !== null) members.set(spoiled.id, spoiled);
	replica.commits = [{ ...newest, members }];
	world.damaged.add(row.id);
}

/**
 * At headquarters by now, and not here because a row that is damaged already keeps the tombstone out: lost as well, nobody would find it,
 * for tombstones are in no digest.
 */
function isTombstone(world: World, { id }: ReplicaMember): boolean {
	const theirs = world.store.tables().member.get(id);
	return theirs !== undefined && !COVERED.has(theirs.status);
}

const SPOILED: Readonly<Record<Damage['how'], (row: ReplicaMember) => ReplicaMember | null>> = {
	missing: () => null,
	older: (row) => ({ ...row, ver: row.ver - 1, points: row.points + 7 }),
	newer: (row) => ({ ...row, ver: row.ver + AHEAD, points: row.points + 7 }),
	ghost: (row) => ({ ...row, id: MemberIdSchema.parse(`ghost-of-${row.id}`), barcodes: [], card: null, cardStatus: null }),
};
