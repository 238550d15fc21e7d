import { sql } from 'kysely';
import { expect, test } from 'vitest';
import type { Context } from '../../../src/context.ts';
import { fields } from '../../../src/subscribers/segments/fields.ts';
import { testsOf } from '../../../src/subscribers/segments/filter.ts';
import { parseFilter } from '../../../src/subscribers/segments/parse.ts';
import { segmentCondition } from '../../../src/subscribers/segments/reference.ts';
import { createSegment } from '../../../src/subscribers/segments/segments.ts';
import { createTestContext } from '../../support/context.ts';
import { seedHistory, seedPeople } from '../../support/segment-people.ts';

/** Who fits, by the part of the address before the @. */
async function fitting(context: Context, filter: string): Promise<string> {
  const { rows } = await sql<{ who: string }>`
    select split_part(email_key, '@', 1) as who from subscribers
    where ${await segmentCondition(context, filter)} order by id`.execute(context.db);
  return rows.map(({ who }) => who).join(' ');
}

const everybody = 'ada bob cem dora eve';

/** Filters and who fits; the clock stands at 2026-11-24T08:00Z. */
const cases: [filter: string, who: string][] = [
  ['email = ADA@Example.com', 'ada'],
  ['email != ada@example.com', 'bob cem dora eve'],
  ['email in (ada@example.com, bob@mail.example.com)', 'ada bob'],
  ['email contains "%"', ''],
  ['email contains MAIL', 'bob'],
  ['email starts with a', 'ada'],
  ['email ends with .de', 'cem dora'],
  ['domain = example.com', 'ada eve'],
  ['domain = "bücher.de"', 'dora'],
  ['domain ends with example.com', 'ada bob eve'],
  ['name = "ada lovelace"', 'ada'],
  ['name is empty', 'eve'],
  ['name is not empty and not name contains o', 'cem'],
  ['name != "Ada Lovelace"', 'bob cem dora eve'],
  ['name contains "_"', 'cem'],
  ['language = de', 'cem dora'],
  ['language = de-AT', 'dora'],
  ['language not in (de)', 'ada bob eve'],
  ['language is empty', 'eve'],
  ['time zone = europe/berlin', 'cem'],
  ['time zone starts with Europe/', 'bob cem'],
  ['time zone is empty', 'dora eve'],
  ['country = DE', 'cem'],
  ['country = Germany', 'cem'],
  ['country in (GB, austria)', 'bob dora'],
  ['country != DE', 'ada bob dora eve'],
  ['country is empty', 'eve'],
  ['not country is empty', 'ada bob cem dora'],
  ['created within 30d', 'eve'],
  ['created before 2026-01-01', 'ada'],
  ['created since 2026-06-01', 'bob cem dora eve'],
  ['created after 2026-06-01', 'eve'],
  ['created before 1y', 'ada'],
  ['tag = VIP', 'ada bob'],
  ['tag in (press, nobody)', 'bob'],
  ['tag is empty', 'cem dora eve'],
  ['tag starts with vi', 'ada bob'],
  ['tag != vip', 'cem dora eve'],
  ['suppressed', 'eve'],
  ['not suppressed', 'ada bob cem dora'],
  ['suppressed = bounce', 'eve'],
  ['suppressed in (complaint, manual)', ''],
  ['suppressed != bounce', 'ada bob cem dora'],
  ['opened', 'ada bob'],
  ['opened within 30d', 'ada'],
  ['clicked', 'ada'],
  ['not clicked', 'bob cem dora eve'],
  ['clicked >= 2', 'ada'],
  ['clicked >= 2 within 30d', ''],
  ['clicked = 1 within 30d', 'ada'],
  ['clicked > 2', ''],
  ['clicked < 1', 'bob cem dora eve'],
  ['clicked <= 2', everybody],
  ['clicked = 0', 'bob cem dora eve'],
  ['clicked != 2', 'bob cem dora eve'],
  ['clicked >= 0', everybody],
  ['clicked before 2026-09-02', 'ada'],
  ['clicked after 2026-11-20', ''],
  ['received', 'ada bob cem'],
  ['received = 2', 'ada'],
  ['received within 30d', 'ada bob'],
  ['received since 2026-11-20 and not opened since 2026-11-20', 'bob'],
  ['not received within 30d', 'cem dora eve'],
  ['received before 2026-09-02', 'ada cem'],
  ['segment = engaged', 'ada bob'],
  ['not segment = engaged', 'cem dora eve'],
  ['segment != engaged', 'cem dora eve'],
  ['segment in (engaged, german)', 'ada bob cem dora'],
  ['segment not in (engaged, german)', 'eve'],
  ['engaged', 'ada bob'],
  ['list = weekly', 'ada bob'],
  ['list = former', 'ada bob'],
  ['list != weekly', 'cem dora eve'],
  ['not list = weekly', 'cem dora eve'],
  ['list in (weekly, daily)', 'ada bob cem dora'],
  ['list not in (weekly, daily)', 'eve'],
  ['list = weekly and list = daily', ''],
  ['list = weekly and not list = daily', 'ada'],
  ['state = unsubscribed', 'cem'],
  ['state = pending', 'dora'],
  ['list = weekly and state = unsubscribed', 'cem'],
  ['list = weekly and state != confirmed', 'cem'],
  ['list = daily and state = confirmed', 'bob cem'],
  ['(list = weekly or list = daily) and state = pending', 'dora'],
  ['list = weekly and frequency = weekly', 'ada'],
  ['frequency = weekly', 'ada bob'],
  ['list = weekly and frequency != weekly', 'bob'],
  ['frequency = daily', ''],
  ['frequency = daily and state = unsubscribed', 'cem'],
  ['topic = Climate', 'ada'],
  ['topic in (climate, sport)', 'ada bob'],
  ['topic is empty', 'cem dora'],
  ['topic contains lim', 'ada'],
  ['muted topic = sport', 'ada'],
  ['subscribed before 2026-01-01', 'ada'],
  ['subscribed within 7d', 'dora'],
  ['confirmed within 30d', 'bob'],
  ['confirmed is empty', 'dora'],
  ['unsubscribed within 30d', 'cem'],
  ['unsubscribed is not empty', 'cem'],
  ['source = import', 'bob'],
  ['source = form', 'ada'],
  ['source != import', 'ada bob cem dora'],
  ['list = weekly and source is empty', ''],
  ['field.company = "acme ltd"', 'ada'],
  ['field.company != "ACME Ltd"', 'bob cem dora eve'],
  ['field.company contains cme', 'ada bob'],
  ['field.company is empty', 'cem dora eve'],
  ['field.seats = 5', 'ada bob'],
  ['field.seats >= 5', 'ada bob cem'],
  ['field.seats > 5', 'cem'],
  ['field.seats in (12, 7)', 'cem'],
  ['field.seats < 6', 'ada bob'],
  ['field.plz = 01234', 'dora'],
  ['field.plz = 1234', ''],
  ['field.paid = true', 'ada'],
  ['field.renewal before 2026-12-01', 'ada bob'],
  ['field.renewal within 30d', 'bob'],
  ['field.renewal >= 2026-11-20', 'bob cem'],
  ['field.renewal > 2026-11-20', 'cem'],
  ['field.renewal <= 2026-11-20', 'ada bob'],
  ['field."Favourite colour" = red', 'cem'],
  ['not (tag = vip or language = de)', 'eve'],
  ['not (tag = vip and language = en)', 'cem dora eve'],
  ['tag = vip and (country = GB or clicked)', 'ada bob'],
];

