import { type Selectable, sql } from 'kysely';
import type { Context } from '../context.ts';
import type { Lists } from '../db/schema.ts';
import { UserError } from '../errors.ts';
import { cleanName, cleanTopics } from './personal-values.ts';

/** An audience that people subscribe to. */
export interface List {
  id: number;
  /** What it is called in URLs and on the command line. */
  slug: string;
  name: string;
  description: string;
  /** Double: a subscription counts once it is confirmed by a mailed link. Single: at once. */
  optIn: 'double' | 'single';
  /** What subscribers may choose among or mute. */
  topics: string[];
  /** Whether people get a mail when they have confirmed. */
  welcome: boolean;
  /** Whether people get a mail when they have left. */
  goodbye: boolean;
  createdAt: Date;
  /** Since when nobody can sign up and no newsletter sends to it; null: it is in use. */
  archivedAt: Date | null;
}

/** A list with the number of its subscriptions in each state. */
export interface ListWithCounts extends List {
  confirmed: number;
  pending: number;
  unsubscribed: number;
}

/**
 * Makes a list.
 * @param request.slug made from the name if not given
 * @throws UserError if there is one of this slug, or the name or slug cannot be used
 */
export async function createList(
  context: Pick<Context, 'db' | 'clock'>,
  request: {
    name: string;
    slug?: string;
    description?: string;
    optIn?: 'double' | 'single';
    topics?: string[];
    welcome?: boolean;
    goodbye?: boolean;
  },
): Promise<List> {
  const name = cleanName(request.name);
  if (!name) throw new UserError('A list needs a name.', { code: 'usage' });
  const slug = checkListSlug(request.slug ?? slugOf(name));
  const row = await context.db
    .insertInto('lists')
    .values({
      slug,
      name,
      description: request.description?.trim() ?? '',
      opt_in: request.optIn ?? 'double',
      topics: cleanTopics(request.topics ?? []),
      welcome: request.welcome ?? true,
      goodbye: request.goodbye ?? false,
      created_at: context.clock.now(),
    })
    .onConflict((conflict) => conflict.column('slug').doNothing())
    .returningAll()
    .executeTakeFirst();
  if (!row)
    throw new UserError(`There is a list "${slug}" already.`, {
      code: 'exists',
      hint: `Choose another name, or look at it with: broadsheet lists show ${slug}`,
    });
  return fromRow(row);
}

/**
 * Changes a list; what is not given stays.
 * @throws UserError if there is no such list, or a value cannot be used
 */
export async function editList(
  context: Pick<Context, 'db'>,
  slugOrId: string | number,
  changes: Partial<Pick<List, 'name' | 'description' | 'optIn' | 'topics' | 'welcome' | 'goodbye'>>,
): Promise<List> {
  const { id } = await findList(context, slugOrId);
  const name = changes.name === undefined ? undefined : cleanName(changes.name);
  if (name === '' || (changes.name !== undefined && !name))
    throw new UserError('A list needs a name.', { code: 'usage' });
  const values = {
    ...(name && { name }),
    ...(changes.description !== undefined && { description: changes.description.trim() }),
    ...(changes.optIn && { opt_in: changes.optIn }),
    ...(changes.topics && { topics: cleanTopics(changes.topics) }),
    ...(changes.welcome !== undefined && { welcome: changes.welcome }),
    ...(changes.goodbye !== undefined && { goodbye: changes.goodbye }),
  };
  if (Object.keys(values).length === 0)
    throw new UserError('Nothing to change was given.', {
      code: 'usage',
      hint: 'See what can be changed: broadsheet lists edit --help',
    });
  return fromRow(
    await context.db
      .updateTable('lists')
      .set(values)
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow(),
  );
}

/** Every list with its counts, by slug; archived ones only if asked for. */
export async function listLists(
  context: Pick<Context, 'db'>,
  { archived = false }: { archived?: boolean } = {},
): Promise<ListWithCounts[]> {
  const rows = await withCounts(context)
    .$if(!archived, (query) => query.where('lists.archived_at', 'is', null))
    .orderBy('lists.slug')
    .execute();
  return rows.map((row) => ({ ...fromRow(row), ...countsOf(row) }));
}

