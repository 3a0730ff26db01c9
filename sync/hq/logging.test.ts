import { expect, test } from 'vitest';
import { describeError } from './logging.ts';

test('an error of the database is told without the values it quotes', () => {
	const error = Object.assign(new Error('duplicate key: Key (email)=(ann@example.com) exists'), {
		code: '23505',
		detail: 'Key (email)=(ann@example.com) already exists.',
		constraint: 'member_email',
		params: ['ann@example.com'],
		query: 'INSERT …',
	});
	const told = describeError(error);
	expect(told).toMatchObject({ kind: 'Error', code: '23505', constraint: 'member_email' });
	expect(JSON.stringify(told)).not.toContain('ann@');
});

test('an error of ours keeps its text, and what is no error its kind', () => {
	expect(describeError(new TypeError('x is not a function'))).toMatchObject({ kind: 'TypeError', message: 'x is not a function' });
	expect(describeError('text')).toEqual({ kind: 'string' });
});
