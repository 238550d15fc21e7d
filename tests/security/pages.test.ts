import { JSDOM } from 'jsdom';
import { expect, test } from 'vitest';
import { planDeliveries } from '../../src/delivery/plan.ts';
import { sendTest } from '../../src/delivery/test-mail.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { linkSigner } from '../../src/links.ts';
import { addSource } from '../../src/stories/sources.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import { editionStory } from '../support/edition.ts';
import { seedEdition, seedNewsletter } from '../support/seed.ts';
import { seedStories } from '../support/stories.ts';
import { startHostileSite } from './hostile-site.ts';

/** What a text would do that gets into a page as it is: as an element, out of an attribute, a title or a script, in a template. */
const probe = (what: string) =>
  `${what} "'><xss-probe></xss-probe><img src=x onerror=alert(1)></title></textarea></script><script>alert(1)</script>{{ 7 | times: 7 }}" onpointerenter="alert(1)`;
const script = 'javascript:alert(document.domain)//';
const mostPages = 55;

test('whatever stories, sources, newsletters and people are called, no page and no mail runs it, and every page has its headers', {
  timeout: 240_000,
}, async () => {
  const { context, url, admin, browser, stranger } = await startHostileSite();
  const { db } = context;
  const list = await createList(context, { name: probe('List'), topics: ['science'] });
  await db
    .updateTable('users')
    .set({ name: probe('Admin') })
    .where('id', '=', admin.id)
    .execute();
  const { subscriberId } = await subscribe(context, {
    via: 'admin',
    email: `"<xss-probe>"@example.com`,
    list: list.slug,
    confirmed: true,
    name: probe('Reader'),
  }).catch(() =>
    subscribe(context, {
      via: 'admin',
      email: 'reader@example.com',
      list: list.slug,
      confirmed: true,
      name: probe('Reader'),
    }),
  );
  await db
    .updateTable('subscribers')
    .set({
      name: probe('Reader'),
      tags: [probe('tag')],
      fields: JSON.stringify({ [probe('f')]: probe('v') }),
    })
    .execute();
  const source = await addSource(context, 'https://feed.example.com/', {
    kind: 'feed',
    name: probe('Source'),
    publisher: probe('Publisher'),
  });
  await db
    .updateTable('sources')
    .set({ last_error: probe('Error'), etag: probe('"e') })
    .where('id', '=', source.id)
    .execute();
  const [storyId] = await seedStories(context, [
    {
      title: probe('Stored'),
      publisher: probe('Pub'),
      dek: probe('Dek'),
      bodyText: probe('Body'),
      url: `${script}1`,
    },
    { title: probe('Other'), publisher: 'Pub', url: 'https://a.example.com/"><xss-probe>' },
  ]);
  const newsletter = await seedNewsletter(context, [list.id], {
    name: probe('Newsletter'),
    description: probe('About'),
    fromName: 'Desk <xss-probe>',
    publicArchive: true,
  });
  const hostile = (position: number) =>
    editionStory(position, {
      title: probe(`Title ${position}`),
      dek: probe('Dek'),
      publisher: probe('Pub'),
      author: probe('By'),
      imageAlt: probe('Alt'),
      imageUrl: position === 0 ? 'https://img.example.com/a.png?"><xss-probe>' : null,
      topics: [probe('topic')],
      url: position === 1 ? script : `https://news.example.com/${position}?"><xss-probe>&onerror="`,
      reason: { text: probe('Because'), parts: { [probe('part')]: 1 } },
      related: [
        {
          storyId: 99,
          kind: 'coverage',
          title: probe('Related'),
          url: position === 2 ? script : 'https://quay.example.com/"><xss-probe>',
          publisher: probe('Quay'),
          publishedAt: '2026-11-24T03:00:00.000Z',
          reason: { text: probe('Why'), parts: {} },
        },
      ],
    });
  const editionId = await seedEdition(context, newsletter.id, [0, 1, 2, 3].map(hostile));
  await db
    .updateTable('editions')
    .set({ subject: probe('Subject'), preheader: probe('Preheader'), state_reason: probe('Reason') })
    .execute();
  await sendTest(context, await getEdition(context, editionId), [
    { email: 'tester@example.com', name: probe('Tester') },
  ]);
  await planDeliveries(context, editionId);
  await db
    .updateTable('deliveries')
    .set({ state: 'accepted', stories: [0, 1, 2], detail: probe('250') })
    .execute();
  await db.updateTable('editions').set({ state: 'sent', sent_at: context.clock.now() }).execute();

  const signer = await linkSigner(context);
  const reader = [subscriberId ?? 0, editionId];
  const start = [
    '/',
    '/archive',
    '/inbox',
    '/data',
    `/subscribe/${list.slug}`,
    `/embed/${list.slug}`,
    `/archive/${newsletter.slug}`,
    `/archive/${newsletter.slug}/rss.xml`,
    `/view/${signer.sign('view', reader)}`,
    `/preferences/${signer.sign('preferences', reader)}`,
    `/unsubscribe/${signer.sign('unsubscribe', reader)}`,
    `/read/${signer.sign('read', [storyId ?? 0])}`,
    `/no/<xss-probe>`,
    '/desk',
    `/desk/editions/${editionId}`,
    `/desk/editions/${editionId}/send`,
    '/desk/stories?q=%22%3E%3Cxss-probe%3E',
    '/desk/sources',
    '/desk/newsletters',
    '/desk/reports',
    '/desk/users',
    '/desk/log',
    `/desk/login?next=%22%3E%3Cxss-probe%3E&email=%22%3E%3Cxss-probe%3E`,
  ];
  const found: string[] = [];
  const seen = new Set(start);
  const kinds = new Set(start.map((path) => path.replace(/\?.*/, '').replace(/\d+/g, 'N')));
  const queue = [...seen];
  const parser = new new JSDOM().window.DOMParser();
  let visited = 0;
  while (queue.length > 0 && visited < mostPages) {
    const path = queue.shift() ?? '';
    const page = await (path.startsWith('/desk/login') ? stranger() : browser).get(path);
    visited++;
    found.push(...faultsOf(path, page));
    if (!page.headers.get('content-type')?.startsWith('text/html')) continue;
    const document = parser.parseFromString(page.html, 'text/html');
    if (/(?<!\d)49(?!\d)/.test(document.title)) found.push(`${path}: the title was run as a template`);
    for (const element of document.getElementsByTagName('*')) {
      if (isHarmful(element)) found.push(`${path}: ${element.outerHTML.slice(0, 200)}`);
      const leadsTo = { A: 'href', IFRAME: 'src' }[element.tagName];
      const address = leadsTo && element.getAttribute(leadsTo);
      if (!address) continue;
      const target = new URL(address, url + path);
      const next = target.pathname + target.search;
      // One page of a kind, and what is in a frame.
      const kind = target.pathname.replace(/\d+/g, 'N');
      if (target.origin !== url || seen.has(next) || kinds.has(kind) || /logout|^\/c\//.test(next)) continue;
      seen.add(next);
      kinds.add(kind);
      queue.push(next);
    }
  }
  expect(found).toEqual([]);
  expect(visited).toBeGreaterThan(40);

  // The mail as it left, which no policy protects.
  const { raw } = await db.selectFrom('inbox_messages').select('raw').executeTakeFirstOrThrow();
  const { simpleParser } = await import('mailparser');
  const mail = await simpleParser(raw);
  const { document } = new JSDOM(String(mail.html)).window;
  expect(document.body.textContent).toContain('<xss-probe>');
  expect(
    document.querySelectorAll('xss-probe, script, [onerror], [onpointerenter], iframe, form, base'),
  ).toHaveLength(0);
  const links = [...document.querySelectorAll('a')].map((each) => each.getAttribute('href') ?? '');
  expect(links.filter((href) => !/^(https?:|mailto:|#$)/.test(href))).toEqual([]);
});

/** Whether an element comes from a probe, or would run something. */
function isHarmful(element: Element): boolean {
  const { tagName } = element;
  const has = (name: string) => element.hasAttribute(name);
  return (
    tagName === 'XSS-PROBE' ||
    (tagName === 'BASE' && has('href')) ||
    (tagName === 'SCRIPT' && !has('src') && !element.getAttribute('type')?.includes('json')) ||
    [...element.attributes].some(
      ({ name, value }) =>
        name.startsWith('on') ||
        (/^(href|src|action|formaction)$/.test(name) &&
          /^[\s\p{Cc}]*(javascript|vbscript|data:text)/iu.test(value)),
    )
  );
}

/** What a page lacks of the headers that each has. */
function faultsOf(
  path: string,
  { status, headers, html }: { status: number; headers: Headers; html: string },
): string[] {
  const faults: string[] = [];
  const policy = headers.get('content-security-policy') ?? '';
  const wants = (is: boolean, what: string) => void (is || faults.push(`${path} (${status}): ${what}`));
  wants(status < 500, 'failed');
  wants(/default-src 'none'/.test(policy), `policy ${policy}`);
  wants(!/script-src[^;]*(unsafe|https?:|\*|data:)/.test(policy), `scripts from elsewhere: ${policy}`);
  wants(/base-uri 'none'/.test(policy) && /form-action/.test(policy), `base or forms: ${policy}`);
  wants(/frame-ancestors '(none|self)'/.test(policy) || path.startsWith('/embed/'), `frames: ${policy}`);
  wants(headers.get('x-content-type-options') === 'nosniff', 'sniffing');
  wants(/^(no-referrer|same-origin)$/.test(headers.get('referrer-policy') ?? ''), 'referrers');
  wants(!/at .*\/src\/|select .* from "/i.test(html), 'shows how the program is made');
  return faults;
}
