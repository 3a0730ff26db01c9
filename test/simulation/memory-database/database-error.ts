/** What a statement rejects with; `code` is PostgreSQL's SQLSTATE, by which headquarters decides. */
export class DatabaseError extends Error {
	override readonly name = 'DatabaseError';
	readonly code: string;

	constructor(code: string, message: string) {
		super(`${code}: ${message}`);
		this.code = code;
	}
}
