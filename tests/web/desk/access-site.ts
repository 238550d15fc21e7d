import { simpleParser } from 'mailparser';
import { request } from 'undici';
import { onTestFinished } from 'vitest';
import { createSession, findSession } from '../../../src/access/sessions.ts';
import { createUser } from '../../../src/access/users.ts';
import { lettersThrough } from '../../../src/delivery/letters.ts';
import { openTransport } from '../../../src/delivery/transport.ts';
import { createLinkSigner } from '../../../src/links.ts';
import { createApp } from '../../../src/web/app.tsx';
import { Background } from '../../../src/web/background.ts';
import { desk } from '../../../src/web/desk/desk.tsx';
import { startServer } from '../../../src/web/server.ts';
import { createTestContext } from '../../support/context.ts';

/** The desk on a port of this machine, with an admin, an editor and a viewer. */
export async function startDesk(settings: Parameters<typeof createTestContext>[0] = {}) {
  const context = await createTestContext(settings);
  const signer = createLinkSigner(context.environment.BROADSHEET_SECRET ?? '');
  const background = new Background(context.log);
  const transport = await openTransport(context);
  const letters = lettersThrough(context, transport);
  const app = createApp(context, { signer, background, letters });
  app.route('/desk', desk(context, { signer, background, letters, connection: context.database.connection }));
  let server = await startServer(context, app, { host: '127.0.0.1', port: 0 });
  onTestFinished(async () => {
    await server.close();
    await background.settle();
    await transport.close();
  });
  const { url } = server;
  if (!settings.publicUrl) context.config.publicUrl = url;
  const make = (name: string, role: 'admin' | 'editor' | 'viewer') =>
    createUser(context, { email: `${name}@example.com`, name, role });
  const [admin, editor, viewer] = [
    await make('admin', 'admin'),
    await make('editor', 'editor'),
    await make('viewer', 'viewer'),
  ];

  return {
    context,
    url,
    admin,
    editor,
    viewer,
    browser: (token?: string) => new TestBrowser(url, token),
    /** Ends the server. @returns what starts it again, at the same place */
    async stop() {
      await server.close();
      return async () => {
        server = await startServer(context, app, { host: '127.0.0.1', port: Number(new URL(url).port) });
      };
    },
    /** A browser in which someone has just logged in. */
    async loggedIn(user: { id: number }) {
      const token = await createSession(context, user.id, { ip: null, userAgent: null, how: 'password' });
      return new TestBrowser(url, token, (await findSession(context, token))?.csrf);
    },
    /** The mails caught so far, with all that was to be sent sent. */
    async mails() {
      await background.settle();
      const rows = await context.db.selectFrom('inbox_messages').selectAll().orderBy('id').execute();
      return Promise.all(
        rows.map(async ({ raw, rcpt_to, subject }) => ({
          to: rcpt_to,
          subject,
          text: (await simpleParser(raw)).text ?? '',
        })),
      );
    },
    /** The path of the link in the mail that came last. */
    async mailedLink() {
      const { text = '' } = (await this.mails()).at(-1) ?? {};
      return /https?:\/\/[^/\s]+(\/desk\/login\/link\?token=[\w-]+)/.exec(text)?.[1] ?? 'no link';
    },
    async acts() {
      const rows = await context.db.selectFrom('audit_log').selectAll().orderBy('id').execute();
      return rows.map((row) => ({
        act: row.act,
        by: row.user_email,
        subject: row.subject,
        details: row.details,
      }));
    },
  };
}

/** What a browser does: keeps cookies, says where a request comes from, and follows nothing by itself. */
export class TestBrowser {
  readonly #url: string;
  readonly cookies = new Map<string, string>();
  csrf: string;

  constructor(url: string, session?: string, csrf = '') {
    this.#url = url;
    this.csrf = csrf;
    if (session) this.cookies.set('broadsheet-session', session);
  }

  // Not by fetch, which says itself where it comes from.
  async #ask(
    path: string,
    { method, body }: { method: 'GET' | 'POST'; body?: string },
    headers: Record<string, string>,
  ) {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await request(new URL(path, this.#url), {
      method,
      body,
      headers: { ...(cookie && { cookie }), 'sec-fetch-mode': 'navigate', ...headers },
    });
    const answered = new Headers();
    for (const [name, values] of Object.entries(response.headers))
      for (const value of [values ?? []].flat()) answered.append(name, value);
    for (const line of answered.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value && !/max-age=0/i.test(line)) this.cookies.set(name, value);
      else this.cookies.delete(name);
    }
    const html = await response.body.text();
    return {
      status: response.statusCode,
      headers: answered,
      to: answered.get('location'),
      html,
      text: html.replace(/<[^>]+>/g, ' ').replace(/\s+/g, ' '),
    };
  }

  get(path: string, headers: Record<string, string> = {}) {
    return this.#ask(path, { method: 'GET' }, headers);
  }

  /** @param headers an empty one is not sent */
  post(path: string, fields: Record<string, string> = {}, headers: Record<string, string> = {}) {
    const body = new URLSearchParams({ csrf: this.csrf, ...fields }).toString();
    const all = {
      'content-type': 'application/x-www-form-urlencoded',
      'sec-fetch-site': 'same-origin',
      ...headers,
    };
    return this.#ask(
      path,
      { method: 'POST', body },
      Object.fromEntries(Object.entries(all).filter(([, value]) => value)),
    );
  }
}
