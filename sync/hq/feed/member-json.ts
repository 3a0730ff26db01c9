import { MEMBER_COLUMNS } from '#shared/wire/member-row.ts';

/**
 * One row of table `member` (under the alias `m`) as the JSON array of `MEMBER_COLUMNS`: the database writes the text and JavaScript
 * never decodes a row. The table has the wire's columns under the wire's names.
 */
export const MEMBER_JSON = `json_build_array(${MEMBER_COLUMNS.map((column) => `m.${column}`).join(', ')})::text`;
