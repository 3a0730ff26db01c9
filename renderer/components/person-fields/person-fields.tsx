import { useText } from '../../text/use-text.ts';
import { TextField } from '../../ui/field/text-field.tsx';

/** Who somebody is, as typed. */
export type TypedPerson = { readonly firstName: string; readonly lastName: string; readonly mobile: string; readonly email: string };

type PersonFieldsProps = {
	readonly person: TypedPerson;
	/** What is missing, in words, beside the first field of each kind. */
	readonly problemOf: (part: 'name' | 'contact') => string | null;
	readonly onType: (field: keyof TypedPerson, text: string) => void;
	/** The first of them is the main field of its screen. */
	readonly isMain?: boolean;
};

/** Names and contacts in the order of every form that has them. Their container says how they stand. */
export function PersonFields({ person, problemOf, onType, isMain = false }: PersonFieldsProps) {
	const { t } = useText();
	return (
		<>
			<TextField
				isMain={isMain}
				takesFocus={isMain}
				label={t('enrol.first_name')}
				value={person.firstName}
				problem={problemOf('name')}
				onChange={(text) => onType('firstName', text)}
			/>
			<TextField label={t('enrol.last_name')} value={person.lastName} onChange={(text) => onType('lastName', text)} />
			<TextField
				label={t('enrol.mobile')}
				value={person.mobile}
				inputMode="tel"
				dir="ltr"
				problem={problemOf('contact')}
				onChange={(text) => onType('mobile', text)}
			/>
			<TextField label={t('enrol.email')} value={person.email} inputMode="email" dir="ltr" onChange={(text) => onType('email', text)} />
		</>
	);
}
