import { isDeepStrictEqual } from 'node:util';
import type { Selectable, Transaction } from 'kysely';
import type { Context } from '../context.ts';
import { inTransaction } from '../db/in-transaction.ts';
import type { DB, Newsletters } from '../db/schema.ts';
import { UserError } from '../errors.ts';
import { parsePolicy } from '../selection/policy.ts';
import { parseCheckSettings } from './check-settings.ts';
import { parseStopRates } from './stop-rates.ts';
import { parseSubjectTest } from './subject-test.ts';
import { parseTracking } from './tracking.ts';

export type Newsletter = Selectable<Newsletters>;

/** What a newsletter is made from; what is left out has the default of the schema. */
export interface NewsletterFields {
  slug: string;
  name: string;
  description?: string;
  fromName?: string;
  fromAddress: string;
  replyTo?: string | null;
  subject?: string;
  language?: string;
  cron: string;
  timeZone?: string;
  catchUp?: 'latest' | 'skip';
  mode?: 'automatic' | 'approval';
  theme?: string;
  brand?: Record<string, unknown>;
  /** What is counted (see tracking.ts). */
  tracking?: Record<string, unknown>;
  /** What is checked of its editions, and what stops them (see check-settings.ts). */
  checks?: Record<string, unknown>;
  /** Further languages of the frame, for readers who have one of them: BCP 47 tags. */
  languages?: string[];
  /** A pattern as the subject is; empty: the next headlines. */
  preheader?: string;
  /** How links stand in plain text; null: as the theme has it. */
  plainLinks?: 'inline' | 'numbered' | null;
  /** Anyone may read the editions that were sent, at /archive/SLUG. */
  publicArchive?: boolean;
  /** How subjects are tried out (see subject-test.ts); null: they are not. */
  subjectTest?: Record<string, unknown> | null;
  policy?: Record<string, unknown>;
  /** Why the policy was changed, for those who look through its history. */
  policyNote?: string;
  onUncertain?: 'resend' | 'skip';
  /** At this time of each reader’s own day, as in 07:00; null: as soon as an edition is approved. */
  deliverAt?: string | null;
  /** Seconds for which an approval at the desk can be taken back before anything leaves; 10 if not given. */
  undoSeconds?: number;
  /** At what rates its sending pauses by itself (see stop-rates.ts). */
  stopRates?: Record<string, unknown>;
  /** How long what a mailbox puts off is tried again; a day if not given. */
  retryMinutes?: number;
  listIds?: number[];
  /** Only subscribers in this segment get it; null: everybody on its lists. */
  segmentId?: number | null;
  /** Empty: every source. */
  sourceIds?: number[];
}

/**
 * Makes a newsletter. Its first edition is for the first time that the schedule fires from now on.
 * @throws UserError if the slug is taken or is none, or the sender is no address
 */
export async function createNewsletter(context: Context, fields: NewsletterFields): Promise<Newsletter> {
  checkFields(fields);
  const { listIds = [], sourceIds = [], ...rest } = fields;
  return inTransaction(context, async (transaction) => {
    const now = context.clock.now();
    const row = await transaction
      .insertInto('newsletters')
      .values({
        ...columns(rest),
        slug: rest.slug,
        name: rest.name,
        from_name: rest.fromName ?? rest.name,
        from_address: rest.fromAddress,
        cron: rest.cron,
        scheduled_through: now,
        created_at: now,
        updated_at: now,
      })
      .onConflict((conflict) => conflict.column('slug').doNothing())
      .returningAll()
      .executeTakeFirst();
    if (!row)
      throw new UserError(`There is a newsletter "${fields.slug}" already.`, {
        code: 'exists',
        hint: 'Choose another slug, or change that one with "broadsheet newsletters edit".',
      });
    checkTogether(row);
    await connect({ db: transaction }, row.id, listIds, sourceIds);
    await keepPolicy(transaction, row, now, 'the first one');
    return row;
  });
}

/**
 * Changes a newsletter. A changed schedule counts from now on.
 * @throws UserError as `createNewsletter`
 */
export async function editNewsletter(
  context: Context,
  id: number,
  fields: Partial<Omit<NewsletterFields, 'slug'>>,
): Promise<Newsletter> {
  checkFields(fields);
  const { listIds, sourceIds, ...rest } = fields;
  return inTransaction(context, async (transaction) => {
    const now = context.clock.now();
    const before = await transaction
      .selectFrom('newsletters')
      .select(['policy', 'policy_version'])
      .where('id', '=', id)
      .forUpdate()
      .executeTakeFirstOrThrow();
    const isNewPolicy =
      fields.policy !== undefined &&
      !isDeepStrictEqual(parsePolicy(fields.policy), parsePolicy(before.policy));
    const row = await transaction
      .updateTable('newsletters')
      .set({
        ...(isNewPolicy ? { policy_version: before.policy_version + 1 } : {}),
        ...columns(rest),
        ...(rest.cron || rest.timeZone ? { scheduled_through: now } : {}),
        updated_at: now,
      })
      .where('id', '=', id)
      .returningAll()
      .executeTakeFirstOrThrow();
    checkTogether(row);
    if (listIds) await transaction.deleteFrom('newsletter_lists').where('newsletter_id', '=', id).execute();
    if (sourceIds)
      await transaction.deleteFrom('newsletter_sources').where('newsletter_id', '=', id).execute();
    await connect({ db: transaction }, id, listIds ?? [], sourceIds ?? []);
    if (isNewPolicy) await keepPolicy(transaction, row, now, fields.policyNote ?? '');
    return row;
  });
}

