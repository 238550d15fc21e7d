/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import type { LinkSigner } from '../../links.ts';
import { Page, show } from '../page.tsx';

/** `/read/TOKEN`: a story that has no address of its own, such as one added from a text file. */
export function readPage(context: Context, { signer }: { signer: LinkSigner }): Hono {
  const app = new Hono();
  app.get('/:token', async (c) => {
    const [storyId] = signer.verify('read', c.req.param('token')) ?? [];
    if (storyId === undefined) return c.notFound();
    const story = await context.db
      .selectFrom('stories')
      .selectAll()
      .where('id', '=', storyId)
      .executeTakeFirst();
    if (!story) return c.notFound();
    const published = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(
      story.published_at,
    );
    return show(
      c,
      <Page title={story.title} name={story.publisher}>
        <article class="flow" lang={story.language ?? undefined}>
          <h1>{story.title}</h1>
          <p class="quiet">{[story.author, published].filter(Boolean).join(', ')}</p>
          {story.body_text.split(/\n{2,}/).map((paragraph) => (
            <p key={paragraph}>{paragraph}</p>
          ))}
        </article>
      </Page>,
    );
  });
  return app;
}
