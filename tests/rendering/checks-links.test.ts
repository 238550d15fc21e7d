import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { checkEdition } from '../../src/rendering/checks/check-edition.ts';
import { checkDeadLinks } from '../../src/rendering/checks/dead-links.ts';
import { startHttp } from '../support/feeds.ts';
import { madeEdition, wordyStories } from './checks-support.ts';

const local = { allowPrivateNetwork: true };
const link = (url: string) => ({ url, place: { part: 'link' as const, element: url } });

test('dead links are told by their story, and those that live are not', async () => {
  const asked: string[] = [];
  const server = await startHttp((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    const [, kind] = request.url?.split('/') ?? [];
    const status: Record<string, number> = { good: 200, gone: 410, missing: 404, ill: 503, shy: 403 };
    if (kind === 'moved') response.writeHead(302, { location: '/missing' }).end();
    else if (kind === 'nohead') response.writeHead(request.method === 'HEAD' ? 404 : 200).end('page');
    else response.writeHead(status[kind ?? ''] ?? 200).end('page');
  });
  const kinds = ['good', 'gone', 'missing', 'ill', 'shy', 'moved', 'nohead'];
  const stories = wordyStories(kinds.length).map((story, index) => ({
    ...story,
    url: `${server}/${kinds[index]}`,
    related: [],
  }));
  const { context, edition } = await madeEdition({ stories });
  const findings = (await checkEdition(context, edition, { links: true })).filter(
    ({ check }) => check === 'dead-links',
  );
  expect(findings.map(({ severity, where }) => [severity, where.story?.number, where.element])).toEqual([
    ['error', 2, `${server}/gone`],
    ['error', 3, `${server}/missing`],
    ['error', 6, `${server}/moved`],
    ['warning', 4, `${server}/ill`],
    ['warning', 5, `${server}/shy`],
  ]);
  expect(asked.filter((each) => each.endsWith('/good'))).toEqual(['HEAD /good']);
  expect(asked.filter((each) => each.endsWith('/nohead'))).toEqual(['HEAD /nohead', 'GET /nohead']);
  // The unsubscribe link is our own, and nobody's.
  expect(asked.join()).not.toContain('unsubscribe');
});

test('links are left alone unless somebody asks', async () => {
  let asked = 0;
  const server = await startHttp((_request, response) => {
    asked++;
    response.writeHead(404).end();
  });
  const stories = wordyStories().map((story) => ({ ...story, url: `${server}/a`, related: [] }));
  const { context, edition } = await madeEdition({ stories });
  const before = await checkEdition(context, edition);
  expect(before.filter(({ check }) => check === 'dead-links')).toEqual([]);
  expect(asked).toBe(0);
  await context.db
    .updateTable('newsletters')
    .set({ checks: JSON.stringify({ links: true, ignore: ['spam'] }) })
    .execute();
  const found = await checkEdition(context, edition, { linkLimits: { totalMs: 5000 } });
  expect(found.some(({ check, severity }) => check === 'dead-links' && severity === 'error')).toBe(true);
  expect(asked).toBeGreaterThan(0);
});

test('a server is asked for one page at a time, and four servers at once', async () => {
  let open = 0;
  let most = 0;
  const perServer: number[] = [];
  const servers = await Promise.all(
    Array.from({ length: 6 }, async (_, index) => {
      let here = 0;
      perServer[index] = 0;
      return startHttp(async (_request, response) => {
        most = Math.max(most, ++open);
        perServer[index] = Math.max(perServer[index] ?? 0, ++here);
        await sleep(30);
        open--;
        here--;
        response.end('page');
      });
    }),
  );
  const links = servers.flatMap((server) => [1, 2, 3].map((page) => link(`${server}/${page}`)));
  expect(await checkDeadLinks(local, links)).toEqual([]);
  expect(most).toBe(4);
  expect(perServer).toEqual([1, 1, 1, 1, 1, 1]);
});

test('a name that nobody has is an error, a server that refuses connections a warning', async () => {
  // A label of more than 63 letters is refused before anybody is asked.
  const noName = `http://${'a'.repeat(64)}.example/`;
  expect(await checkDeadLinks(local, [link(noName), link('http://127.0.0.1:1/')])).toMatchObject([
    { severity: 'error', message: expect.stringContaining('There is no server named aaa') },
    { severity: 'warning', message: expect.stringContaining('nothing answers there') },
  ]);
});

test('private addresses are not asked, and the time for all has an end', async () => {
  let asked = 0;
  const server = await startHttp(() => {
    asked++; // And never answers.
  });
  expect(await checkDeadLinks({ allowPrivateNetwork: false }, [link(`${server}/`)])).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('private network') },
  ]);
  expect(asked).toBe(0);
  const slow = [1, 2, 3].map((page) => link(`${server}/${page}`));
  const started = performance.now();
  const findings = await checkDeadLinks(local, slow, { totalMs: 700, timeoutMs: 300 });
  expect(performance.now() - started).toBeLessThan(3000);
  expect(findings).toMatchObject([
    { severity: 'warning', message: expect.stringContaining('did not answer in full') },
    { severity: 'warning' },
    { severity: 'hint', message: '1 link was not followed: 0.7 s were over.' },
  ]);
});