async function keepPolicy(
  db: Transaction<DB>,
  newsletter: Newsletter,
  now: Date,
  note: string,
): Promise<void> {
  await db
    .insertInto('policies')
    .values({
      newsletter_id: newsletter.id,
      version: newsletter.policy_version,
      policy: JSON.stringify(newsletter.policy),
      note,
      created_at: now,
    })
    .execute();
}

/** A policy that a newsletter has or had. */
export interface PolicyVersion {
  version: number;
  /** As it was given: what is left out has the default. */
  policy: Record<string, unknown>;
  note: string;
  createdAt: Date;
}

/** The policies that a newsletter has had, the newest first. */
export async function policyVersions(
  context: Pick<Context, 'db'>,
  newsletterId: number,
): Promise<PolicyVersion[]> {
  const rows = await context.db
    .selectFrom('policies')
    .selectAll()
    .where('newsletter_id', '=', newsletterId)
    .orderBy('version', 'desc')
    .execute();
  return rows.map(({ version, policy, note, created_at }) => ({
    version,
    policy: policy as Record<string, unknown>,
    note,
    createdAt: created_at,
  }));
}

function columns(fields: Partial<NewsletterFields>) {
  const given = {
    name: fields.name,
    description: fields.description,
    from_name: fields.fromName,
    from_address: fields.fromAddress,
    reply_to: fields.replyTo,
    subject: fields.subject,
    language: fields.language,
    cron: fields.cron,
    time_zone: fields.timeZone,
    catch_up: fields.catchUp,
    mode: fields.mode,
    theme: fields.theme,
    brand: fields.brand && JSON.stringify(fields.brand),
    tracking: fields.tracking && JSON.stringify(fields.tracking),
    stop_rates: fields.stopRates && JSON.stringify(fields.stopRates),
    checks: fields.checks && JSON.stringify(fields.checks),
    languages: fields.languages,
    preheader: fields.preheader,
    plain_links: fields.plainLinks,
    public_archive: fields.publicArchive,
    subject_test: fields.subjectTest && JSON.stringify(fields.subjectTest),
    policy: fields.policy && JSON.stringify(fields.policy),
    on_uncertain: fields.onUncertain,
    deliver_at: fields.deliverAt,
    retry_minutes: fields.retryMinutes,
    segment_id: fields.segmentId,
    undo_seconds: fields.undoSeconds,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Partial<
    typeof given
  >;
}

function checkFields(fields: Partial<NewsletterFields>): void {
  if (fields.slug !== undefined && !/^[a-z0-9][a-z0-9-]*$/.test(fields.slug))
    throw new UserError(`"${fields.slug}" is no slug.`, {
      code: 'slug',
      hint: 'Use lower-case letters, digits and hyphens, such as morning-news.',
    });
  if (fields.deliverAt && !/^(?:[01]\d|2[0-3]):[0-5]\d$/.test(fields.deliverAt))
    throw new UserError(`"${fields.deliverAt}" is no time of the day.`, {
      code: 'usage',
      hint: 'Write it as in 07:00 or 18:30.',
    });
  if (fields.retryMinutes !== undefined && !(fields.retryMinutes >= 1 && fields.retryMinutes <= 10_080))
    throw new UserError('What is put off is tried again for a minute at least, and for a week at most.', {
      code: 'usage',
    });
  if (fields.undoSeconds !== undefined && !(fields.undoSeconds >= 0 && fields.undoSeconds <= 3600))
    throw new UserError('An approval can be taken back for at most an hour: 0 to 3600 seconds.', {
      code: 'usage',
    });
  if (fields.tracking) parseTracking(fields.tracking);
  if (fields.subjectTest) parseSubjectTest(fields.subjectTest);
  if (fields.stopRates) parseStopRates(fields.stopRates);
  if (fields.checks) parseCheckSettings(fields.checks);
  for (const address of [fields.fromAddress, fields.replyTo])
    if (address && !/^[^@\s<>"]+@[^@\s<>"]+$/.test(address))
      throw new UserError(`"${address}" is no address to send from.`, {
        code: 'address',
        hint: 'Give one such as news@example.com.',
      });
}

/** Settings that depend on each other. */
function checkTogether(newsletter: Newsletter): void {
  if (newsletter.subject_test === null) return;
  if (newsletter.deliver_at !== null)
    throw new UserError('Subjects cannot be tried out when each reader has the edition at their own time.', {
      code: 'usage',
      hint: 'Take one of them off: --subject-test off, or --deliver-at off.',
    });
  const { privacy } = parseTracking(newsletter.tracking);
  if (privacy !== 'individual')
    throw new UserError(
      `Subjects cannot be compared, as the newsletter ${privacy === 'off' ? 'counts nothing' : 'does not know who clicked'}.`,
      {
        code: 'usage',
        hint: 'Take one of them off: --subject-test off, or --privacy individual.',
      },
    );
  if (parseSubjectTest(newsletter.subject_test).by === 'opens' && !parseTracking(newsletter.tracking).opens)
    throw new UserError('Subjects cannot be compared by openings, as the newsletter does not count them.', {
      code: 'usage',
      hint: 'Compare them by clicks ("by": "clicks"), or count openings with --opens on.',
    });
}

async function connect(
  { db }: Pick<Context, 'db'>,
  newsletterId: number,
  listIds: number[],
  sourceIds: number[],
): Promise<void> {
  if (listIds.length > 0)
    await db
      .insertInto('newsletter_lists')
      .values(listIds.map((list_id) => ({ newsletter_id: newsletterId, list_id })))
      .execute();
  if (sourceIds.length > 0)
    await db
      .insertInto('newsletter_sources')
      .values(sourceIds.map((source_id) => ({ newsletter_id: newsletterId, source_id })))
      .execute();
}

/** Finds a newsletter by slug or id. @throws UserError naming those that there are */
export async function findNewsletter(context: Pick<Context, 'db'>, slugOrId: string): Promise<Newsletter> {
  const row = await context.db
    .selectFrom('newsletters')
    .selectAll()
    .where((e) =>
      /^\d{1,15}$/.test(slugOrId)
        ? e.or([e('id', '=', Number(slugOrId)), e('slug', '=', slugOrId)])
        : e('slug', '=', slugOrId),
    )
    .executeTakeFirst();
  if (row) return row;
  const others = await context.db
    .selectFrom('newsletters')
    .select('slug')
    .orderBy('slug')
    .limit(10)
    .execute();
  throw new UserError(`There is no newsletter "${slugOrId}".`, {
    code: 'not-found',
    hint:
      others.length > 0
        ? `There are: ${others.map((other) => other.slug).join(', ')}.`
        : 'Make one with "broadsheet newsletters create".',
  });
}

/** All newsletters, by slug, with the slugs of their lists and the name of the segment that they are limited to. */
export async function listNewsletters(
  context: Pick<Context, 'db'>,
): Promise<(Newsletter & { lists: string[]; segment: string | null })[]> {
  const [rows, lists] = await Promise.all([
    context.db
      .selectFrom('newsletters')
      .leftJoin('segments', 'segments.id', 'newsletters.segment_id')
      .selectAll('newsletters')
      .select('segments.name as segment')
      .orderBy('newsletters.slug')
      .execute(),
    context.db
      .selectFrom('newsletter_lists')
      .innerJoin('lists', 'lists.id', 'newsletter_lists.list_id')
      .select(['newsletter_id', 'slug'])
      .orderBy('slug')
      .execute(),
  ]);
  return rows.map((row) => ({
    ...row,
    lists: lists.filter((list) => list.newsletter_id === row.id).map((list) => list.slug),
  }));
}

/** Stops a newsletter from making editions, or lets it go on; what was missed while it was paused stays missed. */
export async function setNewsletterPaused(context: Context, id: number, paused: boolean): Promise<void> {
  await context.db
    .updateTable('newsletters')
    .set({
      paused,
      updated_at: context.clock.now(),
      ...(paused ? {} : { scheduled_through: context.clock.now() }),
    })
    .where('id', '=', id)
    .execute();
}

/** The ids of a newsletter's lists. */
export async function listIdsOf(context: Pick<Context, 'db'>, newsletterId: number): Promise<number[]> {
  const rows = await context.db
    .selectFrom('newsletter_lists')
    .select('list_id')
    .where('newsletter_id', '=', newsletterId)
    .execute();
  return rows.map((row) => row.list_id);
}

/** The sources that a newsletter draws on; undefined: all. */
export async function sourcesOf(
  context: Pick<Context, 'db'>,
  newsletterId: number,
): Promise<number[] | undefined> {
  const rows = await context.db
    .selectFrom('newsletter_sources')
    .select('source_id')
    .where('newsletter_id', '=', newsletterId)
    .execute();
  return rows.length > 0 ? rows.map((row) => row.source_id) : undefined;
}