/** One list with its counts. @throws UserError if there is none of this slug or id */
export async function showList(
  context: Pick<Context, 'db'>,
  slugOrId: string | number,
): Promise<ListWithCounts> {
  const { id } = await findList(context, slugOrId);
  const row = await withCounts(context).where('lists.id', '=', id).executeTakeFirstOrThrow();
  return { ...fromRow(row), ...countsOf(row) };
}

/** A list by slug, by a slug that it had before, or by id. @throws UserError naming the lists that there are, if there is none */
export async function findList(context: Pick<Context, 'db'>, slugOrId: string | number): Promise<List> {
  const wanted = String(slugOrId).trim().replaceAll('\0', '');
  const row = await context.db
    .selectFrom('lists')
    .selectAll()
    .where((eb) =>
      /^\d{1,15}$/.test(wanted) ? eb('id', '=', Number(wanted)) : eb('slug', '=', wanted.toLowerCase()),
    )
    .executeTakeFirst();
  if (row) return fromRow(row);
  const former = await context.db
    .selectFrom('former_list_slugs')
    .innerJoin('lists', 'lists.id', 'former_list_slugs.list_id')
    .selectAll('lists')
    .where('former_list_slugs.slug', '=', wanted.toLowerCase())
    .executeTakeFirst();
  if (former) return fromRow(former);
  const others = await context.db
    .selectFrom('lists')
    .select('slug')
    .where('archived_at', 'is', null)
    .orderBy('slug')
    .limit(10)
    .execute();
  throw new UserError(`There is no list "${wanted}".`, {
    code: 'not-found',
    hint:
      others.length > 0
        ? `There is ${others.map(({ slug }) => slug).join(', ')}.`
        : 'There are no lists yet. Make one with: broadsheet lists create NAME',
  });
}

/** The list that an id means which a link was made with: the list itself, or the one that it went into since. */
export async function currentListId({ db }: Pick<Context, 'db'>, listId: number): Promise<number> {
  const former = await db
    .selectFrom('former_list_ids')
    .select('list_id')
    .where('id', '=', listId)
    .executeTakeFirst();
  return former?.list_id ?? listId;
}

/** A list that is in use. @throws UserError as `findList`, or if it is archived */
export async function findOpenList(context: Pick<Context, 'db'>, slugOrId: string | number): Promise<List> {
  const list = await findList(context, slugOrId);
  if (list.archivedAt === null) return list;
  throw new UserError(`The list "${list.slug}" is archived: nobody can be subscribed to it.`, {
    code: 'archived',
    hint: `Take it into use again with: broadsheet lists unarchive ${list.slug}`,
  });
}

const withCounts = (context: Pick<Context, 'db'>) =>
  context.db
    .selectFrom('lists')
    .leftJoin('subscriptions', 'subscriptions.list_id', 'lists.id')
    .groupBy('lists.id')
    .selectAll('lists')
    .select([
      sql<number>`count(*) filter (where state = 'confirmed')`.as('confirmed'),
      sql<number>`count(*) filter (where state = 'pending')`.as('pending'),
      sql<number>`count(*) filter (where state = 'unsubscribed')`.as('unsubscribed'),
    ]);

const countsOf = (row: { confirmed: number; pending: number; unsubscribed: number }) => ({
  confirmed: row.confirmed,
  pending: row.pending,
  unsubscribed: row.unsubscribed,
});

function fromRow(row: Selectable<Lists>): List {
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    description: row.description,
    optIn: row.opt_in as List['optIn'],
    topics: row.topics,
    welcome: row.welcome,
    goodbye: row.goodbye,
    createdAt: row.created_at,
    archivedAt: row.archived_at,
  };
}

/** @throws UserError if the text cannot be a list's short name */
export function checkListSlug(slug: string): string {
  // A slug of digits alone would be taken for an id.
  if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(slug) && !/^\d+$/.test(slug)) return slug;
  throw new UserError(`"${slug}" cannot be a list's short name.`, {
    code: 'usage',
    hint: 'Use lower-case letters, digits and hyphens, at least one letter, and no more than 63 characters.',
  });
}

/** The short name that a name makes. @throws UserError if it makes none */
export function slugOf(name: string): string {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '');
  if (slug === '' || /^\d+$/.test(slug))
    throw new UserError(`No short name can be made from "${name}".`, {
      code: 'usage',
      hint: 'Give one with --slug, such as --slug weekly.',
    });
  return slug;
}
