/** The part of Electron's `shell` that is used: opens an address in the machine's browser. */
export type ExternalShell = { readonly openExternal: (url: string) => Promise<void> };

/** Whole addresses, compared as they are: a prefix or a host would let the page choose the rest. */
const ALLOWED: readonly string[] = ['https://regulars.example/'];

/**
 * The only way out to other programs. What is not on the list is refused silently: `openExternal` runs whatever program the system has
 * registered for a scheme.
 */
export function createExternalOpener(shell: ExternalShell, onFailure: (cause: unknown) => void): (url: string) => void {
	return (url) => {
		if (!ALLOWED.includes(url)) return;
		shell.openExternal(url).catch(onFailure);
	};
}
