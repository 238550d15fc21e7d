import { sql } from 'kysely';
import { simpleParser } from 'mailparser';
import { expect, test } from 'vitest';
import { prepareComposer } from '../../src/delivery/compose.ts';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { linkSigner } from '../../src/links.ts';
import { compileAndStore } from '../../src/rendering/store.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import { editionStory } from '../support/edition.ts';
import { seedEdition, seedList, seedNewsletter } from '../support/seed.ts';
import { sendBatch, sendingTo } from '../support/sending.ts';
import { startSmtp } from '../support/smtp.ts';
import { startHostileSite } from './hostile-site.ts';

/** Breaks out of quotes of each kind, of brackets, and of a place without quotes. */
const polyglot = `1 or 1=1) union select 1; -- ' or '1'='1" or \\'); drop table subscribers; -- $1 ? %`;
/** What a column cannot hold, as text and as number: a fault of ours, unless it was looked at before. */
const unholdable = ['\u0000__proto__', '9'.repeat(40)];

type Described = { parameters?: { name: string; in: string }[] };

test('no value of a query, path or form becomes part of a statement, and none is answered with a fault of ours', {
  timeout: 400_000,
}, async () => {
  const { context, url, browser } = await startHostileSite();
  const { listId } = await seedList(context, 3);
  const newsletter = await seedNewsletter(context, [listId], { publicArchive: true });
  const editionId = await seedEdition(context, newsletter.id, [editionStory(0)]);
  const { paths } = (await (await fetch(`${url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, Described>>;
  };
  const asked: string[] = [];
  for (const [path, item] of Object.entries(paths)) {
    const parameters = (item.get?.parameters ?? []).filter((each) => ['path', 'query'].includes(each.in));
    // The checks of an edition that exists take seconds, whatever is asked of them.
    const other = path.endsWith('/checks') ? '2' : '1';
    const filled = (values: Record<string, string>) => {
      const query = parameters.filter((each) => each.in === 'query' && values[each.name]);
      return `/api${path.replace(/\{([^}]+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? other))}?${new URLSearchParams(query.map(({ name }) => [name, values[name] ?? '']))}`;
    };
    // One at a time, so that no other one is refused before it.
    for (const { name } of parameters) asked.push(filled({ [name]: polyglot }));
    if (parameters.length > 0)
      for (const value of unholdable)
        asked.push(filled(Object.fromEntries(parameters.map(({ name }) => [name, value]))));
  }
  const edition = `/desk/editions/${editionId}`;
  const pages = [
    ['/desk/stories', 'q', 'source', 'language', 'topic', 'time', 'order', 'after'],
    ['/desk/storylines', 'q', 'time', 'after', 'story', 'with', 'done'],
    ['/desk/audit', 'act', 'who', 'newsletter', 'edition', 'from', 'until', 'cursor'],
    ['/desk/editions', 'newsletter', 'state', 'q', 'before'],
    ['/desk/sources', 'q', 'removed'],
    [`${edition}/find`, 'q'],
    [`${edition}/preview`, 'width', 'scheme', 'images', 'show', 'language', 'reader'],
    ['/desk/reports', 'period'],
    [`/desk/reports/newsletters/${newsletter.slug}`, 'period', 'list'],
    ['/', 'page', 'lang'],
    [`/archive/${newsletter.slug}`, 'page', 'lang'],
    ['/inbox', 'search', 'before', 'after'],
    ['/subscribe/readers', 'email', 'name', 'topics', 'lang', 'stamp'],
  ] as [string, ...string[]][];
  for (const [path, ...names] of pages) {
    for (const name of names) asked.push(`${path}?${new URLSearchParams({ [name]: polyglot })}`);
    for (const value of unholdable)
      asked.push(`${path}?${new URLSearchParams(names.map((name) => [name, value]))}`);
  }
  for (const path of [
    `${edition}/stories/`,
    '/desk/newsletters/',
    '/desk/reports/newsletters/',
    '/archive/',
    '/subscribe/',
  ])
    for (const value of [polyglot, ...unholdable]) asked.push(path + encodeURIComponent(value));
  // Words without blanks between them are looked for letter by letter.
  asked.push(`/desk/stories?${new URLSearchParams({ q: `港${polyglot}` })}`);
  // A number that is none, where what is asked for before it is in order.
  asked.push(`/desk/stories?after=words_${'9'.repeat(20)}_${'9'.repeat(20)}`);

  const wrong: string[] = [];
  const statuses = new Map<number, number>();
  const ask = async (path: string) => {
    const answer = path.startsWith('/api/')
      ? // Without a token, as a program on this machine: no limit on calls.
        await fetch(url + path, { redirect: 'manual' })
      : await browser.get(path);
    if (answer.status === 429) throw new Error('The limit on calls stands in the way of this test.');
    const text = 'html' in answer ? answer.html : await answer.text();
    statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
    if (answer.status >= 500 || /syntax error|SQLSTATE|invalid input syntax/i.test(text))
      wrong.push(`${answer.status} ${path.slice(0, 200)} ${text.slice(0, 200)}`);
  };
  // As they are meant, they are there: else nothing is tried of them.
  for (const [path] of pages) expect((await browser.get(path)).status, path).toBe(200);
  const queue = [...asked];
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let path = queue.pop(); path !== undefined; path = queue.pop()) await ask(path);
    }),
  );
  expect(wrong).toEqual([]);
  expect(asked.length).toBeGreaterThan(150);
  expect(statuses.get(200)).toBeGreaterThan(50);
  const { rows } = await sql<{ people: number }>`select count(*) as people from subscribers`.execute(
    context.db,
  );
  expect(rows[0]?.people).toBe(3);
});

test('texts of filters and columns of files stay texts, and no name of a field reaches a prototype', {
  timeout: 180_000,
}, async () => {
  const { context, url, browser } = await startHostileSite();
  await seedList(context, 2);
  const before = Object.getOwnPropertyNames(Object.prototype).sort();
  const call = async (method: string, path: string, body?: string, type = 'application/json') => {
    const answer = await fetch(url + path, {
      method,
      body,
      headers: body === undefined ? {} : { 'Content-Type': type },
    });
    const text = await answer.text();
    expect(answer.status, `${method} ${path} ${body?.slice(0, 100)} ${text.slice(0, 300)}`).toBeLessThan(500);
    return { status: answer.status, text };
  };

  const filters = [
    ...['name =', 'email contains', 'tag =', 'list ='].map((test) => `${test} ${JSON.stringify(polyglot)}`),
    `field.${polyglot} = 1`,
    'field.__proto__ = 1',
    'tag = "__proto__"',
    'name = "x") or ("1" = "1"',
    polyglot,
  ];
  const counts = await Promise.all(
    filters.map(async (filter, n) => {
      const made = await call('POST', '/api/segments', JSON.stringify({ name: `found${n}`, filter }));
      return made.status < 300 && (await call('GET', `/api/segments/found${n}/count`)).text;
    }),
  );
  const counted = counts.filter((text) => text !== false);
  expect(counted.length).toBeGreaterThan(4);
  for (const text of counted) expect(text).toMatch(/"people":0\b/);

  const columns = [
    'email',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    'toString',
    `x"; drop table subscribers; --`,
    `y' or true --`,
  ];
  const quoted = columns.map((each) => `"${each.replaceAll('"', '""')}"`).join(',');
  const person = `ada@example.com,${columns
    .slice(1)
    .map((each) => `"{""polluted"":1} ${each.replaceAll('"', '""')}"`)
    .join(',')}`;
  const about = new URLSearchParams({ list: 'readers', consent: 'Signed up' });
  await call('POST', `/api/imports?${about}`, `${quoted}\n${person}\n`, 'text/csv');
  await call(
    'POST',
    `/api/imports?${about}`,
    '{"email":"bo@example.com","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}\n',
    'application/x-ndjson',
  );
  expect(
    (await context.db.selectFrom('subscribers').select('email').orderBy('email').execute()).map(
      ({ email }) => email,
    ),
  ).toEqual(['ada@example.com', 'bo@example.com', 'reader1@example.com', 'reader2@example.com']);

  const pollution =
    '"__proto__":{"polluted":1,"isAdmin":true},"constructor":{"prototype":{"polluted":1}},"prototype":{"polluted":1}';
  const { paths } = (await (await fetch(`${url}/api/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };
  const body = `{${pollution},"name":"x","title":"x","email":"x@example.com","list":"readers","fields":{${pollution}},"policy":{${pollution}},"brand":{${pollution}},"tracking":{${pollution}},"change":{${pollution}}}`;
  await Promise.all(
    Object.entries(paths).flatMap(([path, item]) =>
      ['post', 'patch', 'put']
        .filter((each) => item[each])
        .map((method) => call(method.toUpperCase(), `/api${path.replace(/\{[^}]+\}/g, '1')}`, body)),
    ),
  );
  await call('POST', '/api/stories', `[${body}]`);
  for (const path of ['/desk/sources', '/desk/newsletters', '/desk/account', '/subscribe/readers'])
    await browser.post(path, {
      '__proto__[polluted]': '1',
      'constructor[prototype][polluted]': '1',
      __proto__: '1',
      'fields[__proto__]': '1',
    });
  await browser.get('/desk/stories?__proto__[polluted]=1&constructor.prototype.polluted=1&__proto__=1');

  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(Object.getOwnPropertyNames(Object.prototype).sort()).toEqual(before);
});

