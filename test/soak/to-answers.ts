import { gunzipSync } from 'node:zlib';
import { z } from 'zod';
import type { Exchange } from '../simulators/bad-line.ts';
import type { Of } from './history.ts';

/** Of headquarters' answer only what the history needs, by the field names of the API. */
const AnswerSchema = z.object({
	results: z.array(
		z.object({
			event_id: z.string().optional(),
			status: z.string(),
			applied_to: z.string().optional(),
			applied_ver: z.int().optional(),
			points: z.int().optional(),
		}),
	),
});

/** What headquarters said to each event of a push; nothing for any other call, and nothing for a push that it did not do. */
export function toAnswers({ method, path, status, contentEncoding, answer }: Exchange): readonly Of<'answered'>[] {
	if (method !== 'POST' || !path.startsWith('/events/bulk') || status !== 200) return [];
	const text = (contentEncoding === 'gzip' ? gunzipSync(answer) : answer).toString('utf8');
	return AnswerSchema.parse(JSON.parse(text)).results.flatMap((result) =>
		result.event_id === undefined
			? []
			: [
					{
						type: 'answered' as const,
						event: result.event_id,
						status: result.status,
						appliedTo: result.applied_to ?? null,
						appliedVer: result.applied_ver ?? null,
						points: result.points ?? null,
					},
				],
	);
}
