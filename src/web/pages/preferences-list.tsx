/** @jsxImportSource hono/jsx */
import type { Subscription } from '../../subscribers/find.ts';
import type { Look } from '../look.ts';
import { Page, WithBold } from '../page.tsx';
import { Heading, Source, Sources, sourcesOf, Topic, Topics, WhenFields } from './preferences-fields.tsx';
import { type Person, SaveButtons } from './preferences-form.tsx';
import { bytesOf, fitting, pageOf } from './room.ts';

interface ListProps {
  look: Look;
  token: string;
  person: Person;
  subscription: Subscription;
  now: Date;
  /** Which page of the topics and sources, from 1. */
  page?: number;
  saved?: boolean;
  error?: string;
}

/** What topics and sources may take of a page, in bytes: with the rest of it, less than 20 KB in every language. */
const room = 12_000;

type Choice = { topic: string } | { source: string };

/** All that may be chosen of one list, for those whose choices have no room on one page. */
export function PreferencesOfList(props: ListProps) {
  const { look, token, person, subscription, now, saved, error } = props;
  const { say, newsletter } = look;
  const pages = fitting<Choice>(
    [
      ...subscription.offeredTopics.map((topic) => ({ topic })),
      ...sourcesOf(subscription, look).map((source) => ({ source })),
    ],
    room,
    (choice) =>
      bytesOf(
        String(
          'topic' in choice ? (
            <Topic look={look} subscription={subscription} topic={choice.topic} />
          ) : (
            <Source subscription={subscription} source={choice.source} />
          ),
        ),
      ),
  );
  const page = pageOf(props.page, pages.length);
  const choices = pages[page - 1] ?? [];
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
      <form class="fields" method="post" action={`/preferences/${token}/list/${subscription.listId}`}>
        <fieldset class="subscription">
          <Heading look={look} subscription={subscription} />
          {page === 1 ? (
            <WhenFields {...{ look, subscription, now }} zone={person.time_zone ?? 'UTC'} />
          ) : null}
          <Topics
            look={look}
            subscription={subscription}
            topics={choices.flatMap((choice) => ('topic' in choice ? [choice.topic] : []))}
          />
          <Sources
            look={look}
            subscription={subscription}
            sources={choices.flatMap((choice) => ('source' in choice ? [choice.source] : []))}
          />
        </fieldset>
        <SaveButtons look={look} page={page} pages={pages.length} />
      </form>
      <p class="quiet foot">
        <a href={`/preferences/${token}`}>{say('backToChoices')}</a>
      </p>
    </Page>
  );
}
