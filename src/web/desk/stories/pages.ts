import { Hono } from 'hono';
import type { Context } from '../../../context.ts';
import type { DeskEnv, DeskSite } from '../env.ts';
import { RelatedLookups } from './related-lookups.ts';
import { searchPage } from './search-page.tsx';
import { relatedPage, storyPage } from './story-page.tsx';
import { merge, mergePage, split, splitPage, storylinePage, storylinesPage } from './storyline-pages.tsx';

/** `/desk/stories` and `/desk/storylines`: what came in, and the events that it tells of. */
export function storyPages(context: Context, site: Pick<DeskSite, 'background'>): Hono<DeskEnv> {
  const lookups = new RelatedLookups(context, site.background);
  const app = new Hono<DeskEnv>();
  app.get('/stories', (c) => searchPage(context, c));
  app.get('/stories/:id{[0-9]{1,15}}', (c) => storyPage(context, c, Number(c.req.param('id'))));
  app.get('/stories/:id{[0-9]{1,15}}/related', (c) =>
    relatedPage(context, c, Number(c.req.param('id')), lookups),
  );
  app.get('/storylines', (c) => storylinesPage(context, c));
  app.get('/storylines/:id{[0-9]{1,15}}', (c) => storylinePage(context, c, Number(c.req.param('id'))));
  app.get('/storylines/:id{[0-9]{1,15}}/split', (c) => splitPage(context, c, Number(c.req.param('id'))));
  app.post('/storylines/:id{[0-9]{1,15}}/split', (c) => split(context, c, Number(c.req.param('id'))));
  app.get('/storylines/:id{[0-9]{1,15}}/merge', (c) => mergePage(context, c, Number(c.req.param('id'))));
  app.post('/storylines/:id{[0-9]{1,15}}/merge', (c) => merge(context, c, Number(c.req.param('id'))));
  return app;
}
