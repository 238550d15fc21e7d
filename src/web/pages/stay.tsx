/** @jsxImportSource hono/jsx */
import { Hono, type Context as HonoContext } from 'hono';
import type { Context } from '../../context.ts';
import type { LinkSigner } from '../../links.ts';
import { letterTexts } from '../../rendering/words.ts';
import { currentListId } from '../../subscribers/lists.ts';
import { stayOn } from '../../subscribers/sunset.ts';
import { lookOf } from '../look.ts';
import { Message, Page, show, UnknownLink } from '../page.tsx';
import { originOf } from '../request.ts';

/**
 * `/stay/TOKEN`: for someone who was asked whether they still want a list. Opening it changes nothing, as mail scanners open
 * every link; pressing the button keeps them on it, or brings them back if they were taken off for want of an answer.
 */
export function stayPages(context: Context, { signer }: { signer: LinkSigner }): Hono {
  const app = new Hono();

  const read = async (c: HonoContext) => {
    const token = c.req.param('token') ?? '';
    const parts = signer.verify('stay', token);
    const [subscriberId, mailedListId, expires] = parts ?? [];
    if (parts?.length !== 3 || !subscriberId || !mailedListId || expires === undefined) return undefined;
    if (expires * 1000 < context.clock.now().getTime()) return undefined;
    const listId = await currentListId(context, mailedListId);
    const row = await context.db
      .selectFrom('subscriptions')
      .innerJoin('subscribers', 'subscribers.id', 'subscriptions.subscriber_id')
      .innerJoin('lists', 'lists.id', 'subscriptions.list_id')
      .select(['lists.name', 'subscribers.language'])
      .where('subscriber_id', '=', subscriberId)
      .where('list_id', '=', listId)
      .executeTakeFirst();
    if (!row) return undefined;
    const look = await lookOf(context, c, { listId, language: row.language });
    const texts = letterTexts('stay', look.language, { list: row.name });
    return { token, subscriberId, listId, name: row.name, look, texts };
  };

  app.get('/:token', async (c) => {
    const link = await read(c);
    if (!link) return show(c, <UnknownLink />, 404);
    const { token, name, look, texts } = link;
    return show(
      c,
      <Page title={texts.title} name={name} look={look}>
        <h1>{texts.title}</h1>
        <p>{texts.ask}</p>
        <form method="post" action={`/stay/${token}`}>
          <button class="button" type="submit">
            {texts.button}
          </button>
        </form>
      </Page>,
    );
  });

  app.post('/:token', async (c) => {
    const link = await read(c);
    if (!link) return show(c, <UnknownLink />, 404);
    const { subscriberId, listId, name, look, texts } = link;
    const { state } = await stayOn(context, { subscriberId, listId }, originOf(c, 'sunset', context.config));
    // They have left by their own wish since, or must not be mailed.
    if (state === 'gone') return show(c, <UnknownLink look={look} />, 409);
    const preferences = `/preferences/${signer.sign('preferences', [subscriberId, 0])}`;
    return show(
      c,
      <Message title={texts.kept} name={name} look={look}>
        <p class="quiet foot">
          <a href={preferences}>{letterTexts('preferences', look.language, {}).title}</a>
        </p>
      </Message>,
    );
  });
  return app;
}
