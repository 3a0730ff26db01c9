import type { LineDetails } from '#shared/bridge/session-calls.ts';
import { PROTOCOL_VERSION } from '#shared/wire/protocol-version.ts';
import type { TerminalContext } from '../context.ts';
import { NEEDS_PERSON } from './outbox-line.ts';
import { refusalOf } from './refusal.ts';

/** Refused entries that are looked at for their codes. */
const REFUSALS_MAX = 200;
const CODES_MAX = 20;

/** What support asks for: machines, versions, counts and codes, nothing about people. `terminal` is `null` before pairing. */
export async function readLineDetails(
	{ outbox, replica }: TerminalContext,
	of: Pick<LineDetails, 'appVersion' | 'terminal' | 'outletCode' | 'night'>,
): Promise<LineDetails> {
	const { incarnation, hqEpoch, maxSeq } = outbox.state();
	const refused = await outbox.list({ statuses: NEEDS_PERSON, isCorrectedLeftOut: true, limit: REFUSALS_MAX });
	const { phase, rows, asOfMs } = replica.state();
	return {
		...of,
		protocol: PROTOCOL_VERSION,
		incarnation,
		hqEpoch,
		lastSeq: maxSeq,
		counts: { ...(await outbox.counts()) },
		refusals: countCodes(refused.flatMap((entry) => refusalOf(entry)?.code ?? [])),
		replica: { phase, rows, asOfMs },
	};
}

function countCodes(codes: readonly number[]): LineDetails['refusals'] {
	return [...Map.groupBy(codes, (code) => code)]
		.map(([code, { length: count }]) => ({ code, count }))
		.toSorted((one, other) => other.count - one.count || one.code - other.code)
		.slice(0, CODES_MAX);
}
