import { withCheckDigit } from '#shared/domain/loyalty-barcode.ts';

/** What a cashier does next. Amounts as typed on a till; `terminal` counts from 0. */
export type Step =
	| { readonly kind: 'sale'; readonly terminal: number; readonly card: string; readonly amount: string; readonly receipt: string }
	| { readonly kind: 'enrol'; readonly terminal: number; readonly card: string; readonly firstName: string; readonly mobile: string }
	| { readonly kind: 'refund'; readonly terminal: number; readonly receipt: string }
	| { readonly kind: 'line'; readonly isUp: boolean };
type Sale = Extract<Step, { kind: 'sale' }>;
type Enrolment = Extract<Step, { kind: 'enrol' }>;

export type Plan = {
	readonly terminals: number;
	readonly sales: number;
	/** At least two: the last two are one card at two terminals. */
	readonly enrolments: number;
	/** At most as many as sales. */
	readonly refunds: number;
	/** Cards of members who exist before the day. */
	readonly cards: readonly string[];
	/** A whole number from 0 up to and without the bound. */
	readonly below: (bound: number) => number;
};

const FIRST_NAMES = ['Anna', 'Bence', 'Csilla', 'Dóra', 'Emil', 'Fanni', 'Gábor', 'Hanna', 'Imre', 'Judit', 'Kata', 'László'];

/**
 * A day in the shop: enrolments spread over it, sales of old and new members, refunds of earlier sales at the same terminal. The line is
 * cut for the second and third quarter; in its middle one card is enrolled at two terminals.
 */
export function planDay(plan: Plan): readonly Step[] {
	const steps: Step[] = [];
	const cards = [...plan.cards];
	const enrolments = Array.from({ length: plan.enrolments - 2 }, (_, index) => enrolmentAt(index, plan.terminals));
	for (let index = 0; index < plan.sales; index += 1) {
		while (enrolments.length > 0 && isDue(index, { of: plan.sales, count: plan.enrolments - 2, left: enrolments.length })) {
			const enrolment = enrolments.shift();
			if (enrolment === undefined) break;
			cards.push(enrolment.card);
			steps.push(enrolment);
		}
		steps.push(saleAt(index, { plan, cards }));
	}
	insertRefunds(steps, plan.refunds);
	const middle = Math.floor(steps.length / 2);
	return cutLine([...steps.slice(0, middle), ...oneCardTwice(), ...steps.slice(middle)]);
}

/** Whether the next of `count` things, of which `left` are left, is due before sale `index`. */
function isDue(index: number, spread: { readonly of: number; readonly count: number; readonly left: number }): boolean {
	return index >= Math.floor(((spread.count - spread.left) * spread.of) / spread.count);
}

function saleAt(index: number, { plan, cards }: { readonly plan: Plan; readonly cards: readonly string[] }): Sale {
	const terminal = index % plan.terminals;
	return {
		kind: 'sale',
		terminal,
		card: cards[plan.below(cards.length)] ?? '',
		amount: String(100 + plan.below(14_900)),
		receipt: `${terminal + 1}${String(index).padStart(5, '0')}`,
	};
}

/** Puts each refund some steps behind its sale, so that some are of a sale that has left and some of one that still waits. */
function insertRefunds(steps: Step[], refunds: number): void {
	const sales = steps.filter((step) => step.kind === 'sale');
	const every = Math.floor(sales.length / refunds);
	for (const sale of sales.filter((_, index) => index % every === 0).slice(0, refunds)) {
		const at = Math.min(steps.length, steps.indexOf(sale) + 7);
		steps.splice(at, 0, { kind: 'refund', terminal: sale.terminal, receipt: sale.receipt });
	}
}

function cutLine(steps: readonly Step[]): readonly Step[] {
	const quarter = Math.floor(steps.length / 4);
	const cut: Step = { kind: 'line', isUp: false };
	const restored: Step = { kind: 'line', isUp: true };
	return [...steps.slice(0, quarter), cut, ...steps.slice(quarter, 3 * quarter), restored, ...steps.slice(3 * quarter)];
}

function enrolmentAt(index: number, terminals: number): Enrolment {
	const firstName = FIRST_NAMES[index % FIRST_NAMES.length] ?? 'Anna';
	return { kind: 'enrol', terminal: index % terminals, card: cardOf(index), firstName, mobile: `+36 30 555 ${1000 + index}` };
}

/** Two terminals enrol the same person with the same card, neither knowing of the other. */
function oneCardTwice(): readonly Enrolment[] {
	const person = { kind: 'enrol', card: cardOf(900), firstName: 'Zsófia', mobile: '+36 30 555 9900' } as const;
	return [
		{ ...person, terminal: 0 },
		{ ...person, terminal: 1 },
	];
}

function cardOf(index: number): string {
	return withCheckDigit(`29551000${String(index).padStart(4, '0')}`, 'mod10');
}
