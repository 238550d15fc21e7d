/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { getEdition } from '../../editions/editions.ts';
import { UserError } from '../../errors.ts';
import type { LinkSigner } from '../../links.ts';
import { dayInWords } from '../../rendering/words.ts';
import { lookOf } from '../look.ts';
import { Page, show } from '../page.tsx';
import { editionPolicy, PublicCopies, withBar } from '../public-copy.ts';
import { headlinesOf, publicNewsletter, sentEditions } from './archive-editions.ts';
import { rss } from './rss.ts';
import { listToJoin } from './sign-up-path.ts';

const perPage = 20;

/**
 * `/archive/NEWSLETTER`: the editions that were sent, for newsletters that say so; `/archive/NEWSLETTER/feed.xml` as a feed,
 * `/archive/NEWSLETTER/ID` one of them as it was sent, without anything of a reader. Search engines may look.
 */
export function archivePages(context: Context, { signer }: { signer: LinkSigner }): Hono {
  const app = new Hono();
  const copies = new PublicCopies(context, signer);
  app.use(async (c, next) => {
    await next();
    if (c.res.status !== 200) return;
    c.header('X-Robots-Tag', 'all');
    c.header('Cache-Control', 'public, max-age=300');
    c.header('Vary', 'Accept-Language');
  });

  app.get('/:newsletter', async (c) => {
    const newsletter = await publicNewsletter(context, c.req.param('newsletter'));
    if (!newsletter) return c.notFound();
    const page = Number(c.req.query('page') ?? 1);
    if (!Number.isInteger(page) || page < 1 || page > 10_000) return c.notFound();
    const look = await lookOf(context, c, { newsletterId: newsletter.id });
    const { say, language } = look;
    const found = await sentEditions(context, newsletter.id, {
      from: (page - 1) * perPage,
      most: perPage + 1,
    });
    const editions = found.slice(0, perPage);
    const base = `/archive/${newsletter.slug}`;
    const signUp = await listToJoin(context, newsletter.id);
    return show(
      c,
      <Page
        title={say('earlier')}
        name={newsletter.name}
        motto={newsletter.description}
        look={look}
        feed={`${base}/feed.xml`}
      >
        <h1>{say('earlier')}</h1>
        {editions.length === 0 ? <p>{say('noneSent')}</p> : null}
        <ol class="editions">
          {editions.map(({ id, subject, preheader, scheduledFor }) => (
            <li key={id}>
              <p class="quiet">
                <time datetime={scheduledFor.toISOString()}>
                  {dayInWords(scheduledFor, language, newsletter.time_zone)}
                </time>
              </p>
              <h2 lang={newsletter.language}>
                <a href={`${base}/${id}`}>{subject || newsletter.name}</a>
              </h2>
              {preheader ? <p lang={newsletter.language}>{preheader}</p> : null}
            </li>
          ))}
        </ol>
        {page > 1 || found.length > perPage ? (
          <nav class="pager">
            {page > 1 ? (
              <a href={page === 2 ? base : `${base}?page=${page - 1}`}>{say('newer')}</a>
            ) : (
              <span />
            )}
            {found.length > perPage ? <a href={`${base}?page=${page + 1}`}>{say('older')}</a> : null}
          </nav>
        ) : null}
        <p class="foot">
          {signUp ? (
            <a class="button" href={signUp}>
              {say('getIt')}
            </a>
          ) : null}
        </p>
        <p class="quiet">
          <a href={`${base}/feed.xml`}>{say('feed')}</a>
        </p>
      </Page>,
    );
  });

  app.get('/:newsletter/feed.xml', async (c) => {
    const newsletter = await publicNewsletter(context, c.req.param('newsletter'));
    if (!newsletter) return c.notFound();
    const editions = await sentEditions(context, newsletter.id, { most: perPage });
    const headlines = await headlinesOf(
      context,
      editions.map(({ id }) => id),
    );
    c.header('Content-Type', 'application/rss+xml; charset=utf-8');
    return c.body(
      rss(`${context.config.publicUrl}/archive/${newsletter.slug}`, newsletter, editions, headlines),
    );
  });

  app.get('/:newsletter/:edition{[0-9]{1,15}}', async (c) => {
    const newsletter = await publicNewsletter(context, c.req.param('newsletter'));
    if (!newsletter) return c.notFound();
    try {
      const edition = await getEdition(context, Number(c.req.param('edition')));
      if (edition.newsletter_id !== newsletter.id || edition.state !== 'sent') return c.notFound();
      const look = await lookOf(context, c, { newsletterId: newsletter.id });
      const signUp = await listToJoin(context, newsletter.id);
      c.header('Content-Security-Policy', editionPolicy);
      return c.html(
        withBar(await copies.of(edition, look), look, {
          text: '',
          link: signUp
            ? { href: signUp, label: look.say('getByEmail', { list: newsletter.name }) }
            : { href: `/archive/${newsletter.slug}`, label: look.say('earlier') },
        }),
      );
    } catch (error) {
      if (error instanceof UserError) return c.notFound();
      throw error;
    }
  });
  return app;
}
