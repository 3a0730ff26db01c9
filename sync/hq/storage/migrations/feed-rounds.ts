/** The advisory lock of the one who publishes, for as long as a round takes. */
export const PUBLISHER_LOCK = 7_246_002;

/**
 * A round of the publisher as one call, because a round of statements from outside takes as many turns of a busy process as it has
 * statements, and the feed lags by their sum. It takes the oldest `most` staged changes.
 *
 * Few rows are looked for among very many, by their keys, while the planner's guess how few depends on statistics of a table that is empty
 * most of the time: wrong once, a round of 5,000 took eleven seconds. So each statement joins lists with one index, and nothing else is allowed.
 */
export const FEED_ROUNDS = `
CREATE FUNCTION publish_round(most integer, waits boolean)
RETURNS TABLE (is_leader boolean, taken integer, placed integer, remaining integer)
LANGUAGE plpgsql SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off AS $$
DECLARE
	ids bigint[];
	members text[];
	shards integer[];
	locked text[];
	shards_due integer;
	shards_moved integer;
BEGIN
	is_leader := pg_try_advisory_xact_lock(${PUBLISHER_LOCK});
	taken := 0;
	placed := 0;
	remaining := 0;
	IF NOT is_leader THEN
		RETURN NEXT;
		RETURN;
	END IF;
	-- Each statement from here on sees what was committed before it, the last publisher's work included.
	SELECT array_agg(s.id), array_agg(s.member_id), array_agg(s.shard) INTO ids, members, shards
	FROM (SELECT c.id, c.member_id, c.shard FROM change_staging c ORDER BY c.id LIMIT most) AS s;
	IF ids IS NULL THEN
		RETURN NEXT;
		RETURN;
	END IF;
	-- In the order of their ids, as pushes do, so that neither waits for the other in a circle.
	IF waits THEN
		SELECT array_agg(l.id) INTO locked FROM (SELECT m.id FROM member m WHERE m.id = ANY (members) ORDER BY m.id FOR NO KEY UPDATE) AS l;
	ELSE
		SELECT array_agg(l.id) INTO locked
		FROM (SELECT m.id FROM member m WHERE m.id = ANY (members) ORDER BY m.id FOR NO KEY UPDATE SKIP LOCKED) AS l;
	END IF;
	WITH change AS MATERIALIZED (
		SELECT c.id, c.member_id, c.shard, c.member_id = ANY (locked) AS is_locked FROM unnest(ids, members, shards) AS c (id, member_id, shard)
	), place AS MATERIALIZED (
		SELECT c.member_id, c.shard, row_number() OVER (PARTITION BY c.shard ORDER BY min(c.id)) AS n
		FROM change c WHERE c.is_locked GROUP BY c.member_id, c.shard
	), due AS MATERIALIZED (
		SELECT s.shard, s.last_seq AS head, p.size FROM (SELECT p.shard, count(*) AS size FROM place p GROUP BY p.shard) AS p JOIN shard s ON s.shard = p.shard
	), numbering AS (
		UPDATE member m SET seq = s.last_seq + p.n FROM place p JOIN shard s ON s.shard = p.shard WHERE m.id = p.member_id
	), moving AS (
		UPDATE shard s SET last_seq = d.head + d.size FROM due d WHERE s.shard = d.shard AND s.last_seq = d.head RETURNING s.shard
	), unstaging AS (
		DELETE FROM change_staging g USING change c WHERE g.id = c.id AND (waits OR c.is_locked) RETURNING g.id
	)
	SELECT (SELECT count(*) FROM place), (SELECT count(*) FROM due), (SELECT count(*) FROM moving), (SELECT count(*) FROM unstaging)
	INTO placed, shards_due, shards_moved, taken;
	IF shards_moved <> shards_due THEN
		RAISE EXCEPTION 'somebody else moved a shard on although the lock is ours';
	END IF;
	remaining := cardinality(ids) - taken;
	RETURN NEXT;
END
$$;

-- Who has left, by their place in the feed: what segments and snapshots must forget, and what the horizon passes.
CREATE INDEX member_by_leaving ON member (shard, seq) WHERE seq > 0 AND status IN ('opted_out', 'merged');
`;
