import { expect, test } from 'vitest';
import { ensureEdition, getEdition } from '../../src/editions/editions.ts';
import { compileAndStore } from '../../src/rendering/store.ts';
import { produceEdition } from '../../src/schedule/produce.ts';
import { api } from '../../src/web/api/api.ts';
import { Background } from '../../src/web/background.ts';
import { broadsheet } from '../cli/run.ts';
import { createTestContext } from '../support/context.ts';
import { seedNewsletter } from '../support/seed.ts';
import { fiveEvents, seedStories } from '../support/stories.ts';
import { noLetters } from '../web/site.ts';
import { madeEdition, themeWith } from './checks-support.ts';

const noWayOut: [string, string] = ['<a href={reader.unsubscribeUrl}', '<a href="https://example.com/leave"'];

async function produced(checks: Record<string, unknown>, theme = themeWith(noWayOut)) {
  const context = await createTestContext();
  await seedStories(context, fiveEvents);
  const newsletter = await seedNewsletter(context, [], {
    mode: 'automatic',
    theme,
    checks,
    brand: { footer: 'Quay Lane 1' },
  });
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  return produceEdition(context, edition.id);
}

test('an error keeps an automatic edition in review, and says why', async () => {
  const edition = await produced({});
  expect(edition).toMatchObject({ state: 'review', checked_version: edition.version });
  expect(edition.state_reason).toBe('the checks found: The HTML has no unsubscribe link. [HTML]');
  expect(edition.findings).toMatchObject([{ check: 'unsubscribe', severity: 'error' }, { severity: 'hint' }]);
});

test('a newsletter may say that nothing is kept, or that a check is left out', async () => {
  const sent = await produced({ block: 'nothing' });
  expect(sent).toMatchObject({ state: 'approved', state_reason: null });
  expect(JSON.stringify(sent.findings)).toContain('unsubscribe');
  expect(await produced({ ignore: ['unsubscribe'] })).toMatchObject({ state: 'approved' });
});

test('warnings and hints do not keep an edition', async () => {
  const edition = await produced({}, themeWith([' dir={direction}', '']));
  expect(JSON.stringify(edition.findings)).toContain('in which direction');
  expect(edition.state).toBe('approved');
});

test('settings that are wrong are refused with a sentence, and those in the database keep editions in review', async () => {
  const context = await createTestContext();
  await expect(
    seedNewsletter(context, [], { checks: { block: 'some', ignore: ['colour'] } }),
  ).rejects.toThrow(/block is "errors" or "nothing"\.\n {2}ignore\.0 is one of size, clients/);
  await seedStories(context, fiveEvents);
  const newsletter = await seedNewsletter(context, [], { mode: 'automatic' });
  await context.db.updateTable('newsletters').set({ checks: '{"block": 1}' }).execute();
  const { edition } = await ensureEdition(context, newsletter.id, context.clock.now());
  const after = await produceEdition(context, edition.id);
  expect(after.state).toBe('review');
  expect(after.state_reason).toMatch(
    /^it could not be checked: The newsletter's settings of checks are wrong/,
  );
});

test('"editions check" prints what is to be mended by severity, and exits with 1 if there are errors', async () => {
  const theme = themeWith(noWayOut, [' dir={direction}', '']);
  const { context, edition } = await madeEdition({ theme });
  context.environment.PUBLIC_URL = context.config.publicUrl;
  const found = await broadsheet(context, 'editions', 'check', String(edition.id), '--no-links');
  expect(found.code).toBe(1);
  expect(found.err).toBe('');
  expect(found.out).toMatch(
    /^1 ERROR\n {2}The HTML has no unsubscribe link\. \[unsubscribe\]\n {4}where: HTML\n {4}mend: {2}Print reader.unsubscribeUrl .*\n\n1 WARNING\n {2}The page does not say in which direction/,
  );
  const json = await broadsheet(context, 'editions', 'check', String(edition.id), '--no-links', '--json');
  expect(json.code).toBe(1);
  expect(JSON.parse(json.out)).toMatchObject({
    edition: edition.id,
    version: edition.version,
    findings: [
      { check: 'unsubscribe', severity: 'error' },
      { check: 'structure', severity: 'warning' },
    ],
  });
  const changed = await broadsheet(
    context,
    'newsletters',
    'edit',
    'harbour-post',
    '--ignore-checks',
    'unsubscribe,structure',
    '--block',
    'nothing',
    '--check-links',
    'on',
    '--json',
  );
  expect(JSON.parse(changed.out).checks).toEqual({
    block: 'nothing',
    ignore: ['unsubscribe', 'structure'],
    links: true,
  });
  const good = await broadsheet(context, 'editions', 'check', String(edition.id), '--no-links');
  expect(good).toMatchObject({ code: 0, out: 'Nothing was found.\n' });
});

