/** @jsxImportSource hono/jsx */
import type { Subscription } from '../../subscribers/find.ts';
import { localDate } from '../../subscribers/local-date.ts';
import type { Look } from '../look.ts';

export interface OfList {
  look: Look;
  subscription: Subscription;
}

interface When {
  /** The reader's time zone. */
  zone: string;
  now: Date;
}

const often = ['every', 'daily', 'weekly', 'monthly'] as const;

/** All that may be chosen of one list. */
export function ListFields({ look, subscription, zone, now }: OfList & When) {
  const { offeredTopics } = subscription;
  return (
    <fieldset class="subscription">
      <Heading look={look} subscription={subscription} />
      <WhenFields {...{ look, subscription, zone, now }} />
      {offeredTopics.length > 0 ? (
        <Topics look={look} subscription={subscription} topics={offeredTopics} />
      ) : null}
      <Sources look={look} subscription={subscription} sources={sourcesOf(subscription, look)} />
    </fieldset>
  );
}

/** Whether one gets a list, and the way to what else may be chosen of it. @param href of the page with the rest */
export function ListSummary({ look, subscription, href }: OfList & { href: string }) {
  return (
    <fieldset class="subscription">
      <Heading look={look} subscription={subscription} />
      <p>
        <a href={href}>{look.say('chooseDetails')}</a>
      </p>
    </fieldset>
  );
}

/** A list's name and whether one gets it. With it, a form speaks of the list. */
export function Heading({ look, subscription: { listId, list, state } }: OfList) {
  return (
    <>
      <legend class="trap">{list}</legend>
      <input type="hidden" name={`list.${listId}`} value={state} />
      <div class="title">
        <h2>{list}</h2>
        <label class="choice">
          <input type="checkbox" name={`subscribed.${listId}`} value="yes" checked={state === 'confirmed'} />
          {look.say(state === 'pending' ? 'subscribePending' : 'isSubscribed')}
        </label>
      </div>
    </>
  );
}

/** How often, and from when on. */
export function WhenFields({ look, subscription, zone, now }: OfList & When) {
  const { say } = look;
  const { listId, pausedUntil } = subscription;
  const paused = pausedUntil && pausedUntil > now ? localDate(pausedUntil, zone) : '';
  return (
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
  );
}

/** Topics to have more or none of. @param topics those to show; of others a form says nothing */
export function Topics({ look, subscription, topics }: OfList & { topics: string[] }) {
  if (topics.length === 0) return null;
  return (
    <div class="field">
      <p class="label">{look.say('topics')}</p>
      <div class="topics">
        {topics.map((topic) => (
          <Topic key={topic} look={look} subscription={subscription} topic={topic} />
        ))}
      </div>
      <p class="hint">{look.say('topicsHint')}</p>
    </div>
  );
}

/** The publishers that may be muted, or are, by name; none where there is nothing to choose. */
export function sourcesOf({ offeredSources, mutedSources }: Subscription, { language }: Look): string[] {
  const all = [...new Set([...mutedSources, ...offeredSources])].sort((a, b) => a.localeCompare(b, language));
  return all.length < 2 ? [] : all;
}

/** Publishers to leave out. @param sources those to show; of others a form says nothing */
export function Sources({ look, subscription, sources }: OfList & { sources: string[] }) {
  if (sources.length === 0) return null;
  return (
    <details class="field" open={subscription.mutedSources.length > 0}>
      <summary class="label">{look.say('sources')}</summary>
      <div class="sources">
        {sources.map((source) => (
          <Source key={source} subscription={subscription} source={source} />
        ))}
      </div>
      <p class="hint">{look.say('sourcesHint')}</p>
    </details>
  );
}

/** One publisher. */
export function Source({ subscription, source }: Pick<OfList, 'subscription'> & { source: string }) {
  const { listId, mutedSources } = subscription;
  return (
    <label class="choice">
      <input type="hidden" name={`sources.${listId}`} value={source} />
      <input
        type="checkbox"
        name={`source.${listId}`}
        value={source}
        checked={!mutedSources.includes(source)}
      />
      {source}
    </label>
  );
}

const answers = [
  ['more', 'topicMore'],
  ['some', 'topicSome'],
  ['none', 'topicNone'],
] as const;

/** One topic. */
export function Topic({ look, subscription, topic }: OfList & { topic: string }) {
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
