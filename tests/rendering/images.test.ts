import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import type { Config } from '../../src/config.ts';
import { getEdition } from '../../src/editions/editions.ts';
import { assembleHtml } from '../../src/rendering/assemble.ts';
import { compileAndStore } from '../../src/rendering/store.ts';
import { startSite } from '../../src/web/site.ts';
import { type Handler, serve } from '../stories/serve.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { editionStory, sampleValues } from '../support/edition.ts';
import { seedEdition, seedNewsletter } from '../support/seed.ts';

const picture = (width: number, height: number, alpha = false) =>
  sharp({
    create: {
      width,
      height,
      channels: alpha ? 4 : 3,
      background: alpha ? { r: 200, g: 80, b: 60, alpha: 0.5 } : '#c8503c',
    },
  });

/** The lead image of an edition whose story has the given image, and what was kept of it. */
async function leadImage(context: TestContext, imageUrl: string) {
  const newsletter = await seedNewsletter(context, [], { slug: `n${Math.floor(performance.now() * 1000)}` });
  const editionId = await seedEdition(context, newsletter.id, [
    editionStory(0, { imageUrl, imageAlt: 'A quay' }),
  ]);
  const forms = await compileAndStore(context, await getEdition(context, editionId));
  const html = assembleHtml(forms.for({ language: null, untracked: true }), [[0], [], []], sampleValues);
  const tag = /<img[^>]+alt="A quay"[^>]*>/.exec(html)?.[0];
  const fetched = await context.db
    .selectFrom('image_fetches')
    .selectAll()
    .where('url', '=', imageUrl)
    .executeTakeFirst();
  return { html, tag, fetched };
}

const keeping = (more: Partial<Config> = {}) =>
  createTestContext({ images: 'keep', embeddings: false, ...more });

test('a large picture is kept at one and two times the width, and served for good', async () => {
  const original = await picture(2400, 1600)
    .withExif({ IFD0: { Copyright: 'Secret Place' } })
    .jpeg()
    .toBuffer();
  const { url, requests } = await serve({ '/lead.jpg': original });
  const context = await keeping();
  const { tag, fetched } = await leadImage(context, `${url}/lead.jpg`);
  expect(tag).toContain(`src="${context.config.publicUrl}/i/${fetched?.image_id}"`);
  expect(tag).toContain(`${context.config.publicUrl}/i/${fetched?.double_id} 2x`);
  expect(tag).toMatch(/width="552".*height="368"|height="368".*width="552"/);
  const rows = await context.db.selectFrom('images').selectAll().orderBy('width').execute();
  expect(rows.map(({ width, height, mime }) => [width, height, mime])).toEqual([
    [600, 400, 'image/jpeg'],
    [1200, 800, 'image/jpeg'],
  ]);
  for (const { bytes } of rows) expect((await sharp(bytes as Buffer).metadata()).exif).toBeUndefined();

  const site = await startSite(context, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => site.close());
  const answer = await fetch(`${site.url}/i/${fetched?.image_id}`);
  expect(answer.headers.get('content-type')).toBe('image/jpeg');
  expect(answer.headers.get('cache-control')).toContain('immutable');
  expect(Buffer.from(await answer.arrayBuffer())).toEqual(rows[0]?.bytes);
  expect((await fetch(`${site.url}/i/${'x'.repeat(27)}.jpg`)).status).toBe(404);

  // Another edition with the same picture asks nobody.
  await leadImage(context, `${url}/lead.jpg`);
  expect(requests).toHaveLength(1);
});

test('a picture is not made larger, lies as it was held, and stays clear where it is clear', async () => {
  const { url } = await serve({
    '/small.png': await picture(300, 200).png().toBuffer(),
    '/turned.jpg': await picture(1000, 500).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
    '/clear.png': await picture(700, 400, true).png().toBuffer(),
    '/moving.webp': await picture(640, 360).webp().toBuffer(),
  });
  const context = await keeping();
  const sizeOf = async (path: string) => {
    const { fetched } = await leadImage(context, url + path);
    expect(fetched?.problem).toBeNull();
    const image = await context.db
      .selectFrom('images')
      .selectAll()
      .where('id', '=', fetched?.image_id ?? '')
      .executeTakeFirstOrThrow();
    return [image.width, image.height, image.mime];
  };
  expect(await sizeOf('/small.png')).toEqual([300, 200, 'image/jpeg']);
  expect(await sizeOf('/turned.jpg')).toEqual([500, 1000, 'image/jpeg']);
  expect(await sizeOf('/clear.png')).toEqual([600, 343, 'image/png']);
  expect(await sizeOf('/moving.webp')).toEqual([600, 338, 'image/jpeg']);
});

test('what is no picture is left out, and the story stays', async () => {
  const slow: Handler = (_, response) => {
    response.writeHead(200, { 'content-type': 'image/png' });
    response.write('\x89PNG');
  };
  const bomb = await picture(12_000, 12_000).png({ compressionLevel: 9 }).toBuffer();
  const { url } = await serve({
    '/page.jpg': '<html>not here any more</html>',
    '/vector.svg':
      '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400"><image href="file:///etc/passwd"/></svg>',
    '/counter.gif': await picture(1, 1).gif().toBuffer(),
    '/cut.jpg': (await picture(900, 600).jpeg().toBuffer()).subarray(0, 400),
    '/bomb.png': bomb,
    '/slow.png': slow,
    '/empty.png': '',
  });
  const context = await keeping();
  const paths = [
    '/page.jpg',
    '/vector.svg',
    '/counter.gif',
    '/cut.jpg',
    '/bomb.png',
    '/empty.png',
    '/missing.png',
  ];
  for (const path of paths) {
    const { tag, html, fetched } = await leadImage(context, url + path);
    expect([path, tag]).toEqual([path, undefined]);
    expect(html).toContain('Story number 0');
    expect(fetched?.problem).toBeTruthy();
  }
  expect(await context.db.selectFrom('images').selectAll().execute()).toEqual([]);
}, 60_000);

