import { firstGrapheme } from './names.ts';

/** The last `count` characters, or `null` when there are too few to leave anything hidden. */
export function endOf(value: string | null, count: number): string | null {
	return value === null || value.length <= count ? null : value.slice(-count);
}

/** `a•••@example.org`: the first letter and the domain. As many dots for every address, so that they say nothing. */
export function maskEmail(email: string | null): string | null {
	if (email === null) return null;
	const at = email.lastIndexOf('@');
	if (at < 1) return null;
	return `${firstGrapheme(email.slice(0, at))}•••${email.slice(at)}`;
}
