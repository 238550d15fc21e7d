import { connect } from 'node:net';
import { onTestFinished } from 'vitest';
import { createSession, findSession } from '../../src/access/sessions.ts';
import { createUser } from '../../src/access/users.ts';
import type { Config } from '../../src/config.ts';
import { startSite } from '../../src/web/site.ts';
import { createTestContext } from '../support/context.ts';
import { TestBrowser } from '../web/desk/access-site.ts';

/** Everything that `broadsheet serve` serves, on a port of this machine, and an admin who is logged in at the desk. */
export async function startHostileSite(settings: Partial<Config> = {}) {
  const context = await createTestContext(settings);
  const site = await startSite(context, { host: '127.0.0.1', port: 0 });
  onTestFinished(() => site.close());
  const { url } = site;
  const admin = await createUser(context, { email: 'admin@example.com', name: 'Admin', role: 'admin' });
  const token = await createSession(context, admin.id, { ip: null, userAgent: null, how: 'password' });
  const browser = new TestBrowser(url, token, (await findSession(context, token))?.csrf);
  return {
    context,
    url,
    app: site.app,
    admin,
    browser,
    stranger: () => new TestBrowser(url),
    /** Writes bytes as they are. @returns what comes back until the server has been silent for a moment or hangs up */
    raw: (bytes: string) => rawAnswer(Number(new URL(url).port), bytes),
  };
}

/** @param quietMs how long a silence ends the answer */
export function rawAnswer(port: number, bytes: string, quietMs = 400): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'));
    let answer = '';
    const end = () => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(quietMs, end);
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    socket.on('close', end);
    socket.on('error', end);
  });
}