test('no picture is fetched from a private network', async () => {
  const { url, requests } = await serve({ '/lead.jpg': await picture(800, 600).jpeg().toBuffer() });
  const context = await keeping({ allowPrivateNetwork: false });
  const { tag, fetched } = await leadImage(context, `${url}/lead.jpg`);
  expect(tag).toBeUndefined();
  expect(fetched?.problem).toContain('private');
  expect(requests).toHaveLength(0);
});

test('a picture that could not be had is asked for again after an hour', async () => {
  let broken = true;
  const image = await picture(800, 600).jpeg().toBuffer();
  const { url, requests } = await serve({
    '/lead.jpg': (_, response) => (broken ? response.writeHead(503).end() : response.end(image)),
  });
  const context = await keeping();
  expect((await leadImage(context, `${url}/lead.jpg`)).tag).toBeUndefined();
  broken = false;
  expect((await leadImage(context, `${url}/lead.jpg`)).tag).toBeUndefined();
  expect(requests).toHaveLength(1);
  context.clock.advance(3_700_000);
  expect((await leadImage(context, `${url}/lead.jpg`)).tag).toBeDefined();
});

test('pictures go into a bucket where there is one', async () => {
  const put: { path: string; type: string; authorization: string; bytes: number }[] = [];
  const { url } = await serve({
    '/lead.jpg': await picture(800, 600).jpeg().toBuffer(),
    '*': (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        put.push({
          path: request.url ?? '',
          type: request.headers['content-type'] ?? '',
          authorization: request.headers.authorization ?? '',
          bytes: Buffer.concat(parts).length,
        });
        response.end();
      });
    },
  });
  const context = await keeping({
    bucket: {
      url: `${url}/pictures`,
      publicUrl: 'https://images.example.com',
      accessKeyId: 'KEY',
      secretAccessKey: 'SECRET',
      region: 'eu-central-1',
    },
  });
  const { tag, fetched } = await leadImage(context, `${url}/lead.jpg`);
  expect(tag).toContain(`src="https://images.example.com/${fetched?.image_id}"`);
  expect(put).toHaveLength(2);
  expect(put[0]).toMatchObject({ path: `/pictures/${fetched?.image_id}`, type: 'image/jpeg' });
  expect(put[0]?.authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=KEY\/\d+\/eu-central-1\/s3\//);
  const [kept] = await context.db
    .selectFrom('images')
    .selectAll()
    .where('id', '=', fetched?.image_id ?? '')
    .execute();
  expect(kept?.bytes).toBeNull();
});

test('when pictures move to a bucket, and back, new mail shows them where they are now, and old mail still does', async () => {
  const stored = new Map<string, Buffer>();
  const { url } = await serve({
    '/one.jpg': await picture(1300, 900).jpeg().toBuffer(),
    '/two.jpg': await picture(1400, 900).jpeg().toBuffer(),
    '*': (request, response) => {
      const parts: Buffer[] = [];
      request.on('data', (part) => parts.push(part));
      request.on('end', () => {
        stored.set(request.url ?? '', Buffer.concat(parts));
        response.end();
      });
    },
  });
  const bucket = {
    url: `${url}/pictures`,
    publicUrl: 'https://images.example.com',
    accessKeyId: 'KEY',
    secretAccessKey: 'SECRET',
    region: 'eu-central-1',
  };
  const context = await keeping();
  const site = await startSite(context, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => site.close());
  const isServed = async (id: string | null | undefined) =>
    (await fetch(`${site.url}/i/${id}`)).status === 200;
  const inBucket = (id: string | null | undefined) => stored.has(`/pictures/${id}`);

  const first = await leadImage(context, `${url}/one.jpg`);
  const { image_id: id, double_id: double } = first.fetched ?? {};
  expect(first.tag).toContain(`${context.config.publicUrl}/i/${id}`);

  context.config.bucket = bucket;
  const moved = await leadImage(context, `${url}/one.jpg`);
  expect(moved.tag).toContain(`src="https://images.example.com/${id}"`);
  expect(moved.tag).toContain(`https://images.example.com/${double} 2x`);
  expect([inBucket(id), inBucket(double)]).toEqual([true, true]);
  // Mail of before leads here.
  expect([await isServed(id), await isServed(double)]).toEqual([true, true]);

  const { fetched } = await leadImage(context, `${url}/two.jpg`);
  expect(await isServed(fetched?.image_id)).toBe(false);
  context.config.bucket = undefined;
  for (const path of ['/one.jpg', '/two.jpg']) {
    const back = await leadImage(context, url + path);
    expect(back.tag).toContain(`src="${context.config.publicUrl}/i/${back.fetched?.image_id}"`);
    expect([await isServed(back.fetched?.image_id), await isServed(back.fetched?.double_id)]).toEqual([
      true,
      true,
    ]);
  }
  // Where it was kept twice, it still is.
  expect(inBucket(fetched?.image_id)).toBe(true);
});

test('mail may refer to where pictures lie, or show none', async () => {
  const linked = await createTestContext({ images: 'link', embeddings: false });
  expect((await leadImage(linked, 'https://img.example.com/a.png')).tag).toContain(
    'src="https://img.example.com/a.png"',
  );
  const none = await createTestContext({ images: 'none', embeddings: false });
  expect((await leadImage(none, 'https://img.example.com/a.png')).tag).toBeUndefined();
});
