import { createSession } from '../src/access/sessions.ts';
import { createUser } from '../src/access/users.ts';
import { lettersThrough } from '../src/delivery/letters.ts';
import { openTransport } from '../src/delivery/transport.ts';
import { linkSigner } from '../src/links.ts';
import { createApp } from '../src/web/app.tsx';
import { Background } from '../src/web/background.ts';
import { desk } from '../src/web/desk/desk.tsx';
import { startServer } from '../src/web/server.ts';
import type { BenchContext } from './database.ts';
import type { Meter } from './grow-figures.ts';

/**
 * Asks for pages of the desk over HTTP, whole, as an admin.
 * @param paths by the names under which they are noted
 * @throws Error if one answers with another status than 200
 */
export async function measurePages(
  context: BenchContext,
  meter: Meter,
  paths: Record<string, string>,
): Promise<void> {
  const user = await createUser(context, { email: 'editor@example.com', name: 'Editor', role: 'admin' });
  const token = await createSession(context, user.id, { ip: null, userAgent: null, how: 'password' });
  const signer = await linkSigner(context);
  const background = new Background(context.log);
  const transport = await openTransport(context);
  const letters = lettersThrough(context, transport);
  const app = createApp(context, { signer, background, letters });
  app.route('/desk', desk(context, { signer, background, letters }));
  const server = await startServer(context, app, { host: '127.0.0.1', port: 0 });
  // The cookie's name depends on it.
  context.config.publicUrl = server.url;
  const ask = async (path: string) => {
    const answer = await fetch(server.url + path, { headers: { cookie: `broadsheet-session=${token}` } });
    await answer.text();
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}.`);
  };
  try {
    for (const [name, path] of Object.entries(paths)) {
      await ask(path);
      // What it had counted beside is there for the next one.
      await background.settle();
      await meter.often(name, () => ask(path));
    }
  } finally {
    await server.close();
    await background.settle();
    await transport.close();
  }
}
