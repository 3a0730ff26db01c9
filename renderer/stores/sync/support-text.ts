import type { LineDetails, Night, Status } from '#shared/bridge/session-calls.ts';

/**
 * What is copied for support: versions, ids of machines, counts and codes. It is made of numbers, of codes and of ids of a closed form alone, so that
 * no name, number of a card or of a phone, and no address can be in it, whatever headquarters or a disk has said. Times are UTC.
 */
export function supportText(details: LineDetails, status: Status, nowMs: number): string {
	const lines: readonly (readonly [string, string])[] = [
		['made', isoTime(nowMs)],
		['version', idOnly(details.appVersion)],
		['protocol', String(details.protocol)],
		['outlet', idOnly(details.outletCode)],
		['terminal', idOnly(details.terminal)],
		['incarnation', /^(?=.*[a-f])[0-9a-f]{16}$/.test(details.incarnation) ? details.incarnation : '?'],
		['epoch', String(details.hqEpoch)],
		['last number', String(details.lastSeq)],
		['line', status.line],
		['offline since', isoTime(status.offlineSinceMs)],
		['next try', isoTime(status.nextTryAtMs)],
		['last sent', isoTime(status.lastPushAtMs)],
		['last fetched', isoTime(status.lastPullAtMs)],
		['night', nightOf(details.night)],
		['compared', comparedOf(details.night)],
		['clock ms', String(status.clockSkewMs)],
		['error', status.error === null ? '-' : `${status.error.code} ${status.error.verdict}`],
		['notice', status.notice ?? '-'],
		['members', `${details.replica.phase} ${details.replica.rows} ${isoTime(details.replica.asOfMs)}`],
		['work', status.work === null ? '-' : `${status.work.kind} ${status.work.done}/${status.work.total} ${status.work.unit}`],
		['entries', pairs(Object.entries(details.counts))],
		['refusals', pairs(details.refusals.map(({ code, count }) => [String(code), count]))],
	];
	return lines.map(([name, value]) => `${name}: ${value}`).join('\n');
}

function nightOf(night: Night | null): string {
	if (night === null) return '-';
	return `next ${isoTime(night.nextAtMs)}${night.isDue ? ' due' : ''} last ${isoTime(night.doneAtMs)}`;
}

function comparedOf(night: Night | null): string {
	if (night === null || night.compared === null) return '-';
	const { atMs, members, shards, differed, notCompared } = night.compared;
	return `${isoTime(atMs)} members=${members} shards=${shards} differed=${differed} not=${notCompared}`;
}

function isoTime(ms: number | null): string {
	return ms === null || ms === 0 ? '-' : new Date(ms).toISOString();
}

function pairs(of: readonly (readonly [string, number])[]): string {
	const words = of.filter(([, count]) => count !== 0).map(([name, count]) => `${name}=${count}`);
	return words.length === 0 ? '-' : words.join(' ');
}

/** Ids and versions are letters, digits, points and hyphens; anything else is no id and is not copied. Long numbers could be cards. */
function idOnly(text: string | null): string {
	if (text === null) return '-';
	return /^[A-Za-z0-9.+_-]{1,64}$/.test(text) && !/\d{8}/.test(text.replaceAll(/[.+_-]/g, '')) ? text : '?';
}
