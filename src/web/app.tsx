/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import type { Context } from '../context.ts';
import type { Letters } from '../delivery/letters.ts';
import { messageOf } from '../errors.ts';
import type { LinkSigner } from '../links.ts';
import { Background } from './background.ts';
import { Message, show } from './page.tsx';
import { confirmPages } from './pages/confirm.tsx';
import { health } from './pages/health.ts';
import { inboxPages } from './pages/inbox.tsx';
import { preferencesPages } from './pages/preferences.tsx';
import { stayPages } from './pages/stay.tsx';
import { subscribePages } from './pages/subscribe.tsx';
import { unsubscribePages } from './pages/unsubscribe.tsx';
import { securityHeaders } from './security-headers.ts';
import { siteCss } from './site.css.ts';

/** What the pages need beside the context. */
export interface Site {
  signer: LinkSigner;
  /** Mails about subscriptions. Each is sent only if it is due, after the page is shown. */
  letters: Letters;
  /** Work that goes on after an answer. Wait for it to settle before the database is closed. */
  background: Background;
  /** Who sees the embedded inbox while no SMTP_URL is set: this machine, or (in a demonstration) anyone. */
  inbox: 'this-machine' | 'anyone';
}

const largestForm = 64 * 1024;

/**
 * The public pages: subscribe, confirm, unsubscribe, preferences, the embedded inbox, and health. Further routes are
 * added to what is returned, with `app.route()`, before the first request; they get the security headers unless they
 * set their own, and the error pages.
 */
export function createApp(context: Context, options: Pick<Site, 'signer' | 'letters'> & Partial<Site>): Hono {
  const site: Site = { background: new Background(context.log), inbox: 'this-machine', ...options };
  const app = new Hono();
  app.use(securityHeaders);
  app.get('/assets/site.css', (c) => {
    c.header('Content-Type', 'text/css; charset=utf-8');
    c.header('Cache-Control', 'public, max-age=31536000, immutable');
    return c.body(siteCss);
  });

  const routes = {
    '/subscribe': subscribePages,
    '/confirm': confirmPages,
    '/unsubscribe': unsubscribePages,
    '/preferences': preferencesPages,
    '/stay': stayPages,
    '/inbox': inboxPages,
  };
  for (const [path, make] of Object.entries(routes)) {
    const group = new Hono();
    group.use(bodyLimit({ maxSize: largestForm, onError: tooLarge }));
    group.route('/', make(context, site));
    app.route(path, group);
  }
  app.route('/health', health(context));

  app.notFound((c) =>
    show(
      c,
      <Message title="There is nothing here">
        <p>Please check the address. If you followed a link in a mail, try it once more from there.</p>
      </Message>,
      404,
    ),
  );
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    // The path may hold a token, which lets whoever reads the log act for a subscriber.
    const path = c.req.path.replace(/[\w-]*-[0-9a-f]{30}/gi, 'TOKEN');
    context.log.error({ error: messageOf(error), stack: error.stack, path }, 'a page failed');
    return show(
      c,
      <Message title="Something went wrong on our side">
        <p>Nothing was changed. Please try again in a minute.</p>
      </Message>,
      500,
    );
  });
  return app;
}

const tooLarge = () => new Response('The form is too large.', { status: 413 });
