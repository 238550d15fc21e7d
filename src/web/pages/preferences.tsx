/** @jsxImportSource hono/jsx */
import { Hono } from 'hono';
import type { Context } from '../../context.ts';
import { moveDeliveries } from '../../delivery/local-time.ts';
import { UserError } from '../../errors.ts';
import { parseAddress } from '../../subscribers/address.ts';
import { type Subscription, subscriptionsOf } from '../../subscribers/find.ts';
import { localDate, startOfDate } from '../../subscribers/local-date.ts';
import { parseTimeZone } from '../../subscribers/personal-values.ts';
import { type PreferenceChanges, unsubscribe, updatePreferences } from '../../subscribers/subscribe.ts';
import type { Site } from '../app.tsx';
import { Message, Page, show, UnknownLink } from '../page.tsx';
import { formOf, originOf } from '../request.ts';

/**
 * `/preferences/TOKEN`: which lists, which topics, how often, a pause, the name and the time zone. `/preferences` mails
 * the link to whoever has lost it; what it answers does not tell whether an address is known.
 */
export function preferencesPages(context: Context, site: Site): Hono {
  const app = new Hono();

  const read = async (token: string) => {
    const parts = site.signer.verify('preferences', token);
    const [id] = parts ?? [];
    if (parts?.length !== 2 || !id) return undefined;
    const person = await context.db
      .selectFrom('subscribers')
      .select(['id', 'email', 'name', 'time_zone', 'untracked'])
      .where('id', '=', id)
      .executeTakeFirst();
    return { token, id, person, subscriptions: await subscriptionsOf(context, id) };
  };

  const sayGoodbye = (subscriberId: number, left: number[]) =>
    left.map((listId) =>
      site.background.run('sending a goodbye', () => site.letters.goodbye({ subscriberId, listId })),
    );

  app.get('/', (c) => show(c, <Ask />));

  app.post('/', async (c) => {
    const email = (await formOf(c)).email?.[0] ?? '';
    try {
      parseAddress(email);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      return show(c, <Ask email={email} error={error.message} />, 422);
    }
    site.background.run('sending a link to preferences', () => site.letters.preferencesLink(email));
    return show(c, <Asked email={email.trim()} />);
  });

  app.get('/:token', async (c) => {
    const link = await read(c.req.param('token'));
    if (!link) return show(c, <UnknownLink />, 404);
    if (!link.person) return show(c, <Nobody />, 404);
    const saved = c.req.query('saved') !== undefined;
    return show(c, <Form {...link} person={link.person} now={context.clock.now()} saved={saved} />);
  });

  app.post('/:token', async (c) => {
    const link = await read(c.req.param('token'));
    if (!link) return show(c, <UnknownLink />, 404);
    if (!link.person) return show(c, <Nobody />, 404);
    const form = await formOf(c);
    const origin = originOf(c, 'preferences');
    if (form.action?.[0] === 'leave-all') {
      const { left } = await unsubscribe(context, link.id, 'all', origin);
      sayGoodbye(link.id, left);
      return show(
        c,
        <Message title="You are unsubscribed">
          <p>You will get nothing from us any more.</p>
          <p class="quiet foot">
            <a href={`/preferences/${link.token}`}>Back to what you can choose</a>
          </p>
        </Message>,
      );
    }
    try {
      const changes = changesOf(form, link.subscriptions, link.person.time_zone);
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
      if (!(error instanceof UserError)) throw error;
      const now = context.clock.now();
      return show(c, <Form {...link} person={link.person} now={now} error={error.message} />, 422);
    }
  });
  return app;
}

function Ask({ email = '', error }: { email?: string; error?: string }) {
  return (
    <Page title="Choose what you get">
      <h1>Choose what you get</h1>
      <p>Tell us your address, and we mail you the link to your lists, topics and times.</p>
      <form class="fields" method="post" action="/preferences" novalidate>
        <div class="field">
          <label for="email">Your email address</label>
          <input
            id="email"
            name="email"
            type="email"
            autocomplete="email"
            autocapitalize="none"
            spellcheck={false}
            maxlength={320}
            required
            value={email}
            aria-invalid={error ? 'true' : undefined}
            aria-describedby={error ? 'email-error' : undefined}
          />
          {error ? (
            <p class="error" id="email-error">
              {error}
            </p>
          ) : null}
        </div>
        <button class="button" type="submit">
          Mail me the link
        </button>
      </form>
    </Page>
  );
}

function Asked({ email }: { email: string }) {
  return (
    <Message title="Please look in your mail">
      <p>
        If we know <b>{email}</b>, the link is on its way there. If you have asked within the last hour, the
        mail of then holds it already.
      </p>
    </Message>
  );
}

