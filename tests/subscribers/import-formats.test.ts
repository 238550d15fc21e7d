import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { showSubscriber } from '../../src/subscribers/find.ts';
import { contextWithList, load, peopleOf, workbookOf } from '../support/imports.ts';

test('an export of Mailchimp’s keeps tags, and when and where people agreed', async () => {
  const context = await contextWithList();
  const result = await load(
    context,
    [
      '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,OPTIN_IP,CONFIRM_TIME,CONFIRM_IP,LATITUDE,LONGITUDE,GMTOFF,DSTOFF,TIMEZONE,CC,REGION,LAST_CHANGED,LEID,EUID,NOTES,TAGS',
      'ann@example.com,Ann,Lee,4,"2024-03-14 09:12:31",192.0.2.1,"2024-03-14 09:14:00",192.0.2.1,,,1,2,Europe/Berlin,DE,BE,"2024-03-14 09:14:00",12,ab12,,"""VIP"",""Book club"""',
      'bo@example.com,,,2,,,,,,,,,Nowhere/Land,,,,13,cd34,"Met, at the fair",',
    ].join('\r\n'),
  );
  expect(result).toMatchObject({ service: 'mailchimp', added: 2, badRows: 0, warnings: 1 });
  expect(result.warned[0]).toMatchObject({ line: 3, column: 'TIMEZONE' });
  expect(await peopleOf(context)).toMatchObject([
    {
      name: 'Ann Lee',
      time_zone: 'Europe/Berlin',
      tags: ['vip', 'book club'],
      fields: { country: 'DE' },
      topics: [],
    },
    { name: null, time_zone: null, fields: { note: 'Met, at the fair' } },
  ]);
  const { consent } = await showSubscriber(context, 'ann@example.com');
  expect(consent[0]?.evidence).toMatchObject({
    OPTIN_IP: '192.0.2.1',
    CONFIRM_TIME: '2024-03-14 09:14:00',
    line: 2,
  });
});

test('whoever had left at Mailchimp is not subscribed, and can be kept out for good', async () => {
  const context = await contextWithList();
  const file = [
    'Email Address,First Name,MEMBER_RATING,OPTIN_TIME,UNSUB_TIME,LAST_CHANGED,LEID,EUID',
    'left@example.com,Lee,2,,2024-05-01 10:00:00,,14,ef56',
  ].join('\n');
  const result = await load(context, file);
  expect(result).toMatchObject({ added: 0, passedOver: 1 });
  expect(result.notTaken[0]).toMatchObject({
    column: 'UNSUB_TIME',
    reason: 'the file says that the person has left',
  });
  expect(await load(context, file, { mode: 'unsubscribe' })).toMatchObject({ added: 1 });
  expect(await load(context, 'email\nleft@example.com')).toMatchObject({ suppressed: 1, added: 0 });
});

test('exports of Substack’s, Ghost’s, listmonk’s and Beehiiv’s are recognised', async () => {
  const context = await contextWithList();
  const substack = await load(
    context,
    [
      'email,active_subscription,expiry,plan,email_disabled,created_at,first_payment_at',
      's1@example.com,true,2027-01-01T00:00:00.000Z,monthly,false,2024-02-01T10:00:00.000Z,2024-02-01T10:00:00.000Z',
      's2@example.com,false,,,true,2024-02-01T10:00:00.000Z,',
    ].join('\n'),
  );
  expect(substack).toMatchObject({ service: 'substack', added: 1, passedOver: 1 });
  const ghost = await load(
    context,
    [
      'id,email,name,note,subscribed_to_emails,complimentary_plan,stripe_customer_id,created_at,deleted_at,labels,tiers',
      'm1,g1@example.com,Grace,"VIP, early",true,true,,2024-01-15T10:00:00.000Z,,"friend,press",',
      'm2,g2@example.com,,,false,false,,2024-01-15T10:00:00.000Z,,,',
      'm3,g3@example.com,,,true,false,,2024-01-15T10:00:00.000Z,2025-01-15T10:00:00.000Z,,',
    ].join('\n'),
  );
  expect(ghost).toMatchObject({ service: 'ghost', added: 1, passedOver: 2 });
  const listmonk = await load(
    context,
    [
      'uuid,email,name,attributes,status,created_at,updated_at',
      '7f1c,l1@example.com,Lin,"{""city"": ""Ulm"", ""age"": 41}",enabled,2024-01-15T10:00:00Z,2024-01-15T10:00:00Z',
      '7f1d,l2@example.com,Lou,{},blocklisted,2024-01-15T10:00:00Z,2024-01-15T10:00:00Z',
      '7f1e,l3@example.com,Lu,{broken,enabled,2024-01-15T10:00:00Z,2024-01-15T10:00:00Z',
    ].join('\n'),
  );
  expect(listmonk).toMatchObject({ service: 'listmonk', added: 1, passedOver: 1, badRows: 1 });
  const beehiiv = await load(
    context,
    [
      'id,email,status,created,subscription_tier,utm_source,utm_medium,utm_channel,utm_campaign,referring_site,referral_code,tags',
      'sub_1,b1@example.com,active,1788597393,free,friend,,website,,,F8,"one,two"',
      'sub_2,b2@example.com,pending,1788597393,free,,,,,,F9,',
      'sub_3,b3@example.com,inactive,1788597393,free,,,,,,F0,',
    ].join('\n'),
  );
  expect(beehiiv).toMatchObject({ service: 'beehiiv', added: 2, passedOver: 1 });
  expect(await peopleOf(context)).toMatchObject([
    { email: 'b1@example.com', state: 'confirmed', tags: ['one', 'two'], fields: { plan: 'free' } },
    { email: 'b2@example.com', state: 'pending' },
    {
      email: 'g1@example.com',
      name: 'Grace',
      tags: ['friend', 'press'],
      fields: { note: 'VIP, early', complimentary: true },
    },
    { email: 'l1@example.com', fields: { city: 'Ulm', age: 41 } },
    { email: 's1@example.com', fields: { plan: 'monthly', paying: true } },
  ]);
});

