import { z } from 'zod';
import { EventIdSchema, MemberIdSchema } from '../domain/ids.ts';

/**
 * `POST /members/merge` (an operator's call): `loser` and `winner` are one person. Everything that the loser has becomes the winner's; the
 * loser's id stands for the winner from then on. `merge_id` is minted by the caller: a repetition with it changes nothing and answers the same.
 */
export const MergeRequestSchema = z.object({ merge_id: EventIdSchema, loser: MemberIdSchema, winner: MemberIdSchema });
export type MergeRequest = z.infer<typeof MergeRequestSchema>;

/** The winner's version with the loser's balance in it, and the balance that moved (negative when the loser had less than nothing). */
export const MergeResponseSchema = z.object({
	merge_id: EventIdSchema,
	winner: MemberIdSchema,
	winner_ver: z.int().min(1),
	points: z.int(),
});
export type MergeResponse = z.infer<typeof MergeResponseSchema>;
