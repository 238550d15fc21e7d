/** @jsxImportSource hono/jsx */
import type { Subscription } from '../../subscribers/find.ts';
import { localDate } from '../../subscribers/local-date.ts';
import type { Look } from '../look.ts';
import { Page, WithBold } from '../page.tsx';
import { languageNames } from '../words/words.ts';
import { Zones } from './zones.tsx';

/** Whose preferences they are. */
export interface Person {
  email: string;
  name: string | null;
  language: string | null;
  time_zone: string | null;
  untracked: boolean;
}

interface FormProps {
  look: Look;
  token: string;
  person: Person;
  subscriptions: Subscription[];
  now: Date;
  saved?: boolean;
  error?: string;
}

/** The page on which someone chooses what they get. */
export function PreferencesForm({ look, token, person, subscriptions, now, saved, error }: FormProps) {
  const { say, newsletter } = look;
  const zone = person.time_zone ?? 'UTC';
  return (
    <Page title={say('chooseWhat')} name={newsletter?.name} look={look}>
      <h1>{say('chooseWhat')}</h1>
      <p>
        <WithBold text={say('forEmail', { email: person.email })} bold={person.email} />
      </p>
      {saved ? (
        <p class="notice good" role="status">
          {say('saved')}
        </p>
      ) : null}
      {error ? (
        <p class="notice bad" role="alert">
          {error} {say('nothingChanged')}
        </p>
      ) : null}
      <form class="fields" method="post" action={`/preferences/${token}`}>
        {subscriptions.map((subscription) => (
          <ListFields key={subscription.listId} {...{ look, subscription, zone, now }} />
        ))}
        {subscriptions.length === 0 ? <p>{say('subscribedToNothing')}</p> : null}
        <AboutYou look={look} person={person} />
        <button class="button" type="submit">
          {say('save')}
        </button>
      </form>
      {subscriptions.some(({ state }) => state !== 'unsubscribed') ? (
        <form class="foot" method="post" action={`/preferences/${token}`}>
          <button class="button second" type="submit" name="action" value="leave-all">
            {say('leaveAll')}
          </button>
        </form>
      ) : null}
      <p class="quiet foot">
        <a href="/data">{say('yourData')}</a>
      </p>
    </Page>
  );
}

function AboutYou({ look, person }: { look: Look; person: Person }) {
  const { say, language } = look;
  const known = languageNames.some(([tag]) => tag === person.language);
  return (
    <fieldset class="subscription">
      <legend>
        <h2>{say('aboutYou')}</h2>
      </legend>
      <div class="field">
        <label for="name">{say('yourName')}</label>
        <input
          id="name"
          name="name"
          type="text"
          autocomplete="name"
          maxlength={200}
          value={person.name ?? ''}
        />
      </div>
      <div class="pair">
        <div class="field">
          <label for="language">{say('yourLanguage')}</label>
          <select id="language" name="language">
            <option value="" selected={!person.language}>
              {say('asNewsletter')}
            </option>
            {person.language && !known ? (
              <option value={person.language} selected>
                {person.language}
              </option>
            ) : null}
            {languageNames.map(([tag, name]) => (
              <option key={tag} value={tag} lang={tag} selected={tag === person.language}>
                {name}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for="timeZone">{say('yourZone')}</label>
          <select id="timeZone" name="timeZone">
            <option value="" selected={!person.time_zone}>
              {say('asNewsletter')}
            </option>
            <Zones selected={person.time_zone} language={language} />
          </select>
        </div>
      </div>
      <div class="field">
        <input type="hidden" name="counting" value="" />
        <label class="choice">
          <input type="checkbox" name="counted" value="yes" checked={!person.untracked} />
          {say('count')}
        </label>
        <p class="hint">{say('countHint')}</p>
      </div>
    </fieldset>
  );
}

interface OfList {
  look: Look;
  subscription: Subscription;
}

const often = ['every', 'daily', 'weekly', 'monthly'] as const;

function ListFields({ look, subscription, zone, now }: OfList & { zone: string; now: Date }) {
  const { say } = look;
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
          {say(state === 'pending' ? 'subscribePending' : 'isSubscribed')}
        </label>
      </div>
      <div class="pair">
        <div class="field">
          <label for={`frequency.${listId}`}>{say('howOften')}</label>
          <select id={`frequency.${listId}`} name={`frequency.${listId}`}>
            {often.map((value) => (
              <option key={value} value={value} selected={subscription.frequency === value}>
                {say(value)}
              </option>
            ))}
          </select>
        </div>
        <div class="field">
          <label for={`pause.${listId}`}>
            {say('pauseUntil')} <span class="optional">{say('ifYouLike')}</span>
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
          <p class="label">{say('topics')}</p>
          <div class="topics">
            {subscription.offeredTopics.map((topic) => (
              <Topic key={topic} look={look} subscription={subscription} topic={topic} />
            ))}
          </div>
          <p class="hint">{say('topicsHint')}</p>
        </div>
      ) : null}
      <Sources look={look} subscription={subscription} />
    </fieldset>
  );
}

function Sources({ look, subscription }: OfList) {
  const { say, language } = look;
  const { listId, offeredSources, mutedSources } = subscription;
  const shown = [...new Set([...mutedSources, ...offeredSources])].sort((a, b) =>
    a.localeCompare(b, language),
  );
  // Of a single publisher there is nothing to choose.
  if (shown.length < 2) return null;
  return (
    <details class="field" open={mutedSources.length > 0}>
      <summary class="label">{say('sources')}</summary>
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
      <p class="hint">{say('sourcesHint')}</p>
    </details>
  );
}

const answers = [
  ['more', 'topicMore'],
  ['some', 'topicSome'],
  ['none', 'topicNone'],
] as const;

function Topic({ look, subscription, topic }: OfList & { topic: string }) {
  const answer = subscription.mutedTopics.includes(topic)
    ? 'none'
    : subscription.topics.includes(topic)
      ? 'more'
      : 'some';
  return (
    <div class="topic" role="radiogroup" aria-label={topic}>
      <span class="label topic-name">{topic}</span>
      <span class="segments">
        {answers.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name={`topic.${subscription.listId}.${topic}`}
              value={value}
              checked={answer === value}
            />
            {look.say(label)}
          </label>
        ))}
      </span>
    </div>
  );
}
