/** A terminal and a headquarters in memory with an engine between them, in time that a test moves. For the tests of the engine. */
import { setImmediate } from 'node:timers/promises';
import { TerminalIdSchema } from '#shared/domain/ids.ts';
import type { MemberId } from '#shared/domain/ids.ts';
import { createFakeTime } from '#shared/lib/fake-time.ts';
import type { FakeTime } from '#shared/lib/fake-time.ts';
import { WireEventSchema } from '#shared/wire/event.ts';
import { createFakeOutbox } from '../../outbox/fake-outbox.ts';
import type { FakeOutbox } from '../../outbox/fake-outbox.ts';
import type { OutboxDisk } from '../../outbox/fake-outbox-rows.ts';
import type { Entry } from '../../outbox/entry.ts';
import { shownPoints } from '../../outbox/pending-points.ts';
import { createFakeReplica } from '../../replica/fake-replica.ts';
import type { FakeReplica } from '../../replica/fake-replica.ts';
import { standingOf } from '../../replica/merged-rows.ts';
import { createFakeHeadquarters } from '../../transport/fake-headquarters.ts';
import type { FakeHeadquarters, FakeHeadquartersOptions } from '../../transport/fake-headquarters.ts';
import type { HeadquartersClient } from '../../transport/headquarters-client.ts';
import { openMember } from '../../transport/fake-ledger.ts';
import { createEngine } from '../engine.ts';
import type { Engine } from '../engine.ts';
import type { EngineOptions, ProgrammeNews } from '../engine-context.ts';

export type FakeShop = {
	readonly time: FakeTime;
	readonly hq: FakeHeadquarters;
	readonly outbox: FakeOutbox;
	readonly replica: FakeReplica;
	readonly engine: Engine;
	/** Every call to headquarters and every change of outbox and replica, in order. */
	readonly trace: readonly string[];
	readonly news: readonly ProgrammeNews[];
	readonly logged: readonly string[];
	/** A member of headquarters with a balance. */
	readonly member: (id: string, points?: number) => MemberId;
	/** A cashier gives points; the engine is told. */
	readonly give: (member: MemberId, points: number, reason?: string) => Entry;
	/** What the screen shows of a member: confirmed and pending together. */
	readonly shown: (member: MemberId) => number;
	/** Another engine over the same outbox and replica, as after a restart of the program. */
	readonly restart: () => Engine;
};

export type FakeShopOptions = {
	readonly seed?: number;
	readonly hq?: Partial<FakeHeadquartersOptions>;
	/** What the outbox has on its disk; its changes go there. */
	readonly disk?: OutboxDisk;
	/** The same headquarters and the same time as those of another shop: a second machine of the terminal. */
	readonly beside?: Pick<FakeShop, 'time' | 'hq'>;
	readonly engine?: Partial<EngineOptions>;
	/** Another client around that of the fake headquarters. */
	readonly client?: (client: HeadquartersClient) => HeadquartersClient;
	/** Hears each step of the trace as it happens. */
	readonly onStep?: (step: string) => void;
};

/** Nothing runs before `engine.start()`. */
export function createFakeShop(options: FakeShopOptions = {}): FakeShop {
	const time = options.beside?.time ?? createFakeTime({ settle: () => setImmediate(), seed: options.seed ?? 1 });
	const { clock, timers, random } = time;
	const trace: string[] = [];
	const logged: string[] = [];
	const news: ProgrammeNews[] = [];
	const note = (step: string): void => {
		trace.push(step);
		options.onStep?.(step);
	};
	const hq = options.beside?.hq ?? createFakeHeadquarters({ clock, timers, trace: note, ...options.hq });
	const outbox = createFakeOutbox({ clock, random, trace: note, ...(options.disk === undefined ? {} : { disk: options.disk }) });
	const replica = createFakeReplica({ trace: note });
	const log = (_fields: object, message: string): void => void logged.push(message);
	const open = (): Engine =>
		createEngine({
			outbox,
			replica,
			client: options.client?.(hq.client) ?? hq.client,
			clock,
			timers,
			random,
			logger: { debug: log, info: log, warn: log, error: log },
			identity: { terminal: TerminalIdSchema.parse('0192f0c0-0000-7000-8000-000000000001'), appVersion: '1.0.0' },
			programmeVersion: () => 0,
			onProgramme: (more) => {
				news.push(more);
				return Promise.resolve();
			},
			...options.engine,
		});
	const shop = { engine: open() };
	return {
		time,
		hq,
		outbox,
		replica,
		trace,
		news,
		logged,
		get engine() {
			return shop.engine;
		},
		member: (id, points = 0) => openMember(hq.ledger(), id, points),
		give: (member, points, reason) => {
			const data = reason === undefined ? { points } : { points, reason };
			const entry = outbox.add(WireEventSchema.parse({ customer: member, action: 'point_add', data }), points);
			shop.engine.notifyRecorded();
			return entry;
		},
		shown: (member) => {
			const row = replica.find(member);
			const { versions } = standingOf(row === null ? [] : [...row.merged, row]);
			const own = outbox.ownEvents({ memberIds: [...new Set([member, ...versions.keys()])], barcodes: [] });
			const { confirmed, pending } = shownPoints(row, own, (id) => replica.row(id)?.ver ?? null);
			return confirmed + pending;
		},
		restart: () => {
			shop.engine = open();
			return shop.engine;
		},
	};
}
