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

/** The whole site on a port of its own, with an admin who is logged in. */
export interface DeskServer {
  url: string;
  /** The admin's session. */
  cookie: { name: string; value: string };
  background: Background;
  close(): Promise<void>;
}

/** Starts it; `publicUrl` of the context is its address from now on. */
export async function startDeskServer(context: BenchContext): Promise<DeskServer> {
  const user = await createUser(context, { email: 'editor@example.com', name: 'Editor', role: 'admin' });
  const value = await createSession(context, user.id, { ip: null, userAgent: null, how: 'password' });
  const signer = await linkSigner(context);
  const background = new Background(context.log);
  const transport = await openTransport(context);
  const letters = lettersThrough(context, transport);
  const app = createApp(context, { signer, background, letters });
  app.route('/desk', desk(context, { signer, background, letters }));
  const server = await startServer(context, app, { host: '127.0.0.1', port: 0 });
  // The cookie's name depends on it.
  context.config.publicUrl = server.url;
  return {
    url: server.url,
    cookie: { name: 'broadsheet-session', value },
    background,
    async close() {
      await server.close();
      await background.settle();
      await transport.close();
    },
  };
}
