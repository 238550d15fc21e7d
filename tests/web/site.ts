import { onTestFinished } from 'vitest';
import { type Letters, lettersThrough } from '../../src/delivery/letters.ts';
import { openTransport } from '../../src/delivery/transport.ts';
import { createLinkSigner } from '../../src/links.ts';
import { createList } from '../../src/subscribers/lists.ts';
import { subscribe } from '../../src/subscribers/subscribe.ts';
import { createApp, type Site } from '../../src/web/app.tsx';
import { Background } from '../../src/web/background.ts';
import { startServer } from '../../src/web/server.ts';
import { createTestContext } from '../support/context.ts';

/** The public pages on a port of this machine, with two lists, a newsletter of the first, and one edition of it. */
export async function startSite(
  settings: Parameters<typeof createTestContext>[0] = {},
  site: Partial<Site> = {},
) {
  const context = await createTestContext(settings);
  const weekly = await createList(context, { name: 'Weekly', topics: ['science', 'sport', 'city'] });
  const daily = await createList(context, { name: 'Daily', optIn: 'single' });
  const newsletter = await context.db
    .insertInto('newsletters')
    .values({
      slug: 'weekly',
      name: 'The Weekly Letter',
      from_name: 'The Desk',
      from_address: 'desk@news.example.com',
      cron: '0 7 * * 1',
      theme: 'broadsheet',
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  await context.db
    .insertInto('newsletter_lists')
    .values({ newsletter_id: newsletter.id, list_id: weekly.id })
    .execute();
  const edition = await context.db
    .insertInto('editions')
    .values({
      newsletter_id: newsletter.id,
      scheduled_for: context.clock.now(),
      theme: 'broadsheet',
      language: 'en',
    })
    .returning('id')
    .executeTakeFirstOrThrow();

  const signer = createLinkSigner(context.environment.BROADSHEET_SECRET ?? '');
  const background = new Background(context.log);
  const transport = await openTransport(context);
  const app = createApp(context, {
    signer,
    background,
    letters: lettersThrough(context, transport),
    ...site,
  });
  const server = await startServer(context, app, { host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await server.close();
    await background.settle();
    await transport.close();
  });
  const { url } = server;

  return {
    context,
    app,
    url,
    signer,
    background,
    transport,
    weekly,
    daily,
    editionId: edition.id,
    get: (path: string, headers: Record<string, string> = {}) =>
      fetch(url + path, { headers, redirect: 'manual' }),
    post: (path: string, fields: Record<string, string> | [string, string][] = {}) =>
      fetch(url + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' }),
    /** Fills in the form of a list as a person does, five seconds after it was shown. */
    async signUp(list: string, fields: Record<string, string> | [string, string][]) {
      const form = await (await fetch(`${url}/subscribe/${list}`)).text();
      const stamp = /name="stamp" value="([^"]+)"/.exec(form)?.[1] ?? '';
      context.clock.advance(5_000);
      const body = new URLSearchParams(fields);
      body.set('stamp', stamp);
      return fetch(`${url}/subscribe/${list}`, { method: 'POST', body, redirect: 'manual' });
    },
    /** A person who is subscribed, by an admin, to the lists named. */
    async person(email: string, ...lists: string[]): Promise<number> {
      let id = 0;
      for (const list of lists)
        id = (await subscribe(context, { via: 'admin', email, list, confirmed: true })).subscriberId ?? 0;
      return id;
    },
    async states(email: string): Promise<Record<string, string>> {
      const rows = await context.db
        .selectFrom('subscriptions as u')
        .innerJoin('subscribers as s', 's.id', 'u.subscriber_id')
        .innerJoin('lists as l', 'l.id', 'u.list_id')
        .where('s.email', '=', email)
        .select(['l.slug', 'u.state'])
        .execute();
      return Object.fromEntries(rows.map((row) => [row.slug, row.state]));
    },
    /** The mails caught so far, with all that was to be sent sent. */
    async mails() {
      await background.settle();
      return context.db.selectFrom('inbox_messages').selectAll().orderBy('id').execute();
    },
  };
}

const no = async () => false;
/** Sends nothing. */
export const noLetters: Letters = {
  confirmation: no,
  welcome: no,
  goodbye: no,
  preferencesLink: no,
  dataLink: no,
  loginLink: no,
};

export type TestSite = Awaited<ReturnType<typeof startSite>>;

/** The page's text as a person reads it, and its status. */
export async function read(
  response: Response | Promise<Response>,
): Promise<{ status: number; text: string; html: string }> {
  const { status, ...rest } = await Promise.resolve(response).then(async (answer) => ({
    status: answer.status,
    html: await answer.text(),
  }));
  const text = rest.html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' ');
  return { status, text, html: rest.html };
}
