/** A text field at one moment: enough to put it back as it was. */
export type FieldSnapshot = {
	readonly field: HTMLInputElement | HTMLTextAreaElement;
	readonly value: string;
	/** `null` for kinds of fields that have no selection. */
	readonly selection: readonly [start: number, end: number] | null;
};

/** The field that has the focus, as it is now, or `null` when text has nowhere to go. */
export function takeSnapshot(): FieldSnapshot | null {
	const field = document.activeElement;
	if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) || field.readOnly) return null;
	const { value, selectionStart, selectionEnd } = field;
	return { field, value, selection: selectionStart === null || selectionEnd === null ? null : [selectionStart, selectionEnd] };
}

/**
 * Puts the field back. The value is set by the prototype's setter and told by an `input` event, since React overrides the setter
 * of its own inputs and would otherwise keep the scanned text in its state.
 */
export function restoreSnapshot({ field, value, selection }: FieldSnapshot): void {
	if (!field.isConnected) return;
	if (field.value !== value) {
		const prototype = field instanceof HTMLInputElement ? HTMLInputElement.prototype : HTMLTextAreaElement.prototype;
		Object.getOwnPropertyDescriptor(prototype, 'value')?.set?.call(field, value);
		field.dispatchEvent(new Event('input', { bubbles: true }));
	}
	if (selection !== null) field.setSelectionRange(...selection);
}
