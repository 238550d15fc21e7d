import sharp from 'sharp';
import { expect, test } from 'vitest';
import { getEdition } from '../../src/editions/editions.ts';
import { assembleHtml } from '../../src/rendering/assemble.ts';
import { compileAndStore } from '../../src/rendering/store.ts';
import { type Handler, serve } from '../stories/serve.ts';
import { createTestContext, type TestContext } from '../support/context.ts';
import { editionStory, sampleValues } from '../support/edition.ts';
import { changed, seedDraft } from '../support/revising.ts';

async function rendered(context: TestContext, id: number): Promise<string> {
  const forms = await compileAndStore(context, await getEdition(context, id));
  return assembleHtml(forms.for({ language: null, untracked: true }), [[0], [], []], sampleValues);
}

test('a part of an image is shown, whichever way the camera lay, and kept beside the whole', async () => {
  // Left half red, right half blue; and the same as a camera on its side stores it.
  const half = (background: string) => ({
    input: { create: { width: 400, height: 600, channels: 3 as const, background } },
  });
  const upright = await sharp({ create: { width: 800, height: 600, channels: 3, background: '#ff0000' } })
    .composite([{ ...half('#0000ff'), left: 400, top: 0 }])
    .png()
    .toBuffer();
  const turned = await sharp(upright)
    .rotate(270)
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 95 })
    .toBuffer();
  const { url, requests } = await serve({ '/half.png': upright, '/turned.jpg': turned });
  const context = await createTestContext({ images: 'keep', embeddings: false });
  const id = await seedDraft(context, { stories: [editionStory(0, { imageUrl: `${url}/half.png` })] });
  const whole = /<img[^>]+\/i\/([^" ]+)/.exec(await rendered(context, id))?.[1];

  const right = { x: 0.5, y: 0.25, width: 0.5, height: 0.5 };
  for (const path of ['/half.png', '/turned.jpg']) {
    await changed(context, id, { kind: 'edit', story: 's1', imageUrl: url + path, crop: right });
    const html = await rendered(context, id);
    const part = /<img[^>]+\/i\/([^" ]+)/.exec(html)?.[1] as string;
    expect(part).not.toBe(whole);
    const kept = await context.db
      .selectFrom('images')
      .selectAll()
      .where('id', '=', part)
      .executeTakeFirstOrThrow();
    expect([kept.width, kept.height]).toEqual([400, 300]);
    const { dominant } = await sharp(kept.bytes as Buffer).stats();
    expect(dominant.b).toBeGreaterThan(200);
    expect(dominant.r).toBeLessThan(60);
    expect(html).not.toContain('xywh');
  }
  await rendered(context, id);
  expect(requests).toHaveLength(3);
  await changed(context, id, { kind: 'edit', story: 's1', imageUrl: `${url}/half.png`, crop: null });
  expect(await rendered(context, id)).toContain(`/i/${whole}`);
  expect(requests).toHaveLength(3);

  // Too little is left to be a picture: the story stays without.
  await changed(context, id, { kind: 'edit', story: 's1', crop: { x: 0, y: 0, width: 0.1, height: 1 } });
  expect(await rendered(context, id)).not.toMatch(/<img[^>]+\/i\//);
  const { problem } = await context.db
    .selectFrom('image_fetches')
    .select('problem')
    .where('crop', '=', '0,0,10,100')
    .executeTakeFirstOrThrow();
  expect(problem).toContain('80 × 600 pixels');
});

test('an editor’s image of fifty megabytes, a drawing with a script and a decompression bomb are left out', async () => {
  let sent = 0;
  const huge: Handler = async (_, response) => {
    response.writeHead(200, { 'content-type': 'image/png' });
    response.setMaxListeners(0).on('error', () => {});
    const chunk = Buffer.alloc(1_000_000, 1);
    for (; sent < 50 && !response.destroyed; sent++)
      if (!response.write(chunk))
        await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
    response.end();
  };
  const bomb = await sharp({ create: { width: 9_000, height: 9_000, channels: 3, background: '#fff' } })
    .png({ compressionLevel: 9 })
    .toBuffer();
  expect(bomb.length).toBeLessThan(1_000_000);
  const { url } = await serve({
    '/huge.png': huge,
    '/drawing.svg':
      '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400"><script>alert(1)</script><rect width="600" height="400"/></svg>',
    '/bomb.png': bomb,
  });
  const context = await createTestContext({ images: 'keep', embeddings: false });
  const id = await seedDraft(context, { stories: [editionStory(0)] });
  for (const path of ['/huge.png', '/drawing.svg', '/bomb.png']) {
    await changed(context, id, { kind: 'edit', story: 's1', imageUrl: url + path });
    const html = await rendered(context, id);
    expect(html).toContain('Story number 0');
    expect(html).not.toContain(url + path);
  }
  // It was not read to its end.
  expect(sent).toBeLessThan(40);
  expect(await context.db.selectFrom('images').select('id').execute()).toEqual([]);
  const problems = await context.db.selectFrom('image_fetches').select(['url', 'problem']).execute();
  expect(problems.every(({ problem }) => problem)).toBe(true);
});
