import { expect, test } from 'vitest';
import { getEdition } from '../../../src/editions/editions.ts';
import { startDesk } from './desk-site.ts';

const piece = { 'hx-request': 'true' };

test('a changed edition is looked over beside the page, and what is found leads to its place', async () => {
  const { as, at, context, editionId } = await startChecks();
  expect((await as.viewer.get(`${at}/checks`)).text).toContain('Not checked yet');
  expect((await getEdition(context, editionId)).checked_version).toBeNull();
  await as.editor.post(`${at}/change`, { act: 'lines', base: '1', subject: 'FREE!!! '.repeat(20) });
  let panel = await as.editor.get(`${at}/checks`, piece);
  for (let round = 0; round < 20 && panel.html.includes('aria-busy'); round++)
    panel = await as.editor.get(`${at}/checks`, piece);
  expect(panel.html).toMatch(/^<section class="ck" id="checks"/);
  const { version, checked_version } = await getEdition(context, editionId);
  expect(checked_version).toBe(version);
  // It asks again after a change, and not before.
  expect(panel.html).toContain('edition-changed from:body');
  expect(panel.html).not.toContain('load delay');
  expect(panel.html).toContain(`href="${at}#subject"`);
  expect(panel.html).not.toMatch(/ style="/);
  const whole = await as.viewer.get(`${at}/checks`);
  expect(whole.html).toContain('<h1>');
  expect(whole.html).toContain(`href="${at}#subject"`);
});

test('errors stop approval, unless the newsletter says otherwise, and lead to the story’s form', async () => {
  const { as, at, context, editionId, newsletter } = await startChecks();
  const where = {
    part: 'html',
    slot: 'top',
    story: { number: 2, title: 'Story <1>', key: 's2' },
    field: 'image',
  };
  const findings = [
    { check: 'images', severity: 'error', message: 'It has no <alt>.', where, mend: 'Say what it shows.' },
    {
      check: 'text',
      severity: 'hint',
      message: 'A long line.',
      where: { part: 'text', language: 'de' },
      mend: 'Break it.',
    },
  ];
  await context.db
    .updateTable('editions')
    .set({ findings: JSON.stringify(findings), checked_version: 1 })
    .where('id', '=', editionId)
    .execute();
  const { html, text } = await as.editor.get(`${at}/checks`, piece);
  expect(text).toContain('1 stops approval');
  expect(html).toContain('It has no &lt;alt&gt;.');
  expect(html).toContain(`href="${at}/stories/s2"`);
  expect(html).toMatch(/preview\?[^"]*show=text[^"]*language=de/);
  expect((await as.viewer.get(`${at}/checks`, piece)).html).toContain(`href="${at}#story-s2"`);
  await context.db
    .updateTable('newsletters')
    .set({ checks: JSON.stringify({ block: 'nothing' }) })
    .where('id', '=', newsletter.id)
    .execute();
  const { text: mild } = await as.editor.get(`${at}/checks`, piece);
  expect(mild).toContain('1 error');
  expect(mild).not.toContain('tops approval');
});

async function startChecks() {
  const site = await startDesk();
  return { ...site, at: `/desk/editions/${site.editionId}` };
}
