import type { Session } from '#shared/bridge/session-calls.ts';
import type { Cashier } from '#shared/domain/programme.ts';
import type { TerminalOptions } from '../../ports.ts';
import { initials } from '../member/names.ts';
import type { KnownProgramme, TerminalConfig } from '../store/config.ts';
import type { Settings } from '../store/settings.ts';
import type { SignIn } from './session.ts';

/** A terminal locks itself after so long without a key or a scan. */
const LOCK_AFTER_MS = 180_000;

/** Who works here and where, as the window has it. `config` is `null` on a terminal that was never paired. */
export function describeSession(
	{ appVersion, isTraining, locale, ports }: TerminalOptions,
	{ programme, cashiers }: KnownProgramme,
	{ config, signIn, settings }: { readonly config: TerminalConfig | null; readonly signIn: SignIn; readonly settings: Settings },
): Session {
	const cashier = signIn.cashier();
	return {
		appVersion,
		outletName: config?.outlet.name ?? '',
		terminalName: config?.terminalName ?? '',
		programme,
		cashier: cashier === null ? null : describeCashier(cashier),
		cashiers: cashiers.map(describeCashier),
		isLocked: signIn.isLocked(),
		isTraining,
		nowMs: ports.clock.nowMs(),
		lockAfterMs: LOCK_AFTER_MS,
		volumePercent: settings.volumePercent,
		locale,
	};
}

/** Without the PIN's hash: that never leaves the services. */
function describeCashier({ id, displayName, role }: Cashier): Session['cashiers'][number] {
	const [firstName = null, lastName = null] = displayName.split(/\s+/u);
	return { id, displayName, initials: initials({ firstName, lastName }, undefined), role };
}
