/** What holds when everything has come to rest: I2, I3 (no loss), I5 (convergence), I8, I10 (privacy), and then I9. */
import { isDeepStrictEqual } from 'node:util';
import { must } from '#shared/lib/assert.ts';
import { CursorSchema } from '#shared/domain/ids.ts';
import { WIRE_CODES } from '#shared/wire/error-envelope.ts';
import { MEMBER_COLUMNS } from '#shared/wire/member-row.ts';
import type { OutboxRow } from '#sync/outbox/fake-outbox-rows.ts';
import { createFakeReplica } from '#sync/replica/fake-replica.ts';
import type { ReplicaMember } from '#sync/replica/replica.ts';
import type { MemberRow } from '../memory-database/tables.ts';
import type { TerminalMachine } from '../world/terminal-machine.ts';
import type { Person } from '../world/people.ts';
import type { World } from '../world/world.ts';
import { checkRepeats } from './repeats.ts';

/** Reasons for which headquarters may refuse an event of a simulated shop for good. */
const LISTED_REASONS: ReadonlySet<number> = new Set([
	WIRE_CODES.optedOut,
	WIRE_CODES.customerNotActive,
	WIRE_CODES.customerNotFound,
	WIRE_CODES.refundAboveTransaction,
	WIRE_CODES.refundNotPositive,
	WIRE_CODES.refundNotAccepted,
	WIRE_CODES.notTransactionOwner,
	WIRE_CODES.identityConflict,
]);

export async function checkAtRest(world: World): Promise<void> {
	for (const machine of world.machines) checkEntries(world, machine);
	checkNothingLost(world);
	checkReasons(world);
	await checkConverged(world);
	checkForgotten(world);
	if (world.violation() === null) await checkRepeats(world);
}

/** I8: nothing waits any more. I2: what an entry says became of it is what headquarters says. */
function checkEntries(world: World, { name, terminal, disk }: TerminalMachine): void {
	for (const row of disk().outbox.rows.values()) {
		const { eventId, status, action, outcome } = row;
		const what = `${name}: ${action} ${eventId}`;
		if (status === 'applied' || status === 'rejected') checkSettled(world, what, row);
		else if (status !== 'voided') world.report('I8', `${what} is ${status} for ever: ${outcome?.error?.message ?? 'no reason'}`);
		else if (world.store.tables().event.has(eventId) && !world.tampered.has(terminal))
			world.report('I2', `${what} was taken back and is applied`);
	}
}

function checkSettled(world: World, what: string, { eventId, status, outcome }: OutboxRow): void {
	const truth = world.store.tables().event.get(eventId);
	if (truth === undefined) {
		world.report('I3', `${what} is ${status} here, and headquarters does not have it`);
		return;
	}
	const isSame = truth.status === status && truth.applied_to === outcome?.appliedTo && truth.applied_ver === outcome.appliedVer;
	if (!isSame) world.report('I2', `${what} is ${status} here and ${truth.status} at headquarters`);
}

/** I3: every recording that had resolved is at headquarters, or on a disk, or was on a disk that is gone. */
function checkNothingLost(world: World): void {
	const { event: events } = world.store.tables();
	for (const eventId of world.acknowledged) {
		if (events.has(eventId) || world.excused.has(eventId)) continue;
		const isKept = world.machines.some((machine) => [...machine.disk().outbox.rows.values()].some((row) => row.eventId === eventId));
		if (!isKept) world.report('I3', `event ${eventId} was recorded and is nowhere`);
	}
}

function checkReasons(world: World): void {
	for (const { event_id, action, status, error } of world.store.tables().event.values()) {
		if (status === 'rejected' && !LISTED_REASONS.has(error?.code ?? -1))
			world.report('I3', `${action} ${event_id} was refused: ${error?.message ?? ''}`);
	}
}

/** I5: every row of every replica is headquarters' row, and nothing is missing. */
async function checkConverged(world: World): Promise<void> {
	const truth = await readAsReplica([...world.store.tables().member.values()]);
	for (const { name, disk } of world.machines) {
		const rows = disk().replica.commits.at(-1)?.members ?? new Map<string, ReplicaMember>();
		if (rows.size !== truth.length) world.report('I5', `${name} has ${rows.size} members, headquarters has ${truth.length}`);
		for (const member of truth) {
			const own = rows.get(member.id);
			if (!isDeepStrictEqual(own, member)) world.report('I5', `${name}: ${JSON.stringify(own)} is not ${JSON.stringify(member)}`);
		}
	}
}

/** Rows of the table as a terminal reads them. */
async function readAsReplica(rows: readonly MemberRow[]): Promise<readonly ReplicaMember[]> {
	const replica = createFakeReplica();
	const path = 'snapshot/all.json.gz';
	const file = { path, shard: 0, rows: rows.length, bytes: 0, sha256: '0'.repeat(64) };
	const cursor = CursorSchema.parse('end');
	const manifest = { hq_epoch: 1, protocol: 1, snapshot: 'end', created_at: 0, cursor, rows: rows.length, bytes: 0, files: [file] };
	const begun = await replica.beginLoad(manifest);
	const load = must(begun.ok ? begun.value : null, 'a load');
	await load.addFile(path, [Buffer.from(JSON.stringify(rows.map((row) => MEMBER_COLUMNS.map((column) => row[column]))))]);
	await load.finish();
	return replica.rows();
}

/** I10: of who has opted out neither headquarters nor a terminal has a name, nor has a segment of the feed. */
function checkForgotten(world: World): void {
	const { member: members, event: events } = world.store.tables();
	const gone = new Set([...members.values()].filter((row) => row.status === 'opted_out').map((row) => row.id));
	const enrolments = [...events.values()].filter((event) => event.action === 'opt_in');
	const enrolledInto = new Map(enrolments.map((event) => [event.origin_member, event.applied_to]));
	const isLookedFor = ({ id }: Person): boolean => {
		const chain = [enrolledInto.get(id) ?? id, ...chainOf(members, id)];
		return gone.has(chain.at(-1) ?? '');
	};
	const words = world.people.filter(isLookedFor).map(({ word }) => word);
	if (words.length === 0) return;
	const places: (readonly [string, unknown])[] = [['headquarters', [[...members.values()], [...events.values()]]]];
	for (const { name, disk } of world.machines) {
		places.push([name, [[...disk().outbox.rows.values()], [...(disk().replica.commits.at(-1)?.members.values() ?? [])]]]);
	}
	for (const [index, { segments }] of world.hqDisks.entries()) {
		places.push([`the segments of H${index + 1}`, [...segments.files.values()].map((bytes) => new TextDecoder().decode(bytes))]);
	}
	for (const [name, content] of places) {
		const text = JSON.stringify(content);
		for (const word of words) if (text.includes(word)) world.report('I10', `${name} still has the name ${word}`);
	}
}

/** The id and those that stand for it, the last one itself. */
function chainOf(members: ReadonlyMap<string, MemberRow>, id: string): readonly string[] {
	const chain = [id];
	for (let next = members.get(id)?.alias_of ?? null; next !== null && chain.length < 16; next = members.get(next)?.alias_of ?? null)
		chain.push(next);
	return chain;
}
