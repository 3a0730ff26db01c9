import { useSessionStore } from '../stores/session/session-store.ts';
import { createText } from '../text/text.ts';

/** How tests ask for a look: `?theme=light|dark`, `?text=200`, `?dir=rtl`. Without them the machine and the locale decide. */
export function applyAppearance(): void {
	const query = new URLSearchParams(window.location.search);
	const root = document.documentElement;
	const theme = query.get('theme');
	if (theme === 'light' || theme === 'dark') root.dataset['theme'] = theme;
	if (query.get('text') === '200') root.dataset['text'] = '200';
	const applyLocale = (locale: string) => {
		root.lang = locale;
		root.dir = query.get('dir') === 'rtl' ? 'rtl' : createText(locale).direction;
	};
	applyLocale(useSessionStore.getState().session?.locale ?? 'en-GB');
	useSessionStore.subscribe(({ session }, before) => {
		if (session !== null && session.locale !== before.session?.locale) applyLocale(session.locale);
	});
}
