import { placeOf, usePlaceStore } from '../../stores/place/place-store.ts';
import { moveSaleHighlight } from '../../stores/refund/refund-actions.ts';
import { commandKeys, runCommand } from './handle-key.ts';
import type { Command } from './handle-key.ts';

const COMMANDS = new Map(Object.entries(commandKeys).map(([command, key]) => [key, command]));

/** Runs the commands of the function keys, Esc and Ctrl+Z, and lets Enter press the place's main action when nothing else has the focus. */
export function listenToKeys(): void {
	window.addEventListener('keydown', (event) => {
		if (event.defaultPrevented || event.isComposing || event.repeat) return;
		const command = commandOf(event);
		if (command !== null) {
			event.preventDefault();
			void runCommand(command);
		} else if (event.key === 'Enter') confirmFromNowhere(event);
		else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && placeOf(usePlaceStore.getState()).at === 'refund') {
			moveSaleHighlight(event.key === 'ArrowDown' ? 1 : -1);
		}
	});
}

function commandOf(event: KeyboardEvent): Command | null {
	if (event.altKey || event.shiftKey) return null;
	const isControl = event.ctrlKey || event.metaKey;
	const name = isControl ? `Ctrl+${event.key.toUpperCase()}` : event.key;
	const command = COMMANDS.get(name);
	if (command === undefined || !isCommand(command)) return null;
	// In a text field Ctrl+Z is the field's own.
	return command === 'undo' && document.activeElement instanceof HTMLInputElement ? null : command;
}

function isCommand(name: string): name is Command {
	return name in commandKeys;
}

function confirmFromNowhere(event: KeyboardEvent): void {
	if (document.activeElement !== null && document.activeElement !== document.body) return;
	const form = document.querySelector('form[data-main-form]');
	if (!(form instanceof HTMLFormElement)) return;
	event.preventDefault();
	form.requestSubmit();
}
