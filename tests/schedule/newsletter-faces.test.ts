import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import { fieldsFrom } from '../../src/cli/newsletter-fields.ts';
import { type NewsletterOptions, withFields } from '../../src/cli/newsletter-options.ts';
import { createNewsletter, editNewsletter, findNewsletter } from '../../src/editions/newsletters.ts';
import type { Mistakes, Values } from '../../src/web/desk/newsletters/form-values.ts';
import { lookFrom } from '../../src/web/desk/newsletters/look-form.ts';
import { connectedTo, type SectionName, sections } from '../../src/web/desk/newsletters/sections.ts';
import { newsletterTexts } from '../../src/web/desk/newsletters/words.ts';
import { policyOfJson } from '../../src/web/desk/policy/form.ts';
import { policyTexts } from '../../src/web/desk/policy/words.ts';
import { speaking } from '../../src/web/desk/words/words.ts';
import { seedList } from '../support/seed.ts';
import { startApi } from '../web/api-client.ts';

/** One setting, not as it is by itself, as each face takes it; files are written from what is no text. */
interface Setting {
  cli: [option: string, ...values: (string | object)[]];
  api: Record<string, unknown>;
  desk: [SectionName | 'look' | 'policy', Values];
}

const brand = { colour: '#102030', footer: 'Quay 1' };
const policy = { slots: [{ name: 'lead', count: 1 }], minimumStories: 2 };
const subjectTest = { patterns: ['Another'], share: 0.3, waitMinutes: 30, by: 'clicks' };

