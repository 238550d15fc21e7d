import { z } from '@hono/zod-openapi';
import { UserError } from '../../errors.ts';

/** The query of what is read in pages. */
export const pageQuery = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('how many at the most, up to 200'),
  cursor: z.string().max(500).optional().describe('"next" of the page before'),
});

/** A page of something: rows, and how to ask for what follows. */
export const pageOf = <Row extends z.ZodType>(row: Row) =>
  z.object({
    data: z.array(row),
    next: z.string().nullable().describe('the cursor of the next page; null: this was the last'),
  });

/**
 * The place at which a page ends, for clients to give back. It names the last row by what rows are ordered by, so rows
 * that come or go meanwhile neither repeat others nor hide them.
 */
export const cursorAt = (kind: string, ...place: (string | number)[]): string =>
  Buffer.from(JSON.stringify([kind, ...place])).toString('base64url');

/** The place that a cursor names. @throws UserError (code `cursor`) if it is none of this kind */
export function placeOf<const Items extends [z.ZodType, ...z.ZodType[]]>(
  kind: string,
  cursor: string,
  items: Items,
): z.infer<z.ZodTuple<Items>> {
  try {
    const [from, ...place] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')) as unknown[];
    if (from === kind) return z.tuple(items).parse(place);
  } catch {
    // told below
  }
  throw new UserError('This cursor is none of ours, or of something else.', {
    code: 'cursor',
    hint: 'Give "next" of the page before, or begin without a cursor.',
  });
}

/**
 * Cuts a page from rows of which one more than asked for was read.
 * @param cursorOf the cursor that stands for a row
 */
export function page<Row, Shown>(
  rows: Row[],
  limit: number,
  shown: (row: Row) => Shown,
  cursorOf: (row: Row) => string,
): { data: Shown[]; next: string | null } {
  const kept = rows.slice(0, limit);
  const last = kept.at(-1);
  return { data: kept.map(shown), next: rows.length > limit && last ? cursorOf(last) : null };
}
