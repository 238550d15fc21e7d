/** @jsxImportSource hono/jsx */
import { Hono, type Context as HonoContext } from 'hono';
import type { Context } from '../../context.ts';
import { moveDeliveries } from '../../delivery/local-time.ts';
import { parseAddress } from '../../subscribers/address.ts';
import { subscriptionsOf } from '../../subscribers/find.ts';
import { unsubscribe, updatePreferences } from '../../subscribers/subscribe.ts';
import { FormGuard } from '../abuse/guard.ts';
import type { Site } from '../app.tsx';
import { type Look, lookOf } from '../look.ts';
import { Message, show, UnknownLink } from '../page.tsx';
import { formOf, originOf } from '../request.ts';
import { wrongIn } from '../wrong.ts';
import { AskForLink, LinkIsComing } from './ask-for-link.tsx';
import { changesOf } from './preferences-changes.ts';
import { PreferencesForm } from './preferences-form.tsx';
import { showTooMany } from './too-many.tsx';

/**
 * `/preferences/TOKEN`: which lists, which topics, how often, a pause, the name, language and time zone. `/preferences` mails
 * the link to whoever has lost it; what it answers does not tell whether an address is known.
 */
export function preferencesPages(context: Context, site: Site): Hono {
  const app = new Hono();
  const guard = new FormGuard(context, site.signer);

  const read = async (c: HonoContext, token: string) => {
    const parts = site.signer.verify('preferences', token);
    const [id, editionId] = parts ?? [];
    if (parts?.length !== 2 || !id) return undefined;
    const person = await context.db
      .selectFrom('subscribers')
      .select(['id', 'email', 'name', 'language', 'time_zone', 'untracked'])
      .where('id', '=', id)
      .executeTakeFirst();
    const subscriptions = await subscriptionsOf(context, id);
    const look = await lookOf(context, c, {
      ...(editionId ? { editionId } : { subscriberId: id }),
      language: person?.language,
    });
    return { token, id, person, subscriptions, look };
  };
  const showUnknown = async (c: HonoContext) => show(c, <UnknownLink look={await lookOf(context, c)} />, 404);

  const sayGoodbye = (subscriberId: number, left: number[]) =>
    left.map((listId) =>
      site.background.run('sending a goodbye', () => site.letters.goodbye({ subscriberId, listId })),
    );

  app.get('/', async (c) => show(c, <AskForLink look={await lookOf(context, c)} {...askForPreferences} />));

  app.post('/', async (c) => {
    const look = await lookOf(context, c);
    const email = ((await formOf(c)).email?.[0] ?? '').trim();
    try {
      parseAddress(email);
    } catch (error) {
      const ask = (
        <AskForLink look={look} {...askForPreferences} email={email} error={wrongIn(look, error)} />
      );
      return show(c, ask, 422);
    }
    const allowed = await guard.askForLink(c);
    if (!allowed.pass) return showTooMany(c, look, allowed.waitSeconds);
    site.background.run('sending a link to preferences', () => site.letters.preferencesLink(email));
    return show(c, <LinkIsComing look={look} email={email} />);
  });

  app.get('/:token', async (c) => {
    const link = await read(c, c.req.param('token'));
    if (!link) return showUnknown(c);
    const { person, look } = link;
    if (!person) return show(c, <Nobody look={look} />, 404);
    const saved = c.req.query('saved') !== undefined;
    return show(c, <PreferencesForm {...link} person={person} now={context.clock.now()} saved={saved} />);
  });

  app.post('/:token', async (c) => {
    const link = await read(c, c.req.param('token'));
    if (!link) return showUnknown(c);
    const { person, look } = link;
    if (!person) return show(c, <Nobody look={look} />, 404);
    const form = await formOf(c);
    const origin = originOf(c, 'preferences', context.config);
    if (form.action?.[0] === 'leave-all') {
      const { left } = await unsubscribe(context, link.id, 'all', origin);
      sayGoodbye(link.id, left);
      return show(
        c,
        <Message title={look.say('unsubscribed')} look={look}>
          <p>{look.say('nothingMore')}</p>
          <p class="quiet foot">
            <a href={`/preferences/${link.token}`}>{look.say('backToChoices')}</a>
          </p>
        </Message>,
      );
    }
    try {
      const changes = changesOf(form, link.subscriptions, person.time_zone);
      await updatePreferences(context, link.id, changes, origin);
      await moveDeliveries(context, link.id);
      // Those that were not left now get none.
      sayGoodbye(
        link.id,
        (changes.lists ?? []).filter(({ subscribed }) => subscribed === false).map(({ listId }) => listId),
      );
      // A reload of the page that follows sends nothing again.
      return c.redirect(`/preferences/${link.token}?saved`, 303);
    } catch (error) {
      const wrong = wrongIn(look, error);
      const now = context.clock.now();
      return show(c, <PreferencesForm {...link} person={person} now={now} error={wrong} />, 422);
    }
  });
  return app;
}

const askForPreferences = { action: '/preferences', title: 'chooseWhat', text: 'askForLink' } as const;

function Nobody({ look }: { look: Look }) {
  return (
    <Message title={look.say('nothingToChoose')} look={look}>
      <p>{look.say('nothingToChooseText')}</p>
    </Message>
  );
}
