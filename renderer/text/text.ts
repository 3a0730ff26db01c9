import { IntlMessageFormat } from 'intl-messageformat';
import { minorDigits } from '#shared/domain/money.ts';
import type { Currency } from '#shared/domain/money.ts';
import type { ErrorCode } from '#shared/errors/error-codes.ts';
import { en } from './en.ts';
import type { MessageId } from './en.ts';
import { errorSentences } from './errors.ts';
import type { ErrorSentence } from './errors.ts';
import { errorSentencesHu } from './errors-hu.ts';
import { hu } from './hu.ts';

export type Values = Readonly<Record<string, string | number | Date>>;

/** Everything that people read, in one language and one locale. Formats are made once and kept: making one takes longer than using it. */
export type Text = {
	/** BCP 47, as the session gave it. */
	readonly locale: string;
	readonly direction: 'ltr' | 'rtl';
	readonly t: (id: MessageId, values?: Values) => string;
	readonly error: (code: ErrorCode) => ErrorSentence;
	/** A name that somebody else wrote, so that it keeps its own direction inside a sentence. */
	readonly name: (value: string) => string;
	readonly number: (value: number) => string;
	/** With its sign: `+41`, `−36`, `0`. */
	readonly signed: (value: number) => string;
	/** The number of an amount without its currency: `41.90`. Minor units. */
	readonly amount: (minor: number, currency: Currency) => string;
	/** `41.90 EUR`. Minor units. */
	readonly money: (minor: number, currency: Currency) => string;
	/** `09:41`. Unix milliseconds. */
	readonly time: (ms: number) => string;
	/** `09:41` when it is the day of `nowMs`, else with the day: `12 Nov, 09:41`. */
	readonly moment: (ms: number, nowMs: number) => string;
	/** `12 Nov`, with the year when it is not that of `nowMs`. */
	readonly day: (ms: number, nowMs: number) => string;
	/** A calendar date `YYYY-MM-DD`, as the services name the day on which points expire. */
	readonly date: (isoDate: string, nowMs: number) => string;
	/** `7 h 27 min`, `3 min`, `40 s`: the two largest units. */
	readonly span: (ms: number) => string;
};

const LANGUAGES: Readonly<
	Record<string, { readonly messages: Readonly<Record<MessageId, string>>; readonly errors: Readonly<Record<ErrorCode, ErrorSentence>> }>
> = {
	en: { messages: en, errors: errorSentences },
	hu: { messages: hu, errors: errorSentencesHu },
};

/**
 * The text of `locale`; English where there is no other. `direction` is the page's, for tests that turn it round.
 * From right to left every piece is isolated (U+2068 … U+2069), so that a plus stays before its number and English stays readable.
 */
export function createText(locale: string, direction: Text['direction'] = directionOf(locale)): Text {
	const text = createPlainText(locale, direction);
	if (direction === 'ltr') return text;
	const isolated =
		<A extends readonly unknown[]>(run: (...input: A) => string) =>
		(...input: A): string =>
			`\u2068${run(...input)}\u2069`;
	return {
		...text,
		t: isolated(text.t),
		error: (code) => ({ title: isolated(() => text.error(code).title)(), body: isolated(() => text.error(code).body)() }),
		name: isolated(text.name),
		number: isolated(text.number),
		signed: isolated(text.signed),
		money: isolated(text.money),
	};
}

function createPlainText(locale: string, direction: Text['direction']): Text {
	const { messages, errors } = LANGUAGES[locale.split('-')[0] ?? 'en'] ?? { messages: en, errors: errorSentences };
	const compiled = new Map<MessageId, IntlMessageFormat>();
	const t = (id: MessageId, values?: Values): string => {
		let message = compiled.get(id);
		if (message === undefined) {
			message = new IntlMessageFormat(messages[id], locale, undefined, { ignoreTag: true });
			compiled.set(id, message);
		}
		return String(message.format(values));
	};
	return {
		locale,
		direction,
		t,
		error: (code) => errors[code],
		name: (value) => value,
		...numbersOf(locale),
		...momentsOf(locale),
		span: (ms) => spanOf(ms, t),
	};
}

function numbersOf(locale: string): Pick<Text, 'number' | 'signed' | 'amount' | 'money'> {
	const plain = new Intl.NumberFormat(locale);
	const signed = new Intl.NumberFormat(locale, { signDisplay: 'exceptZero' });
	const amounts = new Map<Currency, Intl.NumberFormat>();
	const amount = (minor: number, currency: Currency): string => {
		const digits = minorDigits(currency);
		let format = amounts.get(currency);
		if (format === undefined) {
			format = new Intl.NumberFormat(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
			amounts.set(currency, format);
		}
		return format.format(minor / 10 ** digits);
	};
	return {
		number: (value) => plain.format(value).replace('-', '−'),
		signed: (value) => signed.format(value).replace('-', '−'),
		amount,
		money: (minor, currency) => `${amount(minor, currency)} ${currency}`,
	};
}

function momentsOf(locale: string): Pick<Text, 'time' | 'moment' | 'day' | 'date'> {
	const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: hourCycleOf(locale) });
	const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short' });
	const year = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', year: 'numeric' });
	const dayOf = (ms: number, nowMs: number) => (new Date(ms).getFullYear() === new Date(nowMs).getFullYear() ? day : year).format(ms);
	return {
		time: (ms) => time.format(ms),
		moment: (ms, nowMs) =>
			new Date(ms).toDateString() === new Date(nowMs).toDateString() ? time.format(ms) : `${dayOf(ms, nowMs)}, ${time.format(ms)}`,
		day: dayOf,
		date: (isoDate, nowMs) => {
			const [y = 1970, m = 1, d = 1] = isoDate.split('-').map(Number);
			return dayOf(new Date(y, m - 1, d).getTime(), nowMs);
		},
	};
}

/** English of the world counts to 24 beside a till; only where 12 is the rule does it stay. */
function hourCycleOf(locale: string): 'h12' | 'h23' {
	return /^(en-(US|CA|AU|NZ|IN|PH)|ar|hi)/.test(locale) &&
		new Intl.DateTimeFormat(locale, { hour: 'numeric' }).resolvedOptions().hour12 === true
		? 'h12'
		: 'h23';
}

function spanOf(ms: number, t: Text['t']): string {
	const seconds = Math.max(0, Math.round(ms / 1000));
	const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
	if (hours >= 48) return t('span.days', { days: Math.floor(hours / 24) });
	if (hours > 0) return t('span.hours', { hours, minutes });
	return minutes > 0 ? t('span.minutes', { minutes }) : t('span.seconds', { seconds });
}

function directionOf(locale: string): 'ltr' | 'rtl' {
	return /^(ar|fa|he|ur|yi|ps|ckb|dv|ug)\b/.test(locale) ? 'rtl' : 'ltr';
}
