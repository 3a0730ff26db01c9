import { z } from 'zod';

/** Points of one loyalty event: a whole number, at most a hundred million. */
export const POINTS_MAX = 100_000_000;
export const PointsSchema = z.int().min(1).max(POINTS_MAX);

/** A balance: a whole number that may be negative after a refund. Well inside 2^53, so that sums stay exact. */
export const BalanceSchema = z.int().min(-1_000_000_000_000).max(1_000_000_000_000);
