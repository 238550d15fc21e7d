import { UserError } from '../../errors.ts';
import type { Subscription } from '../../subscribers/find.ts';
import { startOfDate } from '../../subscribers/local-date.ts';
import { parseLanguage, parseTimeZone } from '../../subscribers/personal-values.ts';
import type { PreferenceChanges } from '../../subscribers/subscribe.ts';

/**
 * What the form of preferences asks to change. A list that the form does not mention stays as it is.
 * @throws UserError if a value is wrong
 */
export function changesOf(
  form: Record<string, string[]>,
  subscriptions: Subscription[],
  timeZoneBefore: string | null,
): PreferenceChanges {
  const field = (name: string) => form[name]?.[0];
  // Empty: as the newsletter. A form without the field says nothing of it.
  const timeZone = field('timeZone') && parseTimeZone(field('timeZone') ?? '');
  const language = field('language') && parseLanguage(field('language') ?? '');
  const lists = subscriptions
    .filter(({ listId }) => field(`list.${listId}`) !== undefined)
    .map((subscription) => {
      const { listId, offeredTopics } = subscription;
      const chosen = (answer: string) =>
        offeredTopics.filter((topic) => field(`topic.${listId}.${topic}`) === answer);
      // Topics without an answer stay: the list no longer offers them, or they stand on another page.
      const others = (topics: string[]) =>
        topics.filter((topic) => !offeredTopics.includes(topic) || !field(`topic.${listId}.${topic}`));
      const until = field(`pause.${listId}`);
      const pausedUntil = until && startOfDate(until, timeZone || timeZoneBefore || 'UTC');
      if (until && !pausedUntil)
        throw new UserError(`"${until}" is not a date. Please write it as in 2027-01-31.`, { code: 'date' });
      return {
        listId,
        ...tickOf(form, subscription),
        frequency: field(`frequency.${listId}`),
        topics: [...others(subscription.topics), ...chosen('more')],
        mutedTopics: [...others(subscription.mutedTopics), ...chosen('none')],
        ...mutedSourcesOf(form, subscription),
        // Empty: no break, or an end of it.
        ...(until !== undefined && { pausedUntil: pausedUntil || null }),
      };
    });
  return {
    ...(field('name') !== undefined && { name: field('name') }),
    ...(timeZone !== undefined && { timeZone: timeZone || null }),
    ...(language !== undefined && { language: language || null }),
    // A box that is not ticked is not sent; a form without it says nothing of it.
    ...(field('counting') !== undefined && { untracked: field('counted') === undefined }),
    lists,
  };
}

/**
 * What the box of a list says if it was changed. One that stays as it was shown says nothing, even if meanwhile they have left or
 * come back elsewhere.
 */
function tickOf(form: Record<string, string[]>, { listId, state }: Subscription): { subscribed?: boolean } {
  const shown = form[`list.${listId}`]?.[0] || state;
  const isTicked = form[`subscribed.${listId}`] !== undefined;
  return isTicked === (shown === 'confirmed') ? {} : { subscribed: isTicked };
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
