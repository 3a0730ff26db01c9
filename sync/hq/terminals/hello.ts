import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import type { HelloRequest, HelloResponse } from '#shared/wire/hello.ts';
import { PROTOCOL_VERSION, PROTOCOL_VERSION_MIN } from '#shared/wire/protocol-version.ts';
import type { HqContext } from '../context.ts';
import { noteDevice } from './devices.ts';
import { endSealing } from './terminals.ts';

type HelloContext = Pick<HqContext, 'database' | 'clock' | 'epoch' | 'programme' | 'cashiers' | 'logger'>;

/**
 * The first call of a contact: tells the terminal whether one of the two was restored, and brings it the programme when it has another.
 * `too_old`: it speaks a protocol that is no longer served. `epoch_ahead`: it has seen a higher epoch than ours, so our database was
 * restored from a backup and nobody raised the epoch; serving it would lose events. `sealed`: it was revoked and has handed over all it had.
 */
export async function greet(
	context: HelloContext,
	request: HelloRequest,
	{ isSealing }: { readonly isSealing: boolean } = { isSealing: false },
): Promise<Result<HelloResponse, 'too_old' | 'epoch_ahead' | 'sealed'>> {
	const nowMs = context.clock.nowMs();
	if (request.protocol < PROTOCOL_VERSION_MIN) return fail('too_old');
	if (request.hq_epoch > context.epoch) {
		context.logger.error(
			{ terminal: request.terminal, theirs: request.hq_epoch, ours: context.epoch },
			'a terminal has seen a higher epoch: after a restore start once with --restored',
		);
		return fail('epoch_ahead');
	}
	await context.database.query(
		'UPDATE terminal SET last_seen_at = $2, clock_skew_ms = $3, incarnation = $4, app_version = $5, protocol = $6 WHERE id = $1',
		[request.terminal, nowMs, nowMs - request.sent_at, request.incarnation, request.app_version, request.protocol],
	);
	const leaving = await followLeaving(context, request, isSealing);
	if (leaving === 'gone') return fail('sealed');
	const [row] = await context.database.query<{ seq: number }>(
		'SELECT coalesce(max(seq), 0)::bigint AS seq FROM event WHERE terminal = $1 AND incarnation = $2',
		[request.terminal, request.incarnation],
	);
	const programme = context.programme();
	const isCurrent = request.programme_version === programme.version;
	return ok({
		hq_epoch: context.epoch,
		known_max_seq: row?.seq ?? 0,
		server_time: nowMs,
		protocol: PROTOCOL_VERSION,
		...(isCurrent || leaving === 'leaving' ? {} : { programme, cashiers: [...context.cashiers()] }),
		...(leaving === 'leaving' ? { sealing: true } : {}),
	});
}

/** Whether this terminal, or this device of it, is on its way out. `gone`: it has nothing left to hand over. */
async function followLeaving(context: HelloContext, request: HelloRequest, isSealing: boolean): Promise<'staying' | 'leaving' | 'gone'> {
	const isRefused = (await noteDevice(context, request)) === 'refused';
	if (!isSealing && !isRefused) return 'staying';
	if (request.waiting !== 0) return 'leaving';
	if (isSealing) await endSealing(context, request.terminal);
	return 'gone';
}