/** What a form asks to change. A list that the form does not mention stays as it is. */
function changesOf(
  form: Record<string, string[]>,
  subscriptions: Subscription[],
  timeZoneBefore: string | null,
): PreferenceChanges {
  const field = (name: string) => form[name]?.[0];
  const timeZone = field('timeZone') ? parseTimeZone(field('timeZone') ?? '') : null;
  const lists = subscriptions
    .filter(({ listId }) => field(`list.${listId}`) !== undefined)
    .map((subscription) => {
      const { listId, offeredTopics } = subscription;
      const chosen = (answer: string) =>
        offeredTopics.filter((topic) => field(`topic.${listId}.${topic}`) === answer);
      // Topics that the list no longer offers cannot be answered, and stay.
      const others = (topics: string[]) => topics.filter((topic) => !offeredTopics.includes(topic));
      const until = field(`pause.${listId}`) ?? '';
      const pausedUntil = until === '' ? null : startOfDate(until, timeZone ?? timeZoneBefore ?? 'UTC');
      if (pausedUntil === undefined)
        throw new UserError(`"${until}" is not a date. Please write it as in 2027-01-31.`, { code: 'date' });
      return {
        listId,
        subscribed: form[`subscribed.${listId}`] !== undefined,
        frequency: field(`frequency.${listId}`),
        topics: [...others(subscription.topics), ...chosen('more')],
        mutedTopics: [...others(subscription.mutedTopics), ...chosen('none')],
        ...mutedSourcesOf(form, subscription),
        pausedUntil,
      };
    });
  return {
    ...(field('name') !== undefined && { name: field('name') }),
    timeZone,
    // A box that is not ticked is not sent; a form without it says nothing of it.
    ...(field('counting') !== undefined && { untracked: field('counted') === undefined }),
    lists,
  };
}

/** A publisher whose box was shown and is not ticked is muted; one that was not shown stays as it was. */
function mutedSourcesOf(
  form: Record<string, string[]>,
  { listId, mutedSources, offeredSources }: Subscription,
): { mutedSources?: string[] } {
  const known = [...mutedSources, ...offeredSources];
  const shown = form[`sources.${listId}`]?.filter((source) => known.includes(source));
  if (!shown) return {};
  const wanted = form[`source.${listId}`] ?? [];
  return {
    mutedSources: [
      ...mutedSources.filter((source) => !shown.includes(source)),
      ...shown.filter((source) => !wanted.includes(source)),
    ],
  };
}

const frequencyNames: Record<string, string> = {
  every: 'Every edition',
  daily: 'At most once a day',
  weekly: 'At most once a week',
  monthly: 'At most once a month',
};

function Form({
  token,
  person,
  subscriptions,
  now,
  saved,
  error,
}: {
  token: string;
  person: { email: string; name: string | null; time_zone: string | null; untracked: boolean };
  subscriptions: Subscription[];
  now: Date;
  saved?: boolean;
  error?: string;
}) {
  const zone = person.time_zone ?? 'UTC';
  return (
    <Page title="Choose what you get">
      <h1>Choose what you get</h1>
      <p>
        For <b>{person.email}</b>
      </p>
      {saved ? (
        <p class="notice good" role="status">
          Saved. It holds from the next edition on.
        </p>
      ) : null}
      {error ? (
        <p class="notice bad" role="alert">
          {error} Nothing was changed.
        </p>
      ) : null}
      <form class="fields" method="post" action={`/preferences/${token}`}>
        {subscriptions.map((subscription) => (
          <ListFields key={subscription.listId} subscription={subscription} zone={zone} now={now} />
        ))}
        {subscriptions.length === 0 ? <p>You are subscribed to nothing.</p> : null}
        <fieldset class="subscription">
          <legend class="trap">About you</legend>
          <div class="pair">
            <div class="field">
              <label for="name">Your name</label>
              <input
                id="name"
                name="name"
                type="text"
                autocomplete="name"
                maxlength={200}
                value={person.name ?? ''}
              />
            </div>
            <div class="field">
              <label for="timeZone">Your time zone</label>
              <select id="timeZone" name="timeZone">
                <option value="" selected={!person.time_zone}>
                  As the newsletter
                </option>
                <Zones selected={person.time_zone} />
              </select>
            </div>
          </div>
          <div class="field">
            <input type="hidden" name="counting" value="" />
            <label class="choice">
              <input type="checkbox" name="counted" value="yes" checked={!person.untracked} />
              Count what I open and click
            </label>
            <p class="hint">
              It brings stories like those you read up in your digests. Without it, links lead straight to
              them.
            </p>
          </div>
        </fieldset>
        <button class="button" type="submit">
          Save
        </button>
      </form>
      {subscriptions.some(({ state }) => state !== 'unsubscribed') ? (
        <form class="foot" method="post" action={`/preferences/${token}`}>
          <button class="button second" type="submit" name="action" value="leave-all">
            Unsubscribe from everything
          </button>
        </form>
      ) : null}
    </Page>
  );
}

