import { expect, test } from 'vitest';
import { SqliteError, toDiskError } from './sqlite-error.ts';

function failWith(code: number): SqliteError {
	return new SqliteError(Object.assign(new Error('SQLITE_X: said by SQLite'), { errno: code }), 'SELECT 1');
}

test.each([
	['FULL', 13, 'full', 'DISK-101'],
	['IOERR', 10, 'io', 'DISK-102'],
	['IOERR_FSYNC, an extended code', 1034, 'io', 'DISK-102'],
	['READONLY', 8, 'io', 'DISK-102'],
	['CANTOPEN', 14, 'io', 'DISK-102'],
	['PERM', 3, 'io', 'DISK-102'],
	['CORRUPT', 11, 'damaged', 'DISK-103'],
	['NOTADB', 26, 'damaged', 'DISK-103'],
	['BUSY', 5, 'busy', 'DISK-105'],
	['LOCKED', 6, 'busy', 'DISK-105'],
	['CONSTRAINT', 19, 'constraint', 'DISK-102'],
	['ERROR', 1, 'statement', 'DISK-102'],
	['INTERRUPT', 9, 'interrupted', 'DISK-102'],
	['NOMEM', 7, 'other', 'DISK-102'],
])('%s (%i) is %s and %s', (_name, code, failure, expected) => {
	const error = failWith(code);
	expect(error).toMatchObject({ failure, code });
	expect(toDiskError(error)).toMatchObject({ code: expected, origin: 'terminal', detail: expect.stringContaining('SELECT 1') });
});

test('an error without a code is other', () => {
	expect(new SqliteError(new Error('no code'), 'SELECT 1')).toMatchObject({ failure: 'other', code: 0 });
});
