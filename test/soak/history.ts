import { z } from 'zod';

/**
 * What the two sides said and kept during a run, one line of JSON each. Written by the run as it watches, read by the checker afterwards.
 * The names are this history's own: the checker must not learn from the code that it judges. Amounts in minor units, ids as they are.
 */
const stored = z.enum(['applied', 'rejected']);
const OperationSchema = z.discriminatedUnion('type', [
	/** A terminal is about to record something. Killed before the next line of it, nobody knows whether it did. */
	z.object({ type: z.literal('invoked'), terminal: z.string(), request: z.string(), kind: z.enum(['sale', 'refund', 'enrolment']) }),
	/** The cashier was told "done". */
	z.object({
		type: z.literal('recorded'),
		terminal: z.string(),
		request: z.string(),
		event: z.string(),
		kind: z.enum(['sale', 'refund', 'enrolment']),
		amountMinor: z.int(),
	}),
	/** Headquarters' answer to one event, whether or not it reached the terminal. */
	z.object({
		type: z.literal('answered'),
		event: z.string(),
		status: z.string(),
		appliedTo: z.string().nullable(),
		appliedVer: z.int().nullable(),
		points: z.int().nullable(),
	}),
	z.object({ type: z.literal('killed'), process: z.string() }),
	/** At the end: one row of headquarters' table of events. */
	z.object({
		type: z.literal('stored'),
		event: z.string(),
		terminal: z.string(),
		incarnation: z.string(),
		seq: z.int(),
		member: z.string().nullable(),
		kind: z.string(),
		status: stored,
		appliedTo: z.string().nullable(),
		appliedVer: z.int().nullable(),
		points: z.int(),
	}),
	/** At the end: one line of the double entry. */
	z.object({ type: z.literal('entry'), event: z.string(), debit: z.string(), credit: z.string(), amount: z.int() }),
	/** At the end: a member's balance at headquarters. */
	z.object({ type: z.literal('balance'), member: z.string(), opening: z.int(), points: z.int() }),
	/** At the end: one entry of a terminal's outbox. */
	z.object({
		type: z.literal('kept'),
		terminal: z.string(),
		event: z.string(),
		status: z.string(),
		appliedTo: z.string().nullable(),
		appliedVer: z.int().nullable(),
	}),
	/** At the end: a member's balance in a terminal's replica. */
	z.object({ type: z.literal('shown'), terminal: z.string(), member: z.string(), points: z.int() }),
]);
export type Operation = z.infer<typeof OperationSchema>;
export type Of<Type extends Operation['type']> = Extract<Operation, { type: Type }>;

/** One line of a history file. */
export function toLine(operation: Operation): string {
	return `${JSON.stringify(operation)}\n`;
}

/** The operations of a history file's text. A line that is none throws: a history with holes proves nothing. */
export function parseHistory(text: string): readonly Operation[] {
	return text
		.split('\n')
		.filter((line) => line !== '')
		.map((line) => OperationSchema.parse(JSON.parse(line)));
}
