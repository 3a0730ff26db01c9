/** The first thing in `form` that is marked as wrong gets the focus, once it is drawn. */
export function focusFirstProblem(form: HTMLFormElement): void {
	requestAnimationFrame(() => {
		const field = form.querySelector('[data-invalid] input, input[aria-invalid="true"]');
		if (field instanceof HTMLInputElement) field.focus();
	});
}
