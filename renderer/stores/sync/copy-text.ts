/** Puts `text` on the clipboard. `false` when this window may not; Electron's refuses the modern way and takes the old one. */
export async function copyText(text: string): Promise<boolean> {
	try {
		await navigator.clipboard.writeText(text);
		return true;
	} catch {
		// No permission, no focus or no such thing: the old way needs none of them.
		return copyBySelection(text);
	}
}

function copyBySelection(text: string): boolean {
	if (typeof document === 'undefined') return false;
	const focused = document.activeElement;
	const area = document.createElement('textarea');
	area.value = text;
	area.readOnly = true;
	// In view and unseen: what is not displayed cannot be selected.
	area.className = 'unseen';
	document.body.append(area);
	area.select();
	// Deprecated without a successor for pages that the permission is refused to; every Chromium has it.
	// oxlint-disable-next-line typescript/no-deprecated -- see above
	const isCopied = document.execCommand('copy');
	area.remove();
	if (focused instanceof HTMLElement) focused.focus();
	return isCopied;
}
