import { useText } from '../text/use-text.ts';

/** A member's name in the direction of its own letters, or the words for a member without one. */
export function MemberName({ name }: { readonly name: string | null }) {
	const { t } = useText();
	return name === null || name.trim() === '' ? <span>{t('member.unnamed')}</span> : <bdi dir="auto">{name}</bdi>;
}

/** A card number in groups of four, always from left to right. Only numbers are grouped: letters are read as they are. */
export function groupBarcode(barcode: string): string {
	return /^\d{9,}$/.test(barcode) ? barcode.replaceAll(/(\d{4})(?=\d)/g, '$1 ') : barcode;
}
