/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { HTTPException } from 'hono/http-exception';
import type { Context } from '../../context.ts';
import { messageOf } from '../../errors.ts';
import { accessPages, loginPages } from './access/pages.tsx';
import { requireSession } from './access/session.ts';
import { assets } from './assets.ts';
import { componentsPage } from './components-page.tsx';
import { beneathPages } from './edition/beneath-pages.tsx';
import { checksPages } from './edition/checks-pages.tsx';
import { editionPages } from './edition/pages.tsx';
import { previewPages } from './edition/preview-pages.tsx';
import type { DeskEnv, DeskSite } from './env.ts';
import { deskMessage } from './frame.tsx';
import { newsletterPages } from './newsletters/pages.tsx';
import { policyPages } from './policy/pages.tsx';
import { reportPages } from './reports/pages.tsx';
import { sendPages } from './send/pages.tsx';
import { sourcePages } from './sources/pages.tsx';
import { storyPages } from './stories/pages.ts';
import { editionsPage } from './today/editions-page.tsx';
import { Estimates } from './today/estimates.ts';
import { todayPages } from './today/today.tsx';

const largestForm = 256 * 1024;

/** What a page of the desk may load: what is ours, and pictures of stories from wherever they lie. */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: https: http:",
  "connect-src 'self'",
  "frame-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * The editors' desk, at /desk. Everything but the login and the style sheet asks for a session; each page asks for its own
 * rights beyond that.
 */
export function desk(context: Context, site: DeskSite): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.use(async (c, next) => {
    // Pages name the files by what they hold.
    await assets();
    await next();
    // Previews have a stricter policy of their own.
    if (!c.res.headers.has('Content-Security-Policy')) c.header('Content-Security-Policy', policy);
    if (!c.res.headers.has('Referrer-Policy')) c.header('Referrer-Policy', 'same-origin');
  });
  // What shows who somebody is differs in each page (csrf.ts), and no page of another site can have these asked for with a text of its own.
  app.use(compress());
  app.get('/assets/:hash/:name', async (c) => {
    const asset = (await assets()).get(c.req.param('name'));
    if (!asset) return c.notFound();
    c.header('Content-Type', asset.type);
    c.header('Cache-Control', 'public, max-age=31536000, immutable');
    return c.body(asset.body);
  });
  app.use(bodyLimit({ maxSize: largestForm, onError: (c) => c.text('The form is too large.', 413) }));
  app.route('/', loginPages(context, site));
  app.use(requireSession(context));
  app.route('/', accessPages(context, site));
  app.route('/editions', editionPages(context, site));
  app.route('/editions', beneathPages(context));
  app.route('/editions', previewPages(context));
  app.route('/editions', checksPages(context, site));
  const estimates = new Estimates(context, site.background);
  app.route('/', todayPages(context, site, estimates));
  app.route('/editions', editionsPage(context));
  app.route('/editions', sendPages(context, estimates));
  app.route('/newsletters', newsletterPages(context));
  app.route('/reports', reportPages(context, site));
  app.route('/', storyPages(context, site));
  app.route('/sources', sourcePages(context, site));
  app.route('/newsletters', policyPages(context, site));
  app.route('/components', componentsPage());

  app.notFound((c) => deskMessage(c, 'notFound', 404));
  app.onError((error, c) => {
    if (error instanceof HTTPException) {
      if (error.status === 403) return deskMessage(c, 'noRight', 403);
      if (error.status === 404) return deskMessage(c, 'notFound', 404);
      return error.getResponse();
    }
    context.log.error(
      { error: messageOf(error), stack: error.stack, path: c.req.path },
      'a page of the desk failed',
    );
    return deskMessage(c, 'wentWrong', 500);
  });
  return app;
}
