import { expect, test } from 'vitest';
import { terminalError } from '#shared/errors/loyalty-error.ts';
import { explainFailure } from './explain-failure.ts';

test('a damaged outbox is explained with its path and its own exit code', () => {
	const { exitCode, text } = explainFailure(terminalError('DISK-103'), '/srv/data');
	expect(exitCode).toBe(3);
	expect(text).toContain('/srv/data/outbox.db is damaged');
	expect(text).toContain('do not delete');
	expect(explainFailure(terminalError('DISK-104'), '/srv/data').exitCode).toBe(3);
	expect(explainFailure(terminalError('LINE-106'), '/srv/data')).toMatchObject({
		exitCode: 4,
		text: expect.stringContaining('pairing code'),
	});
	expect(explainFailure(terminalError('INTERNAL-101', { detail: 'why' }), '/srv/data').text).toBe(
		'The terminal could not start. (INTERNAL-101: why)\n',
	);
});