test('each field finds whom it should in a database, and its opposite everybody else', async () => {
  const own = await createTestContext();
  const ids = await seedPeople(own, [
    {
      email: 'ada@example.com',
      name: 'Ada Lovelace',
      language: 'en',
      timeZone: 'America/New_York',
      tags: ['vip'],
      created: '2025-03-01T12:00:00Z',
      fields: { company: 'ACME Ltd', seats: 5, paid: true, renewal: '2026-01-31' },
      on: {
        weekly: {
          frequency: 'weekly',
          topics: ['climate', 'energy'],
          muted_topics: ['sport'],
          created_at: '2025-03-01T12:00:00Z',
          via: 'form',
        },
      },
    },
    {
      email: 'bob@mail.example.com',
      name: 'Bob Stone',
      language: 'en-GB',
      timeZone: 'Europe/London',
      tags: ['press', 'vip'],
      fields: { company: 'Acme', seats: '5.0', renewal: '2026-11-20T09:30' },
      on: {
        weekly: { topics: ['sport'], confirmed_at: '2026-11-10T00:00:00Z', via: 'import' },
        daily: { frequency: 'weekly', topics: ['sport'], via: 'form-api' },
      },
    },
    {
      email: 'cem@buch.de',
      name: 'Cem_K',
      language: 'de',
      timeZone: 'Europe/Berlin',
      fields: { seats: 12, renewal: '2027-05-01', 'Favourite colour': 'Red', country: '' },
      on: {
        weekly: { state: 'unsubscribed', frequency: 'daily', unsubscribed_at: '2026-11-20T00:00:00Z' },
        daily: { via: 'admin' },
      },
    },
    {
      email: 'dora@xn--bcher-kva.de',
      name: 'Dora',
      language: 'de-AT',
      fields: { seats: 'a few', plz: '01234', country: 'Austria', renewal: 'soon' },
      on: { daily: { state: 'pending', created_at: '2026-11-23T00:00:00Z', via: 'api' } },
    },
    { email: 'eve@example.com', created: '2026-11-20T00:00:00Z' },
  ]);
  const lists = await own.db.selectFrom('lists').select(['id', 'slug']).execute();
  const weekly = lists.find(({ slug }) => slug === 'weekly')?.id ?? 0;
  await own.db.insertInto('former_list_slugs').values({ slug: 'former', list_id: weekly }).execute();
  const hashOf = (id: number | undefined) =>
    own.db
      .selectFrom('subscribers')
      .select('email_hash')
      .where('id', '=', id ?? 0)
      .executeTakeFirstOrThrow();
  const eve = (await hashOf(ids.eve)).email_hash;
  const ada = (await hashOf(ids.ada)).email_hash;
  await own.db
    .insertInto('suppressions')
    .values([
      { email_hash: eve, reason: 'bounce' },
      // For one list, and over: neither stops all mail.
      { email_hash: ada, reason: 'manual', list_id: weekly },
      { email_hash: ada, reason: 'complaint', expires_at: '2026-11-01T00:00:00Z' },
    ])
    .execute();
  const [adaId = 0, bobId = 0, cemId = 0] = [ids.ada, ids.bob, ids.cem];
  await seedHistory(own, [weekly], {
    '2026-09-01T06:00:00Z': [
      { person: adaId, what: 'received', at: '2026-09-01T06:10:00Z' },
      { person: cemId, what: 'received', at: '2026-09-01T06:10:00Z' },
      { person: adaId, what: 'click', at: '2026-09-01T07:00:00Z' },
      { person: adaId, what: 'click', position: 3, at: '2026-09-01T07:10:00Z' },
      { person: bobId, what: 'open', at: '2026-09-01T07:00:00Z' },
    ],
    '2026-11-20T06:00:00Z': [
      { person: adaId, what: 'received', at: '2026-11-20T06:10:00Z' },
      { person: bobId, what: 'received', at: '2026-11-20T06:10:00Z' },
      { person: adaId, what: 'click', at: '2026-11-20T07:00:00Z' },
      { person: bobId, what: 'click', source: 'scanner', at: '2026-11-20T06:10:01Z' },
    ],
  });
  await createSegment(own, { name: 'engaged', filter: 'opened within 90d' });
  await createSegment(own, { name: 'german', filter: 'language = de' });

  const wrong: string[] = [];
  for (const [filter, who] of cases) {
    const found = await fitting(own, filter);
    if (found !== who) wrong.push(`${filter}: found "${found}", not "${who}"`);
    // What is not so must be so of everybody else.
    if (filter !== 'engaged') {
      const others = await fitting(own, `not (${filter})`);
      const rest = everybody
        .split(' ')
        .filter((name) => !found.split(' ').includes(name))
        .join(' ');
      if (others !== rest) wrong.push(`not (${filter}): found "${others}", not "${rest}"`);
    }
  }
  expect(wrong).toEqual([]);
});

test('every field of the language is among them', () => {
  const tested = new Set(
    cases
      .filter(([filter]) => filter !== 'engaged')
      .flatMap(([filter]) => testsOf(parseFilter(filter)).map(({ field }) => field.name)),
  );
  expect(fields.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
});
