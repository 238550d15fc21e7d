import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createNewsletter } from '../../src/editions/newsletters.ts';
import { startBrandedSite } from './branded-site.ts';
import { read } from './site.ts';

test('a scanner that opens every link there is, as often as it likes, changes nothing', async () => {
  const site = await startBrandedSite();
  const state = async () => {
    const { rows } = await sql`
      select (select jsonb_agg(to_jsonb(s)) from subscriptions s) as subscriptions,
        (select jsonb_agg(to_jsonb(s)) from subscribers s) as subscribers,
        (select count(*) from consent_log) as acts, (select count(*) from suppressions) as suppressed,
        (select count(*) from inbox_messages) as mails`.execute(site.context.db);
    return rows;
  };
  const before = await state();
  const seen = new Set<string>();
  const waiting = [...Object.values(site.paths), '/'];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (seen.has(path)) continue;
    seen.add(path);
    for (const method of ['HEAD', 'GET'] as const) {
      const answer = await fetch(site.url + path, { method, redirect: 'manual' });
      const html = await answer.text();
      expect(answer.status).toBeLessThan(500);
      for (const [, link = ''] of html.matchAll(/(?:href|action|src)="([^"]+)"/g)) {
        const own = link.replace(site.context.config.publicUrl, '').replaceAll('&amp;', '&');
        if (own.startsWith('/') && !own.startsWith('//')) waiting.push(own);
      }
    }
  }
  expect(seen.size).toBeGreaterThan(20);
  await site.background.settle();
  expect(await state()).toEqual(before);
});

test('no page leads elsewhere, whatever it is asked', async () => {
  const site = await startBrandedSite();
  const elsewhere = 'https://elsewhere.example';
  const fields = Object.fromEntries(
    ['next', 'url', 'redirect', 'return', 'to', 'lang', 'action'].map((name) => [name, elsewhere]),
  );
  for (const path of [...Object.values(site.paths), '/', '//elsewhere.example', '/\\elsewhere.example'])
    for (const method of ['GET', 'POST']) {
      const answer = await fetch(`${site.url}${path}?${new URLSearchParams(fields)}`, {
        method,
        redirect: 'manual',
        ...(method === 'POST' && { body: new URLSearchParams(fields) }),
      });
      const location = answer.headers.get('location');
      if (location !== null) expect(location).toMatch(/^\/(?![/\\])/);
      expect(await answer.text()).not.toContain('elsewhere.example"');
    }
});

test('only the embedded form may be framed, and runs no script but ours', async () => {
  const site = await startBrandedSite();
  for (const [name, path] of Object.entries(site.paths)) {
    const policy = (await site.get(path)).headers.get('content-security-policy') ?? '';
    if (name === 'embed') expect(policy).toContain('frame-ancestors *');
    else expect(policy).toMatch(/frame-ancestors '(?:none|self)'/);
    const runs = name === 'embed' || name === 'subscribe';
    expect(/script-src ('self')/.exec(policy)?.[1]).toBe(runs ? "'self'" : undefined);
  }
  const code = await read(site.get('/embed/harbour/code'));
  expect(code.html).toContain('&lt;iframe src=');
  expect(code.html).not.toMatch(/<iframe|<script/);
});

test('a brand gives colours and a logo, and nothing that it holds breaks out of the stylesheet', async () => {
  const site = await startBrandedSite({
    brand: {
      colour: '#1f5fbf',
      fonts: { heading: { family: 'Literata', url: 'https://fonts.example.com/a.css', fallback: 'georgia' } },
      logo: { url: 'https://pictures.example.com/logo.png', alt: 'Harbour', width: 120 },
      footer: '<b>1 Quay Street</b>',
    },
  });
  const answer = await site.get(site.paths.unsubscribe);
  expect(answer.headers.get('content-security-policy')).toContain(
    "img-src 'self' data: https://pictures.example.com",
  );
  const { html } = await read(answer);
  expect(html).toContain('src="https://pictures.example.com/logo.png"');
  expect(html).toContain('&lt;b&gt;1 Quay Street');
  // Fonts are not fetched from elsewhere.
  expect(html).not.toContain('fonts.example.com');
  const path = /href="(\/assets\/brand\/[^"]+)"/.exec(html)?.[1] ?? '';
  const css = await site.get(path);
  expect(css.headers.get('content-type')).toBe('text/css; charset=utf-8');
  expect(await css.text()).toContain('--button: #1f5fbf');

  const bad = await createNewsletter(site.context, {
    slug: 'bad',
    name: 'Bad',
    fromAddress: 'bad@example.com',
    cron: '0 7 * * *',
    brand: { colour: 'red; } body { display: none', fonts: { heading: '} * { color: red' } },
  });
  const text = await (await site.get(`/assets/brand/${bad.id}.css`)).text();
  expect(text).not.toMatch(/red|display/);
});
