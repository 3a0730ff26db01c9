/** What a run found. `invariant` is a name of sync.md 4.2, or `defect` for a broken assumption inside of a module. */
export type Violation = { readonly invariant: string; readonly detail: string };

/** Only the first violation of a run counts: what follows may be its consequence. */
export type Report = (invariant: string, detail: string) => void;