test('NDJSON is read, with keys that come up late and lines that are none', async () => {
  const context = await contextWithList();
  const result = await load(
    context,
    [
      '{"email": "a@example.com", "name": "Anna", "tags": ["one", "two, three"]}',
      '{"email": "b@example.com", "time_zone": "europe/berlin", "fields": {"City": "Ulm"}}',
      'not json',
      '[1]',
      '{"name": "nobody"}',
      '{"email": "c@example.com", "name": "nul\\u0000"}',
      '{"email": "d@example.com", "fields": {"odd": "\\ud800"}}',
      '',
      '{"email": "e@example.com", "name": "half \\ud800"}',
    ].join('\n'),
  );
  expect(result).toMatchObject({ rows: 8, added: 4, badRows: 4 });
  expect(result.bad.map(({ line }) => line)).toEqual([3, 4, 5, 7]);
  expect(await peopleOf(context)).toMatchObject([
    { name: 'Anna', tags: ['one', 'two, three'] },
    { time_zone: 'Europe/Berlin', fields: { city: 'Ulm' } },
    { name: 'nul' },
    { email: 'e@example.com' },
  ]);
});

test('a workbook is read, dates as dates and numbers as numbers', async () => {
  const context = await contextWithList();
  const file = workbookOf([
    ['E-Mail', 'Name', 'Born', 'Size'],
    ['a@example.com', 'Anna & <Co>', new Date('1984-03-02T00:00:00Z'), 39.5],
    [null, null, null, null],
    ['broken', 'B', null, null],
    ['c@example.com', "'=Cy", null, 40],
  ]);
  const map = { Born: 'field.born:date', Size: 'field.size:number' };
  const result = await load(context, file, { map });
  expect(result).toMatchObject({ rows: 3, added: 2, bad: [{ line: 4, column: 'E-Mail' }] });
  expect(await peopleOf(context)).toMatchObject([
    { name: 'Anna & <Co>', fields: { born: '1984-03-02', size: 39.5 } },
    { name: '=Cy', fields: { size: 40 } },
  ]);
});

test('a compressed file is read, and one that was cut off is told', async () => {
  const context = await contextWithList();
  const file = gzipSync('email\na@example.com\n');
  expect(await load(context, file)).toMatchObject({ added: 1 });
  await expect(load(context, file.subarray(0, file.length - 6))).rejects.toThrow('cannot be unpacked');
});

test.each([
  [Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'an old Excel workbook'],
  [Buffer.from('PK\u0003\u0004 this is no workbook'), 'not an Excel workbook that can be read'],
  [Buffer.from('[{"email": "a@example.com"}]'), 'one JSON array'],
  [Buffer.from('{"name": "no address"}'), 'No column of the file holds an email address'],
])('%s is refused with a sentence', async (file, message) => {
  const context = await contextWithList();
  await expect(load(context, file)).rejects.toThrow(message);
});

