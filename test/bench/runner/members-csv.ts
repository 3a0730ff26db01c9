import { createWriteStream, existsSync } from 'node:fs';
import { rename, stat } from 'node:fs/promises';
import { once } from 'node:events';

import { createBenchBase } from './synthetic-member.ts';

const HEADER = 'id,loyalty_barcode,first_name,last_name,mobile_phone,email,points,tier_points,status,language';
const ROWS_PER_WRITE = 5_000;

/** Writes a CSV of `rows` synthetic members to `file` unless it is there already. Answers its size in bytes. */
export async function writeMembersCsv(file: string, rows: number): Promise<number> {
	if (!existsSync(file)) {
		const base = createBenchBase();
		const stream = createWriteStream(`${file}.part`);
		stream.write(`${HEADER}\n`);
		for (let first = 0; first < rows; first += ROWS_PER_WRITE) {
			const lines: string[] = [];
			for (let index = first; index < Math.min(rows, first + ROWS_PER_WRITE); index += 1) lines.push(toCsvLine(base.member(index)));
			if (!stream.write(`${lines.join('\n')}\n`)) await once(stream, 'drain');
		}
		stream.end();
		await once(stream, 'finish');
		await rename(`${file}.part`, file);
	}
	return (await stat(file)).size;
}

function toCsvLine(member: ReturnType<ReturnType<typeof createBenchBase>['member']>): string {
	const { id, card, firstName, lastName, mobile, email, points, tierPoints, status, profile } = member;
	return [id, card, firstName, lastName, mobile, email, points, tierPoints, status, profile.language].map(quote).join(',');
}

function quote(value: string | number | null | undefined): string {
	const text = value === null || value === undefined ? '' : String(value);
	return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
