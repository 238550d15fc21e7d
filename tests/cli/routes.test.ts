import { expect, test, vi } from 'vitest';
import { createTestContext } from '../support/context.ts';
import { startSmtp } from '../support/smtp.ts';
import { broadsheet } from './run.ts';

// Each command starts a process, which takes seconds on a busy machine.
vi.setConfig({ testTimeout: 180_000 });

test('a route is made, tried, limited and shown, and its password stays hidden', async () => {
  const context = await createTestContext();
  const smtp = await startSmtp();
  const url = `${smtp.url.replace('smtp://', 'smtp://user:hidden-word@')}?ignoreTLS=true`;
  const made = await broadsheet(
    context,
    ...['routes', 'create', 'own', url, '--per-second', '14', '--warm-up', '500x1.5', '--json'],
  );
  expect(made).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(made.out)).toMatchObject({ name: 'own', perSecond: 14, warmUp: { first: 500 } });
  expect(await broadsheet(context, 'routes', 'limit', 'google', '--connections', '3')).toMatchObject({
    code: 0,
  });
  const shown = await broadsheet(context, 'routes', 'show', 'own');
  expect(shown.out).toMatch(/perSecond: 14[\s\S]*500 a day from[\s\S]*to google: 3 connections/);
  // This server logs nobody in.
  const tried = await broadsheet(context, 'routes', 'test', 'own');
  expect(tried).toMatchObject({ code: 1 });
  expect(tried.err).toContain('offers no log-in');
  const edited = await broadsheet(
    context,
    'routes',
    'edit',
    'own',
    '--url',
    smtp.url,
    '--per-second',
    'none',
  );
  expect(edited).toMatchObject({ code: 0, err: '' });
  const again = await broadsheet(context, 'routes', 'test', 'own');
  expect(again.err).toBe('');
  expect(again.out).toMatch(/takes mail from us[\s\S]*pipelining: yes/);
  const listed = await broadsheet(context, 'routes', 'list', '--json');
  expect(JSON.parse(listed.out)).toMatchObject([{ name: 'own', perSecond: null, active: true }]);
  for (const { out, err } of [made, shown, tried, listed]) expect(out + err).not.toContain('hidden-word');
});

test('a key for DKIM is made, and its record told; wrong use is answered with 2', async () => {
  const context = await createTestContext();
  const made = await broadsheet(context, 'dkim', 'create', 'news.example.com', '--type', 'ed25519');
  expect(made.out).toMatch(/bs\d{6}e\._domainkey\.news\.example\.com\n {2}v=DKIM1; k=ed25519; p=[\w+/]{43}=/);
  const [key] = JSON.parse((await broadsheet(context, 'dkim', 'list', '--json')).out);
  expect(key).toMatchObject({ domain: 'news.example.com', algorithm: 'ed25519-sha256', activeSince: null });
  expect(JSON.stringify(key)).not.toContain('PRIVATE');
  const active = await broadsheet(context, 'dkim', 'activate', 'news.example.com', key.selector);
  expect(active).toMatchObject({ code: 0 });
  expect(await broadsheet(context, 'dkim', 'create', 'bad domain')).toMatchObject({ code: 2 });
  expect(await broadsheet(context, 'routes', 'create', 'x', 'http://example.com')).toMatchObject({ code: 1 });
  expect(await broadsheet(context, 'routes', 'edit', 'x', '--per-second', 'fast')).toMatchObject({ code: 2 });
});
