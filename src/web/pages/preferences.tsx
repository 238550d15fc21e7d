/** @jsxImportSource hono/jsx */
import { Hono, type Context as HonoContext } from 'hono';
import type { Context } from '../../context.ts';
import { moveDeliveries } from '../../delivery/local-time.ts';
import { parseAddress } from '../../subscribers/address.ts';
import { heldSubscriptionsOf, type Subscription } from '../../subscribers/find.ts';
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
import { PreferencesOfList } from './preferences-list.tsx';
import { showTooMany } from './too-many.tsx';

/**
 * `/preferences/TOKEN`: which lists, which topics, how often, a pause, the name, language and time zone; `/preferences/TOKEN/list/ID`
 * the choices of one list, if they are many. `/preferences` mails the link to whoever has lost it; what it answers does not tell whether an address is known.
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
    // To a list that is put away nobody can come back.
    const subscriptions = (await heldSubscriptionsOf(context, id)).filter(
      ({ archived, state }) => !archived || state !== 'unsubscribed',
    );
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

  type Link = NonNullable<Awaited<ReturnType<typeof read>>>;

  /** Saves what a form says of some subscriptions. @returns what is wrong, in the reader's language */
  const save = async (c: HonoContext, link: Link, timeZone: string | null, subscriptions: Subscription[]) => {
    try {
      const changes = changesOf(await formOf(c), subscriptions, timeZone);
      await updatePreferences(context, link.id, changes, originOf(c, 'preferences', context.config));
      await moveDeliveries(context, link.id);
      // Those that were not left now get none.
      sayGoodbye(
        link.id,
        (changes.lists ?? []).filter(({ subscribed }) => subscribed === false).map(({ listId }) => listId),
      );
      return undefined;
    } catch (error) {
      return wrongIn(link.look, error);
    }
  };
  // A reload of the page that follows sends nothing again.
  const showSaved = async (c: HonoContext, path: string) => {
    const page = pageAsked((await formOf(c)).page?.[0]);
    return c.redirect(`${path}?saved${page === undefined ? '' : `&page=${page}`}`, 303);
  };
  const asked = (c: HonoContext) => ({
    now: context.clock.now(),
    page: pageAsked(c.req.query('page')),
    saved: c.req.query('saved') !== undefined,
  });

  app.get('/:token', async (c) => {
    const link = await read(c, c.req.param('token'));
    if (!link) return showUnknown(c);
    const { person, look } = link;
    if (!person) return show(c, <Nobody look={look} />, 404);
    return show(c, <PreferencesForm {...link} {...asked(c)} person={person} />);
  });

  app.post('/:token', async (c) => {
    const link = await read(c, c.req.param('token'));
    if (!link) return showUnknown(c);
    const { person, look } = link;
    if (!person) return show(c, <Nobody look={look} />, 404);
    if ((await formOf(c)).action?.[0] === 'leave-all') {
      const origin = originOf(c, 'preferences', context.config);
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
    const wrong = await save(c, link, person.time_zone, link.subscriptions);
    if (wrong === undefined) return showSaved(c, `/preferences/${link.token}`);
    return show(c, <PreferencesForm {...link} {...asked(c)} person={person} error={wrong} />, 422);
  });

  app.on(['GET', 'POST'], '/:token/list/:list{[0-9]{1,15}}', async (c) => {
    const link = await read(c, c.req.param('token'));
    if (!link) return showUnknown(c);
    const { person, look } = link;
    const listId = Number(c.req.param('list'));
    const subscription = link.subscriptions.find((each) => each.listId === listId);
    if (!person || !subscription) return show(c, <Nobody look={look} />, 404);
    const form = { look, token: link.token, person, subscription, ...asked(c) };
    if (c.req.method !== 'POST') return show(c, <PreferencesOfList {...form} />);
    const wrong = await save(c, link, person.time_zone, [subscription]);
    if (wrong === undefined) return showSaved(c, `/preferences/${link.token}/list/${listId}`);
    return show(c, <PreferencesOfList {...form} error={wrong} />, 422);
  });
  return app;
}

const pageAsked = (text: string | undefined) =>
  /^[1-9]\d{0,3}$/.test(text ?? '') ? Number(text) : undefined;

const askForPreferences = { action: '/preferences', title: 'chooseWhat', text: 'askForLink' } as const;

function Nobody({ look }: { look: Look }) {
  return (
    <Message title={look.say('nothingToChoose')} look={look}>
      <p>{look.say('nothingToChooseText')}</p>
    </Message>
  );
}