const settings: Record<string, Setting> = {
  name: { cli: ['--name', 'New'], api: { name: 'New' }, desk: ['identity', { name: ['New'] }] },
  description: {
    cli: ['--description', 'A line'],
    api: { description: 'A line' },
    desk: ['identity', { description: ['A line'] }],
  },
  from_address: {
    cli: ['--from', 'new@example.com'],
    api: { from: 'new@example.com' },
    desk: ['identity', { fromAddress: ['new@example.com'] }],
  },
  from_name: {
    cli: ['--from-name', 'Desk'],
    api: { fromName: 'Desk' },
    desk: ['identity', { fromName: ['Desk'] }],
  },
  reply_to: {
    cli: ['--reply-to', 'answers@example.com'],
    api: { replyTo: 'answers@example.com' },
    desk: ['identity', { replyTo: ['answers@example.com'] }],
  },
  cron: {
    cli: ['--cron', '5 6 1 * *'],
    api: { cron: '5 6 1 * *' },
    desk: ['schedule', { often: ['cron'], cron: ['5 6 1 * *'] }],
  },
  time_zone: {
    cli: ['--time-zone', 'Europe/Berlin'],
    api: { timeZone: 'Europe/Berlin' },
    desk: ['schedule', { timeZone: ['Europe/Berlin'] }],
  },
  deliver_at: {
    cli: ['--deliver-at', '06:30'],
    api: { deliverAt: '06:30' },
    desk: ['schedule', { deliverAt: ['06:30'] }],
  },
  catch_up: {
    cli: ['--catch-up', 'skip'],
    api: { catchUp: 'skip' },
    desk: ['schedule', { catchUp: ['skip'] }],
  },
  lists: { cli: ['--list', 'readers'], api: { lists: ['readers'] }, desk: ['audience', { lists: ['1'] }] },
  segment_id: {
    cli: ['--segment', 'some'],
    api: { segment: 'some' },
    desk: ['audience', { segment: ['1'] }],
  },
  sources: { cli: ['--source', '1'], api: { sources: [1] }, desk: ['audience', { sources: ['1'] }] },
  subject: {
    cli: ['--subject', 'Today'],
    api: { subject: 'Today' },
    desk: ['content', { subject: ['Today'] }],
  },
  preheader: {
    cli: ['--preheader', 'And more'],
    api: { preheader: 'And more' },
    desk: ['content', { preheader: ['And more'] }],
  },
  language: { cli: ['--language', 'de'], api: { language: 'de' }, desk: ['content', { language: ['de'] }] },
  languages: {
    cli: ['--languages', 'fr,ar'],
    api: { languages: ['fr', 'ar'] },
    desk: ['content', { languages: ['fr', 'ar'] }],
  },
  plain_links: {
    cli: ['--plain-links', 'numbered'],
    api: { plainLinks: 'numbered' },
    desk: ['content', { plainLinks: ['numbered'] }],
  },
  public_archive: {
    cli: ['--public-archive', 'on'],
    api: { publicArchive: true },
    desk: ['content', { publicArchive: ['on'] }],
  },
  subject_test: {
    cli: ['--subject-test', subjectTest],
    api: { subjectTest },
    desk: [
      'subjectTest',
      { tested: ['on'], patterns: ['Another'], share: ['30'], waitMinutes: ['30'], by: ['clicks'] },
    ],
  },
  mode: {
    cli: ['--mode', 'automatic'],
    api: { mode: 'automatic' },
    desk: ['control', { mode: ['automatic'] }],
  },
  undo_seconds: {
    cli: ['--undo-for', '2m'],
    api: { undoSeconds: 120 },
    desk: ['control', { undoSeconds: ['120'] }],
  },
  checks: {
    cli: ['--block', 'nothing'],
    api: { checks: { block: 'nothing', links: false, ignore: [] } },
    desk: ['control', { block: ['nothing'] }],
  },
  tracking: {
    cli: ['--opens', 'on'],
    api: { tracking: { opens: true } },
    desk: ['tracking', { opens: ['on'] }],
  },
  on_uncertain: {
    cli: ['--on-uncertain', 'resend'],
    api: { onUncertain: 'resend' },
    desk: ['sending', { onUncertain: ['resend'] }],
  },
  retry_minutes: {
    cli: ['--retry-for', '12h'],
    api: { retryMinutes: 720 },
    desk: ['sending', { retryMinutes: ['720'] }],
  },
  stop_rates: {
    cli: ['--stop-at', 'bounces=7%,complaints=0.15%,after=900'],
    api: { stopRates: { bounces: 0.07, complaints: 0.0015, after: 900 } },
    desk: ['sending', { stopBounces: ['7'], stopComplaints: ['0,15'], stopAfter: ['900'] }],
  },
  theme: {
    cli: ['--theme', 'magazine'],
    api: { theme: 'magazine' },
    desk: ['look', { theme: ['magazine'] }],
  },
  brand: {
    cli: ['--brand', brand],
    api: { brand },
    desk: ['look', { colour: [brand.colour], footer: [brand.footer] }],
  },
  policy: {
    cli: ['--policy', policy],
    api: { policy },
    desk: ['policy', { json: [JSON.stringify(policy)] }],
  },
};
/** What is no setting: what it is called, and what Broadsheet itself keeps. Pausing has acts of its own. */
const noSettings = [
  'id',
  'slug',
  'paused',
  'policy_version',
  'scheduled_through',
  'created_at',
  'updated_at',
];

