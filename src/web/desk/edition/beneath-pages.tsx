/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { may } from '../../../access/roles.ts';
import type { Context } from '../../../context.ts';
import type { DeskEnv } from '../env.ts';
import { showDesk } from '../frame.tsx';
import { asksForPiece } from '../toast.tsx';
import { SheetPage } from './edition-page.tsx';
import { lookOf } from './look.tsx';
import { Related } from './story-card.tsx';
import { storyIn, viewOf } from './view.ts';

/** `/desk/editions/ID/stories/KEY/beneath`: what stands beneath a story, for the edition's page when it is unfolded. */
export function beneathPages(context: Context): Hono<DeskEnv> {
  const app = new Hono<DeskEnv>();
  app.get('/:id{[0-9]{1,15}}/stories/:key/beneath', async (c) => {
    const view = await viewOf(context, Number(c.req.param('id')), c.var.session);
    const story = view && storyIn(view, c.req.param('key'));
    if (!view || !story || !may(c.var.session.user, 'view', view.newsletter.id)) throw new HTTPException(404);
    const look = { ...lookOf(c, view, context.clock.now()), alone: !asksForPiece(c) };
    const list = <Related look={look} story={story} />;
    if (asksForPiece(c)) return c.html(list);
    return showDesk(
      c,
      <SheetPage c={c} look={look} title={story.title}>
        <h2>{story.title}</h2>
        {list}
      </SheetPage>,
    );
  });
  return app;
}
