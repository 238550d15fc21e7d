import type { Hono } from 'hono';
import type pg from 'pg';
import type { Context } from '../context.ts';
import { lettersThrough } from '../delivery/letters.ts';
import { openTransport } from '../delivery/transport.ts';
import { EngagementBuffer } from '../feedback/engagement-buffer.ts';
import { linkSigner } from '../links.ts';
import { api } from './api/api.ts';
import { createApp } from './app.tsx';
import { Background } from './background.ts';
import { answerCounted } from './counted.ts';
import { desk } from './desk/desk.tsx';
import { archivePages } from './pages/archive.tsx';
import { lostLinkPage } from './pages/follow.tsx';
import { homePage } from './pages/home.tsx';
import { imagePages } from './pages/images.ts';
import { metricsPage } from './pages/metrics.ts';
import { readPage } from './pages/read.tsx';
import { sharePages } from './pages/share.ts';
import { viewPage } from './pages/view.tsx';
import { startServer } from './server.ts';
import { webhooks } from './webhooks/webhooks.ts';

/** The whole web side of a process. */
export interface Site {
  url: string;
  app: Hono;
  close(): Promise<void>;
}

/**
 * Starts the public pages, view in browser, the API and the editors' desk.
 * @param where.port 0 for any free one
 * @param connection how threads connect to the same database, for what would hold up pages
 */
export async function startSite(
  context: Context,
  where: { host: string; port: number },
  connection?: pg.ClientConfig,
): Promise<Site> {
  const [transport, signer] = await Promise.all([openTransport(context), linkSigner(context)]);
  const background = new Background(context.log);
  const letters = lettersThrough(context, transport);
  const app = createApp(context, { signer, background, letters });
  app.route('/', homePage(context));
  app.route('/view', viewPage(context, { signer }));
  app.route('/share', sharePages(context, { signer }));
  app.route('/archive', archivePages(context, { signer }));
  app.route('/read', readPage(context, { signer }));
  const engagement = new EngagementBuffer(context);
  app.route('/c', lostLinkPage());
  app.route('/i', imagePages(context));
  app.route('/metrics', metricsPage(context));
  app.route('/hooks', webhooks(context, { signer }));
  app.route('/api', api({ context, background, letters }));
  app.route('/desk', desk(context, { signer, background, letters, connection }));
  const server = await startServer(context, app, where, answerCounted(context, { signer, engagement }));
  return {
    url: server.url,
    app,
    async close() {
      await server.close();
      await background.settle();
      await engagement.close();
      await transport.close();
    },
  };
}
