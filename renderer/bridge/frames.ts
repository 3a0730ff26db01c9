import { z } from 'zod';

/** What the host sends over the socket: the answer to call `i`, or an event named `e`; `j` is the JSON of the contract. */
const FrameSchema = z.union([z.object({ i: z.int(), j: z.string() }), z.object({ e: z.string().max(64), j: z.string() })]);
export type Frame = z.infer<typeof FrameSchema>;

/** The frame in `text`, or `null` when it is none. */
export function readFrame(text: string): Frame | null {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		// Not JSON: not from our host, or cut off by a closing socket, which the caller notices by itself.
		return null;
	}
	const frame = FrameSchema.safeParse(value);
	return frame.success ? frame.data : null;
}
