/** Joins what is there: class names of a CSS module are perhaps undefined to the compiler, conditions give `false`. */
export function cx(...names: readonly (string | false | undefined)[]): string {
	return names.filter((name) => name !== undefined && name !== false && name !== '').join(' ');
}
