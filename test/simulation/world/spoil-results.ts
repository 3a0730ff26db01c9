import { PushResponseSchema } from '#shared/wire/push.ts';

/** The answer to a push without its last result, or with the results the other way round; any other answer stays as it is. */
export function spoilResults(body: Uint8Array, how: 'short_results' | 'mixed_results'): Uint8Array {
	const parsed = PushResponseSchema.safeParse(JSON.parse(new TextDecoder().decode(body)));
	if (!parsed.success) return body;
	const { results } = parsed.data;
	const spoiled = how === 'short_results' ? results.slice(0, -1) : results.toReversed();
	return Buffer.from(JSON.stringify({ ...parsed.data, results: spoiled }));
}
