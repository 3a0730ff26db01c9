/**
 * A name as it is searched: without accents, in lower case, words apart by one blank. Like the replica's search
 * (SQLite's unicode61 with remove_diacritics 2), so that a name is found by the same words before and after headquarters knows it.
 */
export function foldText(text: string): string {
	const bare = text.normalize('NFD').replaceAll(/\p{M}/gu, '').toLowerCase();
	return (bare.match(/[\p{L}\p{N}]+/gu) ?? []).join(' ');
}
