import { sql } from 'kysely';
import type { Context } from '../context.ts';

/** Where a link of an edition leads, and which story's it is. */
export interface EditionLink {
  url: string;
  /** Position of the story among the edition's candidates. */
  position: number;
  /** Which of the story's related links, from 0; -1: the story itself. */
  related: number;
}

/**
 * Gives an edition's links their numbers. A link keeps its number however often the edition is built: a mail that went
 * out for a test leads where it led then.
 * @returns numbers, by `linkKey`
 */
export async function numberLinks(
  { db }: Pick<Context, 'db'>,
  editionId: number,
  links: EditionLink[],
): Promise<Map<string, number>> {
  return db.transaction().execute(async (transaction) => {
    // Two who build at once take turns.
    await sql`select from editions where id = ${editionId} for no key update`.execute(transaction);
    await sql`
      insert into edition_links (edition_id, number, url, position, related)
      select ${editionId}, coalesce((select max(number) from edition_links where edition_id = ${editionId}), 0)
               + row_number() over (order by position, related), url, position, related
      from jsonb_to_recordset(${JSON.stringify(links)}::jsonb) as link (url text, position smallint, related smallint)
      where not exists (
        select from edition_links as known
        where known.edition_id = ${editionId} and known.position = link.position and known.related = link.related
          and known.url = link.url)`.execute(transaction);
    const rows = await transaction
      .selectFrom('edition_links')
      .select(['number', 'url', 'position', 'related'])
      .where('edition_id', '=', editionId)
      .execute();
    return new Map(rows.map(({ number, ...link }) => [linkKey(link), number]));
  });
}

/** Tells links of an edition apart. */
export const linkKey = ({ position, related, url }: EditionLink) => `${position} ${related} ${url}`;

/** Where a numbered link leads; undefined if there is none, or its edition is gone. */
export async function linkOf(
  { db }: Pick<Context, 'db'>,
  editionId: number,
  number: number,
): Promise<EditionLink | undefined> {
  return db
    .selectFrom('edition_links')
    .select(['url', 'position', 'related'])
    .where('edition_id', '=', editionId)
    .where('number', '=', number)
    .executeTakeFirst();
}
