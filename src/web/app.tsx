/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import type { Context } from '../context.ts';
import type { Letters } from '../delivery/letters.ts';
import { messageOf } from '../errors.ts';
import type { LinkSigner } from '../links.ts';
import { routeSeen } from '../observe/route-seen.ts';
import { proofScript } from './abuse/proof-script.ts';
import { Background } from './background.ts';
import { compressed } from './compressed.ts';
import { brandCss, lookOf, plainLook } from './look.ts';
import { Message, show } from './page.tsx';
import { confirmPages } from './pages/confirm.tsx';
import { dataPages } from './pages/data.tsx';
import { health } from './pages/health.ts';
import { inboxPages } from './pages/inbox.tsx';
import { preferencesPages } from './pages/preferences.tsx';
import { stayPages } from './pages/stay.tsx';
import { subscribePages } from './pages/subscribe.tsx';
import { unsubscribePages } from './pages/unsubscribe.tsx';
import { securityHeaders } from './security-headers.ts';
import { siteCss } from './site.css.ts';
import { acceptedLanguage } from './words/words.ts';

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
 * The public pages: subscribe, confirm, unsubscribe, preferences, one's own data, the embedded inbox, and health. Further routes are
 * added to what is returned, with `app.route()`, before the first request; they get the security headers unless they
 * set their own, and the error pages.
 */
export function createApp(context: Context, options: Pick<Site, 'signer' | 'letters'> & Partial<Site>): Hono {
  const site: Site = { background: new Background(context.log), inbox: 'this-machine', ...options };
  const app = new Hono();
  app.use(routeSeen);
  app.use(securityHeaders);
  app.use(compressed);
  app.get('/assets/site.css', (c) => {
    c.header('Content-Type', 'text/css; charset=utf-8');
    c.header('Cache-Control', 'public, max-age=31536000, immutable');
    return c.body(siteCss);
  });

  app.get('/assets/proof.js', (c) => {
    c.header('Content-Type', 'text/javascript; charset=utf-8');
    c.header('Cache-Control', 'public, max-age=31536000, immutable');
    return c.body(proofScript);
  });
  app.get('/assets/brand/:file{[0-9]{1,15}\\.css}', async (c) => {
    const newsletter = await context.db
      .selectFrom('newsletters')
      .select('brand')
      .where('id', '=', Number.parseInt(c.req.param('file'), 10))
      .executeTakeFirst();
    if (!newsletter) return c.notFound();
    c.header('Content-Type', 'text/css; charset=utf-8');
    c.header('Cache-Control', 'public, max-age=31536000, immutable');
    return c.body(brandCss(newsletter.brand as Record<string, unknown>));
  });

  const routes = {
    '/subscribe': subscribePages,
    '/embed': (each: Context, its: Site) => subscribePages(each, its, { framed: true }),
    '/confirm': confirmPages,
    '/unsubscribe': unsubscribePages,
    '/preferences': preferencesPages,
    '/data': dataPages,
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

  app.notFound(async (c) => {
    const look = await lookOf(context, c);
    return show(
      c,
      <Message title={look.say('nothingHere')} look={look}>
        <p>{look.say('nothingHereText')}</p>
      </Message>,
      404,
    );
  });
  app.onError((error, c) => {
    if (error instanceof HTTPException) return error.getResponse();
    // The path may hold a token, which lets whoever reads the log act for a subscriber.
    const path = c.req.path.replace(/(?<![\w-])[\w-]*-[0-9a-f]{30}/gi, 'TOKEN');
    context.log.error({ error: messageOf(error), stack: error.stack, path }, 'a page failed');
    const { say, ...look } = plainLook(acceptedLanguage(c.req.header('accept-language')) ?? 'en');
    return show(
      c,
      <Message title={say('failed')} look={{ say, ...look }}>
        <p>{say('failedText')}</p>
      </Message>,
      500,
    );
  });
  return app;
}

const tooLarge = () => new Response('The form is too large.', { status: 413 });
