/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { plainLook } from '../look.ts';
import { Page, show } from '../page.tsx';
import { isFromThisMachine } from '../request.ts';
import { acceptedLanguage } from '../words/words.ts';
import { bytesOf, fitting, pageOf } from './room.ts';

/** What the lists may take of a page, in bytes, and what stands around a name and its description. */
const room = 16_000;
const perList = 450;

/** `/`: the lists that people may subscribe to; and for whoever sits at this machine, the way to the inbox. */
export function homePage(context: Context): Hono {
  const app = new Hono();
  app.get('/', async (c) => {
    const lists = await context.db
      .selectFrom('lists as l')
      .select(['l.slug', 'l.name', 'l.description'])
      .select((eb) =>
        eb
          .selectFrom('newsletter_lists as nl')
          .innerJoin('newsletters as n', 'n.id', 'nl.newsletter_id')
          .whereRef('nl.list_id', '=', 'l.id')
          .where('n.public_archive', '=', true)
          .orderBy('n.id')
          .limit(1)
          .select('n.slug')
          .as('archive'),
      )
      .where('l.archived_at', 'is', null)
      .orderBy('l.name')
      .execute();
    const pages = fitting(lists, room, (list) => bytesOf(list.name + list.description) + perList);
    const page = pageOf(Number(c.req.query('page')), pages.length);
    const inbox = !context.config.smtpUrl && isFromThisMachine(c);
    const look = plainLook(c.req.query('lang') ?? acceptedLanguage(c.req.header('accept-language')) ?? 'en');
    const { say } = look;
    return show(
      c,
      <Page title={say('newsletters')} look={look}>
        <h1>{say('newsletters')}</h1>
        {lists.length === 0 ? <p>{say('nothingYet')}</p> : null}
        {pages[page - 1]?.map((list) => (
          <section key={list.slug} class="subscription">
            <h2>{list.name}</h2>
            {list.description ? <p>{list.description}</p> : null}
            <p class="actions">
              <a class="button" href={`/subscribe/${list.slug}`}>
                {say('getIt')}
              </a>
              {list.archive ? (
                <a class="button second" href={`/archive/${list.archive}`}>
                  {say('earlier')}
                </a>
              ) : null}
            </p>
          </section>
        ))}
        {pages.length > 1 ? (
          <nav class="pager">
            {page > 1 ? (
              <a href={page === 2 ? '/' : `/?page=${page - 1}`}>{say('previousPage')}</a>
            ) : (
              <span />
            )}
            {page < pages.length ? <a href={`/?page=${page + 1}`}>{say('nextPage')}</a> : null}
          </nav>
        ) : null}
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