async function approving(...changes: [from: string, to: string][]) {
  const { context, edition } = await madeEdition({ theme: themeWith(...changes) });
  await context.db.updateTable('editions').set({ state: 'review' }).execute();
  context.environment.PUBLIC_URL = context.config.publicUrl;
  return {
    context,
    id: String(edition.id),
    approve: (...more: string[]) => broadsheet(context, 'editions', 'approve', String(edition.id), ...more),
    edition: () => getEdition(context, edition.id),
  };
}

test('"editions approve" shows errors and warnings first, and refuses an edition with errors unless told otherwise', async () => {
  const { context, id, approve, edition } = await approving(noWayOut, [' dir={direction}', '']);
  const refused = await approve();
  expect(refused.code).toBe(1);
  expect(refused.out).toMatch(
    /^1 ERROR\n {2}The HTML has no unsubscribe link\. \[unsubscribe\]\n {4}where: HTML\n {4}mend: {2}Print reader.unsubscribeUrl .*\n\n1 WARNING\n {2}The page does not say in which direction/,
  );
  expect(refused.err).toContain(`Error: Edition ${id} was not approved: the checks found 1 error.`);
  expect(refused.err).toContain(`broadsheet editions approve ${id} --anyway`);
  expect(await edition()).toMatchObject({ state: 'review', approved_at: null });

  const json = await approve('--json');
  expect(json).toMatchObject({ code: 1, out: '' });
  expect(JSON.parse(json.err).error).toMatchObject({
    code: 'checks',
    details: { findings: [{ check: 'unsubscribe', mend: expect.any(String) }, { check: 'structure' }] },
  });

  const approved = await approve('--anyway', '--json');
  expect(approved).toMatchObject({ code: 0, err: '' });
  expect(JSON.parse(approved.out)).toMatchObject({
    id: Number(id),
    state: 'approved',
    findings: [{ severity: 'error', where: { part: 'html' } }, { severity: 'warning' }],
  });
  expect(await edition()).toMatchObject({ state: 'approved' });
  // Where it is past approving, that is what is said.
  await context.db.updateTable('editions').set({ state: 'sent' }).execute();
  expect((await approve()).err).toContain('cannot be approved: it is sent already');
});

test('"editions approve" minds what the newsletter minds', async () => {
  const { context, approve } = await approving(noWayOut);
  await context.db.updateTable('newsletters').set({ checks: '{"block": "nothing"}' }).execute();
  const approved = await approve();
  expect(approved).toMatchObject({ code: 0, err: '' });
  expect(approved.out).toMatch(/^1 ERROR\n[\s\S]*Approved: edition \d+/);
});

test('"editions approve" shows warnings of an edition without errors, and approves it', async () => {
  const { context, approve } = await approving([' dir={direction}', '']);
  const approved = await approve();
  expect(approved.code).toBe(0);
  expect(approved.out).toMatch(/^1 WARNING\n[\s\S]*Approved: edition/);
  await context.db.updateTable('editions').set({ state: 'review', findings: '[]' }).execute();
  expect((await approve()).out).toMatch(/^Approved: edition/);
});

test('the API gives the findings that are kept, and checks anew when asked or when there are none', async () => {
  const { context, edition } = await madeEdition({ theme: themeWith(noWayOut) });
  const app = api({
    context: { ...context, config: { ...context.config, apiToken: 'a-token-for-tests' } },
    background: new Background(context.log),
    letters: noLetters,
  });
  const ask = async (query = '') => {
    const response = await app.request(`/editions/${edition.id}/checks${query}`, {
      headers: { authorization: 'Bearer a-token-for-tests' },
    });
    return { status: response.status, body: await response.json() };
  };
  expect(await ask()).toMatchObject({
    status: 200,
    body: { edition: edition.id, version: edition.version, findings: [{ check: 'unsubscribe' }] },
  });
  await context.db.updateTable('editions').set({ findings: '[]' }).execute();
  expect((await ask()).body.findings).toEqual([]);
  expect((await ask('?fresh')).body.findings).toHaveLength(1);
  // Built again, what was found no longer counts.
  await context.db
    .updateTable('editions')
    .set({ findings: '[]', version: edition.version + 1 })
    .execute();
  await compileAndStore(context, await getEdition(context, edition.id));
  expect((await ask()).body.findings).toHaveLength(1);
  expect(await getEdition(context, edition.id)).toMatchObject({ checked_version: edition.version + 1 });
});
