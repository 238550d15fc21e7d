/** @jsxImportSource hono/jsx */
import { raw } from 'hono/html';
import type { Subscription } from '../../subscribers/find.ts';
import type { Look } from '../look.ts';
import { Page, WithBold } from '../page.tsx';
import { languageNames } from '../words/words.ts';
import { ListFields, ListSummary } from './preferences-fields.tsx';
import { bytesOf, fitting, pageOf } from './room.ts';
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
  /** Which page of the lists, from 1. */
  page?: number;
  saved?: boolean;
  error?: string;
}

/** What the lists may take of a page, in bytes: with the rest of it, less than 20 KB in every language. */
const room = 9_500;
/** A list that takes more shows its choices on a page of its own, as does every list where together they take more than the room. */
const largestList = 2_800;
/** More lists than these have no room in any case. */
const mostForms = 9;

function listsOf({ look, token, person, subscriptions, now }: FormProps): string[][] {
  const zone = person.time_zone ?? 'UTC';
  const summaries = subscriptions.map((subscription) =>
    String(
      <ListSummary {...{ look, subscription }} href={`/preferences/${token}/list/${subscription.listId}`} />,
    ),
  );
  const inSummary = () => fitting(summaries, room, bytesOf);
  if (subscriptions.length > mostForms) return inSummary();
  const forms = subscriptions.map((subscription, at) => {
    const form = String(<ListFields {...{ look, subscription, zone, now }} />);
    return bytesOf(form) <= largestList ? form : (summaries[at] ?? '');
  });
  const pages = fitting(forms, room, bytesOf);
  return pages.length === 1 ? pages : inSummary();
}

/** The page on which someone chooses what they get. */
export function PreferencesForm(props: FormProps) {
  const { look, token, person, subscriptions, saved, error } = props;
  const { say, newsletter } = look;
  const pages = listsOf(props);
  const page = pageOf(props.page, pages.length);
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
        {raw((pages[page - 1] ?? []).join(''))}
        {subscriptions.length === 0 ? <p>{say('subscribedToNothing')}</p> : null}
        {page === 1 ? <AboutYou look={look} person={person} /> : null}
        <SaveButtons look={look} page={page} pages={pages.length} />
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

/** Saves, and where there are more pages, goes on to the next or back to the one before. */
export function SaveButtons({ look: { say }, page, pages }: { look: Look; page: number; pages: number }) {
  return (
    <>
      <p class="actions">
        {page < pages ? (
          <button class="button" type="submit" name="page" value={page + 1}>
            {say('saveAndNext')}
          </button>
        ) : null}
        <button
          class={page < pages ? 'button second' : 'button'}
          type="submit"
          name={pages > 1 ? 'page' : undefined}
          value={pages > 1 ? page : undefined}
        >
          {say('save')}
        </button>
      </p>
      {page > 1 ? (
        <p>
          <a href={page === 2 ? '?' : `?page=${page - 1}`}>{say('previousPage')}</a>
        </p>
      ) : null}
    </>
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
