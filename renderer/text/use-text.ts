import { createContext, useContext } from 'react';
import { createText } from './text.ts';
import type { Text } from './text.ts';

/** English until the session has said which language this terminal speaks. */
export const defaultText = createText('en-GB');

export const TextContext = createContext<Text>(defaultText);

/** What people read, in the session's language. */
export function useText(): Text {
	return useContext(TextContext);
}
