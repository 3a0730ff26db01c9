import { z } from 'zod';

/**
 * Why a manager closes an entry that headquarters refused and that needs no correction: it is no longer needed · it was put right another way
 * (by hand, on another terminal) · it should never have been recorded · the member has left. A closed list and no text of one's own: what people
 * write about members would have to be found and erased when these leave.
 */
export const CLOSING_REASONS = ['not_needed', 'done_otherwise', 'mistake', 'member_left'] as const;
export const ClosingReasonSchema = z.enum(CLOSING_REASONS);
export type ClosingReason = z.infer<typeof ClosingReasonSchema>;
