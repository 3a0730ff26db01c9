import type { Said } from '../../stores/signal/signal-store.ts';
import type { Text } from '../../text/text.ts';

/** What a signal says in words: the first for the eye and the ear, the rest for who wants to know more. */
export type SaidWords = { readonly title: string; readonly body: string | null; readonly code: string | null };

/** The words of `said`. `currency` is the programme's; `null` before the first contact with headquarters, when no amount can be typed. */
export function saidWords(said: Said, text: Text, currency: string | null): SaidWords {
	const { t, number, signed, money, error } = text;
	const plain = (title: string): SaidWords => ({ title, body: null, code: null });
	switch (said.kind) {
		case 'error': {
			const { title, body } = error(said.error.code);
			return { title, body, code: said.error.code };
		}
		case 'member':
			return plain(t('said.member', { name: said.name ?? t('member.unnamed'), points: said.points, shown: number(said.points) }));
		case 'points':
			return plain(t('said.points', { shown: signed(said.points), points: Math.abs(said.points), who: said.who ?? t('given.to_card') }));
		case 'sale_dropped':
			return plain(
				t('said.sale_dropped', {
					amount: currency === null ? '' : money(said.amountMinor, currency),
					who: said.who ?? t('member.unnamed'),
				}),
			);
		case 'several':
			return plain(t('said.several', { count: said.count }));
		case 'plain':
			return plain(t(`said.${said.id}`));
	}
}
