import { IncarnationSchema, TerminalIdSchema } from '#shared/domain/ids.ts';
import type { DevicesResponse } from '#shared/wire/devices.ts';
import type { HelloRequest } from '#shared/wire/hello.ts';
import type { HqContext } from '../context.ts';

type DevicesContext = Pick<HqContext, 'database' | 'clock' | 'logger'>;
type Verdict = DevicesResponse['devices'][number]['verdict'];

/** Devices in one answer. */
const DEVICES_MAX = 1000;

/**
 * Notes which machine speaks for a terminal and answers what is thought of it; `null` when it does not say. The first one is trusted. Another
 * one (a disk image on a second PC, or an honest replacement) is served too, for its events must not be lost, and an operator is asked.
 */
export async function noteDevice(
	{ database, clock, logger }: DevicesContext,
	hello: Pick<HelloRequest, 'terminal' | 'device_id' | 'incarnation'>,
): Promise<Verdict | null> {
	if (hello.device_id === undefined) return null;
	const [row] = await database.query<{ verdict: Verdict; isNew: boolean }>(
		`INSERT INTO terminal_device (terminal_id, device_id, first_seen_at, last_seen_at, incarnation, verdict)
		VALUES ($1, $2, $3, $3, $4, CASE WHEN EXISTS (SELECT 1 FROM terminal_device WHERE terminal_id = $1) THEN 'asked' ELSE 'trusted' END)
		ON CONFLICT (terminal_id, device_id) DO UPDATE SET last_seen_at = excluded.last_seen_at, incarnation = excluded.incarnation
		RETURNING verdict, first_seen_at = last_seen_at AS "isNew"`,
		[hello.terminal, hello.device_id, clock.nowMs(), hello.incarnation],
	);
	if (row?.isNew === true && row.verdict === 'asked') {
		logger.warn({ terminal: hello.terminal }, 'a second device speaks for a terminal: judge it with GET /terminals/devices');
	}
	return row?.verdict ?? null;
}

/** The devices of terminals that more than one speaks for, latest first. */
export async function listDevices({ database }: Pick<DevicesContext, 'database'>): Promise<DevicesResponse> {
	const rows = await database.query<
		Omit<DevicesResponse['devices'][number], 'terminal' | 'incarnation'> & { terminal: string; incarnation: string | null }
	>(
		`SELECT terminal_id AS terminal, device_id, verdict, first_seen_at, last_seen_at, incarnation FROM terminal_device
		WHERE terminal_id IN (SELECT terminal_id FROM terminal_device GROUP BY terminal_id HAVING count(*) > 1)
		ORDER BY first_seen_at DESC, device_id LIMIT $1`,
		[DEVICES_MAX],
	);
	const devices = rows.map((row) => ({
		...row,
		terminal: TerminalIdSchema.parse(row.terminal),
		incarnation: row.incarnation === null ? null : IncarnationSchema.parse(row.incarnation),
	}));
	return { devices };
}

/** An operator's word on a device. False when there is none. */
export async function judgeDevice(
	{ database, clock }: Pick<DevicesContext, 'database' | 'clock'>,
	{ terminal, deviceId, verdict }: { readonly terminal: string; readonly deviceId: string; readonly verdict: 'trusted' | 'refused' },
): Promise<boolean> {
	const rows = await database.query(
		'UPDATE terminal_device SET verdict = $3, judged_at = $4 WHERE terminal_id = $1 AND device_id = $2 RETURNING device_id',
		[terminal, deviceId, verdict, clock.nowMs()],
	);
	return rows.length > 0;
}
