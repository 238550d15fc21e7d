/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { Page, show } from '../page.tsx';
import { isFromThisMachine } from '../request.ts';

/** `/`: the lists that people may subscribe to; and for whoever sits at this machine, the way to the inbox. */
export function homePage(context: Context): Hono {
  const app = new Hono();
  app.get('/', async (c) => {
    const lists = await context.db
      .selectFrom('lists')
      .select(['slug', 'name', 'description'])
      .orderBy('name')
      .execute();
    const inbox = !context.config.smtpUrl && isFromThisMachine(c);
    return show(
      c,
      <Page title="Newsletters">
        <h1>Newsletters</h1>
        {lists.length === 0 ? <p>There is nothing to subscribe to yet.</p> : null}
        {lists.map((list) => (
          <section key={list.slug} class="flow">
            <h2>{list.name}</h2>
            {list.description ? <p>{list.description}</p> : null}
            <p>
              <a href={`/subscribe/${list.slug}`}>Get it by email</a>
            </p>
          </section>
        ))}
        {inbox ? (
          <p class="quiet foot">
            No mail server is set, so every mail is caught: <a href="/inbox">open the inbox</a>.
          </p>
        ) : null}
      </Page>,
    );
  });
  return app;
}
