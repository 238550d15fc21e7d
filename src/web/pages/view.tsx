/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { composePage, prepareComposer } from '../../delivery/compose.ts';
import { anybody, loadReaders } from '../../delivery/readers.ts';
import { getEdition } from '../../editions/editions.ts';
import { UserError } from '../../errors.ts';
import type { LinkSigner } from '../../links.ts';
import { forBrowser } from '../for-browser.ts';
import { lookOf } from '../look.ts';
import { Page, show } from '../page.tsx';
import { editionPolicy, withBar } from '../public-copy.ts';
import { sharePath } from './share.ts';

/**
 * An edition in the browser: `/view/TOKEN`, for the reader that the token names, as it was sent to them. Reader 0 is
 * nobody in particular: the link that editors get for a preview. `/view/TOKEN/share` gives a reader an address to pass on.
 */
export function viewPage(context: Context, { signer }: { signer: LinkSigner }): Hono {
  const app = new Hono();
  const lookFor = async (c: Parameters<typeof lookOf>[1], newsletterId: number, language?: string | null) =>
    lookOf(context, c, { newsletterId, language });

  app.get('/:token', async (c) => {
    const token = c.req.param('token');
    const [subscriberId, editionId] = signer.verify('view', token) ?? [];
    if (subscriberId === undefined || editionId === undefined) return c.notFound();
    try {
      const edition = await getEdition(context, editionId);
      const composer = await prepareComposer(context, edition, signer);
      const [reader] =
        subscriberId > 0
          ? await loadReaders(context, edition.newsletter_id, [subscriberId], composer.past)
          : [];
      const delivery = await context.db
        .selectFrom('deliveries')
        .select('stories')
        .where('edition_id', '=', editionId)
        .where('subscriber_id', '=', subscriberId)
        .executeTakeFirst();
      const { html } = composePage(
        context,
        composer,
        // Someone who has been erased keeps the page, without their name.
        reader ?? anybody(subscriberId, 'this address'),
        delivery?.stories ?? undefined,
      );
      const page = async () => {
        // A preview shows what will be sent.
        if (subscriberId === 0 || edition.planned_at === null) return html;
        const look = await lookFor(c, edition.newsletter_id, reader?.language);
        const link = { href: `/view/${token}/share`, label: look.say('passOn') };
        return withBar(forBrowser(html), look, { text: '', link });
      };
      const shown = await page();
      c.header('Content-Security-Policy', editionPolicy);
      return c.html(shown);
    } catch (error) {
      if (error instanceof UserError) return c.notFound();
      throw error;
    }
  });

  app.get('/:token/share', async (c) => {
    const [subscriberId, editionId] = signer.verify('view', c.req.param('token')) ?? [];
    if (!subscriberId || editionId === undefined) return c.notFound();
    const edition = await context.db
      .selectFrom('editions')
      .select(['id', 'newsletter_id', 'subject'])
      .where('id', '=', editionId)
      .where('planned_at', 'is not', null)
      .executeTakeFirst();
    if (!edition) return c.notFound();
    const person = await context.db
      .selectFrom('subscribers')
      .select('language')
      .where('id', '=', subscriberId)
      .executeTakeFirst();
    const look = await lookFor(c, edition.newsletter_id, person?.language);
    const { say } = look;
    const url = context.config.publicUrl + sharePath(signer, editionId);
    return show(
      c,
      <Page title={say('passOn')} name={look.newsletter?.name} look={look}>
        <h1>{say('passOn')}</h1>
        {edition.subject ? (
          <p>
            <b>{edition.subject}</b>
          </p>
        ) : null}
        <p id="share-text">{say('passOnText')}</p>
        <p>
          <input type="text" dir="ltr" readonly value={url} aria-labelledby="share-text" />
        </p>
        <p class="actions">
          <a class="button" href={letterWith(edition.subject || (look.newsletter?.name ?? ''), url)}>
            {say('mailIt')}
          </a>
          <a class="button second" href={sharePath(signer, editionId)}>
            {say('openIt')}
          </a>
        </p>
      </Page>,
    );
  });
  return app;
}

const letterWith = (subject: string, text: string) =>
  `mailto:?subject=${encodeURIComponent(subject)}&body=${encodeURIComponent(text)}`;

/** The path at which an edition can be seen by whoever has the link. */
export function previewPath(signer: LinkSigner, editionId: number): string {
  return `/view/${signer.sign('view', [0, editionId])}`;
}
