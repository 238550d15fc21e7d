import { type RawBuilder, sql } from 'kysely';
import type { Context } from '../context.ts';
import type { PersonParts } from './person-parts.ts';

type Db = Context['db'];
type Row = Record<string, unknown>;

/** By what a person's rows are found. */
export interface PersonKey {
  /** Null: not, or no longer, a subscriber. Rows may still be known by the address or its hash. */
  id: number | null;
  /** The address as compared (`email_key`). */
  key: string;
  hash: Buffer;
}

/** One table that holds something about persons. */
export interface PersonTable {
  of?: undefined;
  /** What an export calls it. */
  title: string;
  /** A query for all that the table holds about a person, in order. */
  rows(person: PersonKey): RawBuilder<Row>;
  /**
   * Takes the person out. Runs within the erasure's transaction, while the subscriber's row is still there and locked.
   * `with the subscriber`: the database does it when that row goes.
   */
  forget: 'with the subscriber' | ((db: Db, person: PersonKey) => Promise<unknown>);
}

/**
 * Every table that holds anything about a person: exporting and erasing go by it. A test walks the schema and fails for a
 * table that could hold an address or a subscriber and does not stand here.
 */
export const personTables = {
  subscribers: {
    title: 'Who you are to us',
    rows: ({ key }) => sql`select * from subscribers where email_key = ${key}`,
    forget: 'with the subscriber',
  },
  subscriptions: {
    title: 'Your subscriptions',
    rows: ({ id }) => sql`
      select lists.name as list, subscriptions.* from subscriptions join lists on lists.id = subscriptions.list_id
      where subscriber_id = ${id} order by list_id`,
    forget: 'with the subscriber',
  },
  consent_log: {
    title: 'How you agreed, and what you changed',
    rows: ({ hash }) => sql`
      select lists.name as list, consent_log.*, consent_wordings.text as "wording_text" from consent_log
      left join lists on lists.id = consent_log.list_id
      left join consent_wordings on consent_wordings.version = consent_log.wording
      where email_hash = ${hash} order by consent_log.at, consent_log.id`,
    forget: (db, { hash }) => sql`select consent_log_forget_person(${hash})`.execute(db),
  },
  suppressions: {
    title: 'Why you get no mail',
    rows: ({ hash }) => sql`
      select lists.name as list, suppressions.* from suppressions left join lists on lists.id = suppressions.list_id
      where email_hash = ${hash} order by suppressions.id`,
    // The hash stays, so that no import brings them back, and no undoing of one takes it away.
    forget: (db, { hash }) =>
      sql`update suppressions set email = null, note = null, import_id = null, import_before = null where email_hash = ${hash}`.execute(
        db,
      ),
  },
  deliveries: {
    title: 'What was sent to you',
    of: 'deliveries',
    rows: ({ id }, ids) => sql`
      select newsletters.name as newsletter, editions.subject as edition, deliveries.*
      from deliveries
      join editions on editions.id = deliveries.edition_id
      join newsletters on newsletters.id = editions.newsletter_id
      where deliveries.edition_id = any(${ids}::bigint[]) and deliveries.subscriber_id = ${id} order by editions.id`,
    // The rows stay, so that the ledger's sums hold: an id that leads to nobody. Servers' words may name the address.
    forget: (db, { id }, ids) =>
      sql`
      update deliveries set detail = regexp_replace(detail, '[^[:space:]<>"]+@[^[:space:]<>"]+', 'someone', 'g')
      where edition_id = any(${ids}::bigint[]) and subscriber_id = ${id} and detail like '%@%'`.execute(db),
  },
  engagement: {
    title: 'What you opened and clicked',
    of: 'engagement',
    rows: ({ id }, ids) => sql`
      select newsletters.name as newsletter, editions.subject as edition,
             edition_stories.snapshot->>'title' as story, engagement.*
      from engagement
      join editions on editions.id = engagement.edition_id
      join newsletters on newsletters.id = editions.newsletter_id
      left join edition_stories
        on edition_stories.edition_id = engagement.edition_id and edition_stories.position = engagement.position
      where engagement.edition_id = any(${ids}::bigint[]) and subscriber_id = ${id}
      order by engagement.edition_id, first_at`,
    forget: (db, { id }, ids) =>
      countWithoutNames(db, sql`edition_id = any(${ids}::bigint[]) and subscriber_id = ${id}`),
  },
  feedback_events: {
    title: 'What came back from your mail server',
    rows: ({ id, hash }) => sql`
      select * from feedback_events where subscriber_id = ${id} or email_hash = ${hash} order by id`,
    // What counts for an edition stays counted; what was about no delivery of ours goes.
    forget: async (db, { id, hash }) => {
      await sql`delete from feedback_events where email_hash = ${hash} and subscriber_id is null`.execute(db);
      await sql`
        update feedback_events set email_hash = null, detail = ''
        where subscriber_id = ${id} or email_hash = ${hash}`.execute(db);
    },
  },
  sunset_asks: {
    title: 'When we asked whether you want to stay',
    rows: ({ id }) => sql`
      select lists.name as list, sunset_asks.* from sunset_asks join lists on lists.id = sunset_asks.list_id
      where subscriber_id = ${id} order by list_id`,
    forget: 'with the subscriber',
  },
  goodbyes_due: {
    title: 'Mails that are about to be sent to you',
    rows: ({ id }) => sql`select * from goodbyes_due where subscriber_id = ${id} order by list_id`,
    forget: 'with the subscriber',
  },
  import_changes: {
    title: 'What imports changed about you',
    rows: ({ id }) => sql`
      select imports.file_name as file, imports.started_at, import_changes.* from import_changes
      join imports on imports.id = import_changes.import_id
      where subscriber_id = ${id} order by import_id`,
    forget: 'with the subscriber',
  },
  webhook_events: {
    title: 'What other programs were told about you',
    rows: ({ id, hash }) => sql`
      select * from webhook_events where subscriber_id = ${id} or email_hash = ${hash} order by id`,
    forget: (db, { id, hash }) =>
      sql`
      update webhook_events set email_hash = null where subscriber_id = ${id} or email_hash = ${hash}`.execute(
        db,
      ),
  },
  api_calls: {
    title: 'Answers to programs that name you, kept for a day',
    rows: ({ key }) =>
      sql`select began_at, status, body from api_calls where ${named(key)} order by began_at`,
    forget: (db, { key }) => sql`delete from api_calls where ${named(key)}`.execute(db),
  },
  seed_addresses: {
    title: 'Newsletters whose test mails you get',
    rows: ({ key }) => sql`
      select newsletters.name as newsletter, seed_addresses.* from seed_addresses
      join newsletters on newsletters.id = seed_addresses.newsletter_id
      where email_key = ${key} order by newsletter_id`,
    forget: (db, { key }) => sql`delete from seed_addresses where email_key = ${key}`.execute(db),
  },
  inbox_messages: {
    title: 'Mail to you that was caught instead of sent',
    rows: ({ key }) => sql`
      select id, received_at, mail_from, subject, convert_from(raw, 'LATIN1') as message from inbox_messages
      where ${caughtFor(key)} order by id`,
    forget: (db, { key }) => sql`delete from inbox_messages where ${caughtFor(key)}`.execute(db),
  },
} satisfies Record<string, PersonTable | PersonParts>;

/** The same as one type, by name. */
export const allPersonTables: [string, PersonTable | PersonParts][] = Object.entries(personTables);

const caughtFor = (key: string) =>
  sql`exists (select from unnest(rcpt_to) as recipient where lower(recipient) = ${key})`;

const named = (key: string) => sql`position(${key} in lower(body)) > 0`;

/**
 * Takes names off what was opened and clicked: the rows go, and how often each link was followed stays counted with the
 * edition.
 * @param which a condition over `engagement`
 * @returns how many rows went
 */
export async function countWithoutNames(db: Db, which: RawBuilder<unknown>): Promise<number> {
  const { rows } = await sql<{ gone: number }>`
    with gone as (
      delete from engagement where ${which} returning edition_id, kind, position, related, source, times
    ), counted as (
      insert into engagement_counts as known (edition_id, kind, position, related, source, times)
      select edition_id, kind, position, related, source, sum(times) from gone
      where exists (select from editions where editions.id = gone.edition_id)
      group by edition_id, kind, position, related, source
      order by edition_id, kind, position, related, source
      on conflict (edition_id, kind, position, related, source) do update set times = known.times + excluded.times
    )
    select count(*) as gone from gone`.execute(db);
  return Number(rows[0]?.gone ?? 0);
}