function ListFields({ subscription, zone, now }: { subscription: Subscription; zone: string; now: Date }) {
  const { listId, state, pausedUntil } = subscription;
  const paused = pausedUntil && pausedUntil > now ? localDate(pausedUntil, zone) : '';
  return (
    <fieldset class="subscription">
      <legend class="trap">{subscription.list}</legend>
      <input type="hidden" name={`list.${listId}`} value="" />
      <div class="title">
        <h2>{subscription.list}</h2>
        <label class="choice">
          <input type="checkbox" name={`subscribed.${listId}`} value="yes" checked={state === 'confirmed'} />
          {state === 'pending' ? 'Subscribe (not confirmed yet)' : 'Subscribed'}
        </label>
      </div>
      <div class="pair">
        <div class="field">
          <label for={`frequency.${listId}`}>How often</label>
          <select id={`frequency.${listId}`} name={`frequency.${listId}`}>
            {Object.entries(frequencyNames).map(([value, label]) => (
              <option key={value} value={value} selected={subscription.frequency === value}>
                {label}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for={`pause.${listId}`}>
            Pause until <span class="optional">(if you like)</span>
          </label>
          <input
            id={`pause.${listId}`}
            name={`pause.${listId}`}
            type="date"
            min={localDate(now, zone)}
            value={paused}
          />
        </div>
      </div>
      {subscription.offeredTopics.length > 0 ? (
        <div class="field">
          <p class="label">Topics</p>
          <div class="topics">
            {subscription.offeredTopics.map((topic) => (
              <Topic key={topic} subscription={subscription} topic={topic} />
            ))}
          </div>
          <p class="hint">
            Stories of topics marked “More” come first for you; those marked “None” are left out.
          </p>
        </div>
      ) : null}
      <Sources subscription={subscription} />
    </fieldset>
  );
}

function Sources({ subscription }: { subscription: Subscription }) {
  const { listId, offeredSources, mutedSources } = subscription;
  const shown = [...new Set([...mutedSources, ...offeredSources])].sort((a, b) => a.localeCompare(b));
  // Of a single publisher there is nothing to choose.
  if (shown.length < 2) return null;
  return (
    <details class="field" open={mutedSources.length > 0}>
      <summary class="label">Sources</summary>
      <div class="sources">
        {shown.map((source) => (
          <label class="choice" key={source}>
            <input type="hidden" name={`sources.${listId}`} value={source} />
            <input
              type="checkbox"
              name={`source.${listId}`}
              value={source}
              checked={!mutedSources.includes(source)}
            />
            {source}
          </label>
        ))}
      </div>
      <p class="hint">Stories of sources without a tick are left out.</p>
    </details>
  );
}

function Topic({ subscription, topic }: { subscription: Subscription; topic: string }) {
  const answer = subscription.mutedTopics.includes(topic)
    ? 'none'
    : subscription.topics.includes(topic)
      ? 'more'
      : 'some';
  const labels = { more: 'More', some: 'As it comes', none: 'None' };
  return (
    <div class="topic" role="radiogroup" aria-label={topic}>
      <span class="label topic-name">{topic}</span>
      <span class="segments">
        {Object.entries(labels).map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name={`topic.${subscription.listId}.${topic}`}
              value={value}
              checked={answer === value}
            />
            {label}
          </label>
        ))}
      </span>
    </div>
  );
}

function Zones({ selected }: { selected: string | null }) {
  const regions = Map.groupBy(zoneNames, (name) => name.split('/')[0] ?? '');
  // A zone under a name that the list does not have would be lost on saving.
  const extra = selected && !zoneNames.includes(selected) ? selected : undefined;
  return (
    <>
      {extra ? (
        <option value={extra} selected>
          {extra}
        </option>
      ) : null}
      {[...regions].map(([region, names]) => (
        <optgroup key={region} label={region}>
          {names.map((name) => (
            <option key={name} value={name} selected={name === selected}>
              {name.slice(region.length + 1).replaceAll('_', ' ') || name}
            </option>
          ))}
        </optgroup>
      ))}
    </>
  );
}

const zoneNames = Intl.supportedValuesOf('timeZone').filter((name) => name.includes('/'));

function Nobody() {
  return (
    <Message title="There is nothing to choose any more">
      <p>We know nothing about this address, and send nothing to it.</p>
    </Message>
  );
}