test('custom fields have types, and what does not fit is reported', async () => {
  const context = await contextWithList();
  const map = {
    Age: 'field.age:number',
    Since: 'field.since:date',
    Member: 'field.member:boolean',
    Firm: 'field.Firm Name',
  };
  const result = await load(
    context,
    [
      'email,Age,Since,Member,Firm',
      'a@example.com,41,2024-02-29,yes,ACME',
      'b@example.com,"1,5",,,',
      'c@example.com,,2023-02-29,,',
      'd@example.com,,,maybe,',
      'e@example.com,-1e3,2024-02-29 10:00,0,',
    ].join('\n'),
    { map },
  );
  expect(result.bad.map(({ line, column }) => [line, column])).toEqual([
    [3, 'Age'],
    [4, 'Since'],
    [5, 'Member'],
  ]);
  expect(await peopleOf(context)).toMatchObject([
    { fields: { age: 41, since: '2024-02-29', member: true, firm_name: 'ACME' } },
    { fields: { age: -1000, since: '2024-02-29T10:00:00.000Z', member: false } },
  ]);
  await load(context, 'email,Plan,Seat\na@example.com,gold,7', { keepColumns: true });
  expect((await peopleOf(context))[0]).toMatchObject({ fields: { age: 41, plan: 'gold', seat: '7' } });
});

test('whoever a file does not clearly call subscribed is not, in whichever language it says so', async () => {
  const context = await contextWithList();
  const result = await load(
    context,
    [
      'E-Mail;Status',
      'a@example.com;Angemeldet',
      'b@example.com;Abgemeldet',
      'c@example.com;Désinscrit',
      'd@example.com;???',
      'e@example.com;unbestätigt',
      'f@example.com;',
    ].join('\n'),
  );
  expect(result).toMatchObject({ added: 3, passedOver: 2, bad: [{ line: 5, column: 'Status' }] });
  expect(result.bad[0]?.reason).toContain('"???" does not say whether the person wants mail');
  expect((await peopleOf(context)).map(({ state }) => state)).toEqual(['confirmed', 'pending', 'confirmed']);
  const meant = await load(context, 'email,status\ng@example.com,Gold customer', {
    map: { status: 'nothing' },
  });
  expect(meant).toMatchObject({ added: 1, badRows: 0 });
});

test.each([
  ['email,UNSUB_TIME,CLEAN_TIME', 'x@example.com,,2024-05-01 10:00:00'],
  ['email,subscribed_to_emails', 'x@example.com,false'],
  ['email,email_disabled', 'x@example.com,true'],
  ['email,Opt-out', 'x@example.com,yes'],
])('an opt-out counts in a file whose other columns were taken out: %s', async (header, row) => {
  const context = await contextWithList();
  const file = `${header}\n${row}\ny@example.com,${header.includes('to_emails') ? 'true' : ''}\n`;
  expect(await load(context, file)).toMatchObject({ service: null, added: 1, passedOver: 1 });
});

test('long custom fields are kept whole, too long ones refused, and dates that no calendar has', async () => {
  const context = await contextWithList();
  const bio = `${'y'.repeat(9_999)}😀${'z'.repeat(20_000)}`;
  const result = await load(
    context,
    [
      'email,bio,d,created',
      `a@example.com,${bio},2026-02-28 08:00,${'p'.repeat(999)}😀 and more`,
      `b@example.com,${'y'.repeat(250_000)},,`,
      ...['2026-02-30 08:00', '2026-02-28T24:00', '0000-01-01', '2026-13-01T10:00'].map(
        (date, index) => `c${index}@example.com,,${date},`,
      ),
    ].join('\n'),
    { map: { bio: 'field.bio', d: 'field.d:date', created: 'evidence' } },
  );
  expect(result.bad.map(({ line }) => line)).toEqual([3, 4, 5, 6, 7]);
  expect(result.bad[0]?.reason).toContain('250,000 is the most');
  expect(result.warned).toMatchObject([{ line: 2, column: 'created' }]);
  expect(await peopleOf(context)).toMatchObject([{ fields: { bio, d: '2026-02-28T08:00:00.000Z' } }]);
  const [consent] = (await showSubscriber(context, 'a@example.com')).consent;
  expect(consent?.evidence).toMatchObject({ created: `${'p'.repeat(999)}😀` });
});

test('tags of a batch come on top of those a person has', async () => {
  const context = await contextWithList();
  await load(context, 'email,tags\na@example.com,one', { tags: ['Fair'] });
  await load(context, 'email\na@example.com\nb@example.com', { tags: ['spring'] });
  expect((await peopleOf(context)).map(({ tags }) => tags.toSorted())).toEqual([
    ['fair', 'one', 'spring'],
    ['spring'],
  ]);
});
