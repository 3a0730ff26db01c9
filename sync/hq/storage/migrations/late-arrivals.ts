/**
 * What the ledger needs to put late arrivals in their place (`ledger/decide/timeline.ts`), to merge members, to tell two devices of one
 * terminal apart, and to seal a revoked one.
 */
export const LATE_ARRIVALS = `
-- The newest effective time of a sale or refund: what is not later than it is out of order.
ALTER TABLE member ADD COLUMN tier_last_at bigint;
-- The tier points of before this moment are one sum that nothing is inserted into any more (a merge).
ALTER TABLE member ADD COLUMN tier_base_at bigint;
UPDATE member SET tier_last_at = purchase_last_at WHERE purchase_last_at IS NOT NULL;

-- It happened longer ago than the programme looks back.
ALTER TABLE event ADD COLUMN is_late boolean NOT NULL DEFAULT false;
-- The card as the sender wrote it, when it named the member by one: a restored terminal gets its events back word for word.
ALTER TABLE event ADD COLUMN named_as text;

-- What earns of the sale, and which rule it was booked by: a sale is only ever recomputed by its own rule.
ALTER TABLE sale ADD COLUMN eligible_minor bigint;
ALTER TABLE sale ADD COLUMN rule_id text;
-- Sales are found by their key and by event_by_member; a second random index cost every push a tenth.
DROP INDEX sale_by_member;

CREATE TABLE sale_refund (
	event_id uuid PRIMARY KEY,
	transaction_id text NOT NULL,
	refund_minor bigint NOT NULL
);

-- An event moves points between two accounts at most. A key without their names is a quarter as large, and it grows with every sale.
ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_pkey;
ALTER TABLE ledger_entry ADD PRIMARY KEY (event_id);

ALTER TABLE terminal
	-- The newest event of which boot, and when it happened: a later one of the same boot is never earlier.
	ADD COLUMN boot_id text,
	ADD COLUMN boot_seq bigint,
	ADD COLUMN boot_effective_at bigint,
	-- Revoked, but what it recorded before is still taken; and since when nothing at all is.
	ADD COLUMN sealing_since bigint,
	ADD COLUMN sealed_at bigint;

-- Devices that spoke for a terminal. More than one that nobody has judged is a question to the operator.
CREATE TABLE terminal_device (
	terminal_id text NOT NULL REFERENCES terminal (id),
	device_id text NOT NULL,
	first_seen_at bigint NOT NULL,
	last_seen_at bigint NOT NULL,
	incarnation text,
	verdict text NOT NULL CHECK (verdict IN ('trusted', 'asked', 'refused')),
	judged_at bigint,
	PRIMARY KEY (terminal_id, device_id)
);
`;
