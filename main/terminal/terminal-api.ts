import type { Session, Status } from '#shared/bridge/session-calls.ts';
import type { LoyaltyError } from '#shared/errors/loyalty-error.ts';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { fail, ok } from '#shared/lib/result.ts';
import type { Result } from '#shared/lib/result.ts';
import { DiskFailure } from '#sync/outbox/disk-failure.ts';
import type { TerminalApi } from '../ports.ts';
import type { TerminalContext } from './context.ts';
import { createDeskApi } from './desk/desk-api.ts';
import type { DeskOptions } from './desk/desk-api.ts';
import { readShift } from './desk/shift.ts';
import { findDuplicates } from './enrolment/duplicates.ts';
import { enrol } from './enrolment/enrol.ts';
import { identify, openMember } from './member/identify.ts';
import { nextCard } from './enrolment/next-card.ts';
import { earn } from './sale/earn.ts';
import { findSales, refund } from './sale/refund.ts';
import { voidEntry } from './sale/void-entry.ts';
import type { SignIn } from './session/session.ts';
import type { KeptSettings } from './store/settings.ts';

export type TerminalApiOptions = DeskOptions & {
	readonly context: TerminalContext;
	readonly signIn: SignIn;
	readonly settings: KeptSettings;
	readonly status: () => Promise<Status>;
	readonly syncNow: () => void;
	/** Something was recorded that headquarters should have. */
	readonly onRecorded: () => void;
	readonly onSignInChange: () => void;
};

type UseCase<I, O> = (context: TerminalContext, input: I) => Promise<Result<O, LoyaltyError>>;
type Answer<O> = Promise<Result<O, LoyaltyError>>;

/** All calls of the contract over the use cases. What needs a person at the terminal is SESSION-103 while it is locked. */
export function createTerminalApi(options: TerminalApiOptions): TerminalApi {
	const { context, signIn } = options;
	const read =
		<I, O>(useCase: UseCase<I, O>) =>
		(input: I): Answer<O> =>
			answer(signIn, () => useCase(context, input));
	const write =
		<I, O>(useCase: UseCase<I, O>) =>
		async (input: I): Answer<O> => {
			const result = await answer(signIn, () => useCase(context, input));
			if (result.ok) options.onRecorded();
			return result;
		};
	const session = async (): Answer<Session> => Promise.resolve(ok(options.session()));
	return {
		'session.open': session,
		'session.lock': async () => {
			signIn.lock();
			options.onSignInChange();
			return session();
		},
		'session.unlock': async (input) => {
			const result = await signIn.unlock(input);
			if (!result.ok) return result;
			options.onSignInChange();
			return session();
		},
		'session.setVolume': async ({ percent }) => {
			await options.settings.change({ volumePercent: percent });
			options.onSignInChange();
			return session();
		},
		'session.shift': read(readShift),
		'status.get': async () => ok(await options.status()),
		'status.syncNow': async () => {
			options.syncNow();
			return ok(await options.status());
		},
		'member.identify': read(identify),
		'member.open': read(openMember),
		'member.duplicates': read(findDuplicates),
		'member.nextCard': read(nextCard),
		'member.enrol': write(enrol),
		'sale.earn': write(earn),
		'sale.void': write(voidEntry),
		'sale.find': read(findSales),
		'sale.refund': write(refund),
		...createDeskApi(options, { read, write }),
	};
}

async function answer<O>(signIn: SignIn, run: () => Answer<O>): Answer<O> {
	if (signIn.isLocked()) return fail(terminalError('SESSION-103'));
	try {
		return await run();
	} catch (cause) {
		// A disk that fails under a read is told as it is; every other exception is a defect and the router's.
		if (cause instanceof DiskFailure) return fail(cause.error);
		throw cause;
	}
}
