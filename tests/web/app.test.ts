import { connect } from 'node:net';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { startServer } from '../../src/web/server.ts';
import { siteCssPath } from '../../src/web/site.css.ts';
import { noLetters, read, startSite } from './site.ts';

test('every page refuses scripts, frames, sniffing, indexing and referrers', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly');
  const token = site.signer.sign('preferences', [id, 0]);
  for (const path of ['/data', `/preferences/${token}`, '/no/such/page', '/health/live']) {
    const { headers } = await site.get(path);
    const policy = headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain('script-src');
    expect(policy).not.toContain('unsafe');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-robots-tag')).toContain('noindex');
    expect(headers.get('cache-control')).toContain('no-store');
  }
});

test('pages need no script and no inline style, so that their policy holds', async () => {
  const site = await startSite();
  const id = await site.person('anna@example.com', 'weekly', 'daily');
  const paths = ['/data', '/inbox'];
  for (const purpose of ['unsubscribe', 'preferences'] as const)
    paths.push(`/${purpose}/${site.signer.sign(purpose, [id, 0])}`);
  for (const path of paths) {
    const { html } = await read(site.get(path));
    expect(html).toMatch(/^<!doctype html><html lang="en">/);
    expect(html).not.toMatch(/<script|<style|\sstyle=|\son\w+=/i);
    expect(html).toContain(`href="${siteCssPath}"`);
  }
});

test('the stylesheet may be kept for ever, as its address changes with it', async () => {
  const site = await startSite();
  const response = await site.get(siteCssPath);
  expect(response.headers.get('content-type')).toBe('text/css; charset=utf-8');
  expect(response.headers.get('cache-control')).toContain('immutable');
  expect(siteCssPath).toMatch(/\?v=[0-9a-f]{12}$/);
});

test('a form of megabytes is refused', async () => {
  const site = await startSite();
  const response = await site.post('/subscribe/weekly', { email: 'x'.repeat(200_000) });
  expect(response.status).toBe(413);
});

test('routes added later get the security headers, unless they set their own, and the error pages', async () => {
  const site = await startSite();
  const extra = new Hono();
  extra.get('/plain', (c) => c.text('hello'));
  extra.get('/own', (c) => {
    c.header('Content-Security-Policy', "default-src 'self'");
    return c.text('hello');
  });
  extra.get('/broken', () => {
    throw new Error('secret detail');
  });
  const { createApp } = await import('../../src/web/app.tsx');
  const app = createApp(site.context, { signer: site.signer, letters: noLetters });
  app.route('/extra', extra);
  expect((await app.request('/extra/plain')).headers.get('content-security-policy')).toContain("'none'");
  expect((await app.request('/extra/own')).headers.get('content-security-policy')).toBe("default-src 'self'");
  const broken = await read(app.request('/extra/broken'));
  expect(broken.status).toBe(500);
  expect(broken.html).not.toContain('secret');
});

test('health tells apart a process that lives and one that can work', async () => {
  const site = await startSite();
  expect(await (await site.get('/health/live')).json()).toEqual({ status: 'ok' });
  expect((await site.get('/health/ready')).status).toBe(200);
  await site.context.database.pool.query('alter table settings rename to away');
  const answer = await site.get('/health/ready');
  expect(answer.status).toBe(503);
  expect(await answer.json()).toEqual({ status: 'unavailable', reason: 'The database does not answer.' });
  expect((await site.get('/health/live')).status).toBe(200);
});

test('a page whose database is away says so and shows no details', async () => {
  const site = await startSite();
  await site.context.database.pool.query('alter table lists rename to away');
  const answer = await read(site.get('/subscribe/weekly'));
  expect(answer).toMatchObject({
    status: 500,
    text: expect.stringContaining('Something went wrong on our side'),
  });
  expect(answer.text).not.toContain('relation');
});

test('a port that is taken is explained', async () => {
  const site = await startSite();
  const port = Number(new URL(site.url).port);
  await expect(startServer(site.context, site.app, { host: '127.0.0.1', port })).rejects.toThrow(
    `The web server cannot listen on 127.0.0.1:${port}: another program uses it.`,
  );
});

test('closing finishes the request under way and ends idle connections', async () => {
  const site = await startSite();
  const app = new Hono();
  let release = () => {};
  const arrived = new Promise<void>((enter) => {
    app.get('/', async (c) => {
      enter();
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return c.text('finished');
    });
  });
  const server = await startServer(site.context, app, { host: '127.0.0.1', port: 0 });
  const idle = connect(Number(new URL(server.url).port), '127.0.0.1');
  const idleEnded = new Promise((resolve) => idle.once('close', resolve));
  const slow = fetch(server.url);
  await arrived;
  const closed = server.close();
  release();
  expect(await (await slow).text()).toBe('finished');
  await closed;
  await idleEnded;
  await expect(fetch(server.url)).rejects.toThrow();
});
