import { expect, test } from 'vitest';
import { getEdition, storiesOf } from '../../../src/editions/editions.ts';
import { startDesk } from './desk-site.ts';

const piece = { 'hx-request': 'true' };

async function startEdition(options: Parameters<typeof startDesk>[0] = {}) {
  const site = await startDesk(options);
  const at = `/desk/editions/${site.editionId}`;
  const version = async () => (await getEdition(site.context, site.editionId)).version;
  return {
    ...site,
    at,
    version,
    /** Titles by slot, in order. */
    async order() {
      const stories = await storiesOf(site.context, site.editionId);
      return Object.groupBy(
        stories.map(({ slot, key }) => ({ slot, key })),
        ({ slot }) => slot,
      );
    },
    async change(fields: Record<string, string>, headers: Record<string, string> = piece) {
      return site.as.editor.post(`${at}/change`, { base: String(await version()), ...fields }, headers);
    },
  };
}

const keys = (group: { key?: string }[] | undefined) => group?.map(({ key }) => key);

test('the page shows slots with their stories, why they stand there, and the lines as inboxes show them', async () => {
  const { as, at } = await startEdition();
  const { status, html, text } = await as.editor.get(at);
  expect(status).toBe(200);
  expect(text).toContain('Story number 0');
  expect(text).toContain('Reported by 3 publishers.');
  expect(text).toContain('How it looked from the quay');
  expect(html).toContain('data-slot="top"');
  expect(html).toContain('data-shows="subject"');
  expect(html.indexOf('id="story-s1"')).toBeLessThan(html.indexOf('id="story-s2"'));
  expect(html).not.toMatch(/ style="/);
  const { html: viewed } = await as.viewer.get(at);
  expect(viewed).not.toContain('name="act"');
  expect(viewed).toContain('editors change it');
});

test('a change answers a script with the edition as it is then, and a browser without one with the page', async () => {
  const { at, change, order, as, version } = await startEdition();
  const answer = await change({ act: 'up', story: 's3' });
  expect(answer.status).toBe(200);
  expect(JSON.parse(answer.headers.get('hx-trigger') ?? '')).toMatchObject({
    'edition-changed': { version: await version() },
  });
  expect(answer.html).toContain('id="edition"');
  expect(answer.html).toContain('hx-swap-oob');
  expect(keys((await order()).top)).toEqual(['s3', 's2', 's4']);
  const plain = await change({ act: 'down', story: 's1' }, {});
  expect([plain.status, plain.to]).toEqual([303, `${at}#story-s1`]);
  expect(await order()).toMatchObject({
    lead: [{ key: 's3' }],
    top: [{ key: 's1' }, { key: 's2' }, { key: 's4' }],
  });
  expect((await as.viewer.post(`${at}/change`, { act: 'drop', story: 's1', base: '1' })).status).toBe(403);
});