test('no subject, name or address adds a header or a recipient to a mail, or a command to the talk with the server', {
  timeout: 180_000,
}, async () => {
  const { context, url } = await startHostileSite();
  const more =
    'Hello\r\nBcc: victim@example.com\r\nX-Injected: 1\r\n\r\n<script>\r\n.\r\nRCPT TO:<victim@example.com>\u2028X-Injected: 2';
  const smtp = await startSmtp();
  const list = await createList(context, { name: 'Weekly' });
  const { subscriberId } = await subscribe(context, {
    via: 'admin',
    email: 'reader@example.com',
    list: list.slug,
    confirmed: true,
  });
  const newsletter = await seedNewsletter(context, [list.id]);
  const editionId = await seedEdition(
    context,
    newsletter.id,
    [0, 1].map((position) => editionStory(position, { title: more, publisher: more })),
  );
  const { db } = context;
  // Past every check, as from a database that somebody else filled.
  await db.updateTable('lists').set({ name: more }).execute();
  await db.updateTable('subscribers').set({ name: more }).execute();
  await db
    .updateTable('newsletters')
    .set({ name: more, from_name: more, reply_to: `desk@example.com\r\nBcc: victim@example.com` })
    .execute();
  await db.updateTable('editions').set({ subject: more, preheader: more }).execute();
  await compileAndStore(context, await getEdition(context, editionId));
  await planDeliveries(context, editionId);
  const composer = await prepareComposer(
    context,
    await getEdition(context, editionId),
    await linkSigner(context),
  );
  await sendBatch(context, composer, 0, sendingTo(context, smtp.url));
  expect(smtp.received.map(({ to }) => to)).toEqual(['reader@example.com']);
  const whole = smtp.received[0]?.raw ?? '';
  const names = headerNames(whole);
  expect(names).toContain('list-unsubscribe');
  // Nothing is left out, so that there is something to be harmless.
  const { headers } = await simpleParser(whole);
  for (const name of ['subject', 'from', 'to'])
    expect(JSON.stringify(headers.get(name)), name).toContain('Hello Bcc: victim@example.com');
  expect(names.filter((name) => /bcc|^cc$|injected|script/.test(name))).toEqual([]);
  expect(names.filter((name) => ['subject', 'from', 'to', 'reply-to'].includes(name)).sort()).toEqual(
    ['from', 'reply-to', 'subject', 'to'].filter((name) => names.includes(name)),
  );
  expect(subscriberId).not.toBeNull();

  // And through the page where anybody signs up.
  const form = await (await fetch(`${url}/subscribe/${list.slug}`)).text();
  context.clock.advance(5_000);
  const body = new URLSearchParams({
    stamp: /name="stamp" value="([^"]+)"/.exec(form)?.[1] ?? '',
    email: 'new@example.com',
    name: more,
  });
  await fetch(`${url}/subscribe/${list.slug}`, { method: 'POST', body });
  for (const email of [
    'new@example.com\r\nBcc: victim@example.com',
    'new@example.com,victim@example.com',
    '<new@example.com> victim@example.com',
  ])
    await fetch(`${url}/subscribe/${list.slug}`, {
      method: 'POST',
      body: new URLSearchParams({ ...Object.fromEntries(body), email }),
    });
  let letters: { raw: Buffer; rcpt_to: string[] }[] = [];
  for (let tries = 0; letters.length === 0 && tries < 100; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    letters = await db.selectFrom('inbox_messages').select(['raw', 'rcpt_to']).execute();
  }
  expect(letters.flatMap(({ rcpt_to }) => rcpt_to)).toEqual(['new@example.com']);
  const written = headerNames(letters[0]?.raw.toString('latin1') ?? '');
  expect(written).toContain('subject');
  expect(written.filter((name) => /bcc|^cc$|injected|script/.test(name))).toEqual([]);
});

/** The names of a mail's headers, in small letters. */
const headerNames = (raw: string) =>
  (raw.split('\r\n\r\n')[0] ?? '')
    .replace(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
    .map((line) => line.slice(0, line.indexOf(':')).toLowerCase());
