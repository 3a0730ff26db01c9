/** Whether `cause` is a system error with one of these codes (`ENOENT`, …); codes are stable, messages are not. */
export function hasErrorCode(cause: unknown, ...codes: readonly string[]): boolean {
	return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' && codes.includes(cause.code);
}