/** Has each face set what it is given. */
async function threeFaces() {
  const { call, context, document } = await startApi({ embeddings: false });
  await seedList(context, 1);
  await sql`insert into segments (name, filter) values ('some', 'list = readers')`.execute(context.db);
  await sql`insert into sources (kind, url, name, publisher) values ('feed', 'https://a.example/f', 'A', 'A')`.execute(
    context.db,
  );
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-faces-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const say = speaking(newsletterTexts, 'en');
  let files = 0;
  const written = (value: string | object) => {
    if (typeof value === 'string') return value;
    const file = join(folder, `${++files}.json`);
    writeFileSync(file, JSON.stringify(value));
    return file;
  };
  const newsletter = (slug: string) =>
    createNewsletter(context, { slug, name: 'Old', fromAddress: 'old@example.com', cron: '0 7 * * *' });
  const byCommand = async (all: Setting['cli'][]) => {
    const before = await newsletter('by-command');
    const command = withFields(new Command().exitOverride()).parse(all.flat().map(written), {
      from: 'user',
    });
    const fields = await fieldsFrom(context, command.opts<NewsletterOptions>(), before);
    await editNewsletter(context, before.id, fields);
  };
  const byApi = async (all: Setting['api'][]) => {
    await newsletter('by-api');
    const fields = Object.assign({}, ...all);
    const answer = await call('PATCH', '/newsletters/by-api', fields);
    expect(answer.status, JSON.stringify(answer.body)).toBe(200);
    // It is told as it was given, and what is told can be given back.
    expect(answer.body).toMatchObject(fields);
    const back = Object.fromEntries(Object.keys(fields).map((name) => [name, answer.body[name]]));
    const again = await call('PATCH', '/newsletters/by-api', back);
    expect(again.body).toEqual(answer.body);
  };
  const byDesk = async (all: Setting['desk'][]) => {
    const { id } = await newsletter('by-desk');
    const bySection = Map.groupBy(all, ([section]) => section);
    for (const [section, parts] of bySection) {
      const before = await findNewsletter(context, String(id));
      const given: Values = Object.assign({}, ...parts.map(([, values]) => values));
      const mistakes: Mistakes = {};
      if (section === 'look') {
        await editNewsletter(context, id, lookFrom(given, before, say, mistakes));
      } else if (section === 'policy') {
        const read = policyOfJson(given.json?.[0] ?? '', speaking(policyTexts, 'en'));
        if (!('document' in read)) throw new Error(JSON.stringify(read));
        await editNewsletter(context, id, { policy: read.document });
      } else {
        const shown = sections[section].values(before, await connectedTo(context, id));
        const fields = await sections[section].read({ ...shown, ...given }, before, say, mistakes);
        await editNewsletter(context, id, fields);
        // What was asked for is what its form shows from now on.
        const after = await findNewsletter(context, String(id));
        expect(sections[section].values(after, await connectedTo(context, id))).toMatchObject(
          section === 'sending' ? { ...given, stopComplaints: ['0.15'] } : given,
        );
      }
      expect(mistakes).toEqual({});
    }
  };
  /** Each newsletter's row, with what it is connected to. */
  const rows = async (): Promise<Record<string, unknown>[]> =>
    Promise.all(
      ['by-command', 'by-api', 'by-desk'].map(async (slug) => {
        const row = await findNewsletter(context, slug);
        const { listIds, sourceIds } = await connectedTo(context, row.id);
        return { ...row, lists: listIds, sources: sourceIds };
      }),
    );
  const cleared = () => context.db.deleteFrom('newsletters').execute();
  const untouched = async () => {
    const row = await newsletter('untouched');
    return { ...row, lists: [], sources: [] } as Record<string, unknown>;
  };
  return { byCommand, byApi, byDesk, rows, cleared, untouched, document };
}

test('what a newsletter is made of is set alike by command, API and desk', async () => {
  const faces = await threeFaces();
  const plain = await faces.untouched();
  expect(Object.keys(settings).sort()).toEqual(
    Object.keys(plain)
      .filter((name) => !noSettings.includes(name))
      .sort(),
  );
  // Subjects cannot be tried out where each reader has a time of their own.
  const { subject_test, ...rest } = settings;
  for (const some of [rest, { subject_test } as typeof rest]) {
    const all = Object.values(some);
    await faces.byCommand(all.map(({ cli }) => cli));
    await faces.byApi(all.map(({ api }) => api));
    await faces.byDesk(all.map(({ desk }) => desk));
    const [command = {}, ...others] = await faces.rows();
    for (const name of Object.keys(some)) {
      expect(command[name], name).not.toEqual(plain[name]);
      for (const other of others)
        expect(withDefaults(name, other[name]), name).toEqual(withDefaults(name, command[name]));
    }
    await faces.cleared();
  }
});

/** What is left out of a document has its default, so it makes no difference. */
function withDefaults(name: string, value: unknown): unknown {
  if (name === 'tracking') return { privacy: 'individual', clicks: true, utm: null, ...(value as object) };
  if (name === 'checks') return { links: false, ignore: [], ...(value as object) };
  return value;
}
