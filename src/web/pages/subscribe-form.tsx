/** @jsxImportSource hono/jsx */
import type { List } from '../../subscribers/lists.ts';
import type { Look } from '../look.ts';
import { EmailField, Message, Page, WithBold } from '../page.tsx';
import { bytesOf, fitting } from './room.ts';

/** What someone agrees to who sends the form: what stands on it, for the record of their consent. */
export function wordingOf(list: List, { say }: Look): string {
  return [say('getByEmail', { list: list.name }), list.description, say('subscribe'), say('leaveAnyTime')]
    .filter(Boolean)
    .join('\n');
}

interface FormProps {
  list: List;
  look: Look;
  paths: { form: string; task: string };
  stamp: string;
  framed?: boolean;
  given?: { email: string; name: string; topics: string[] };
  error?: string;
  /** Why the form is shown once more. */
  notice?: string;
}

/** What the topics may take of a page, in bytes, and what stands around the two times that one is named. */
const room = 15_000;
const perTopic = 130;

const nothing = { email: '', name: '', topics: [] as string[] };

/** The page to subscribe to a list. */
export function SubscribeForm({
  list,
  look,
  paths,
  stamp,
  framed,
  given = nothing,
  error,
  notice,
}: FormProps) {
  const { say, newsletter } = look;
  // Of very many, those that the page has room for; all of them stand among the preferences.
  const [topics = []] = fitting(list.topics, room, (topic) => 2 * bytesOf(topic) + perTopic);
  return (
    <Page title={say('subscribe')} name={list.name} motto={list.description} look={look} framed={framed} task>
      <h1>{notice ? say('onceMore') : say('getByEmail', { list: list.name })}</h1>
      {notice ? <p role="status">{notice}</p> : null}
      <form
        class="fields"
        method="post"
        action={paths.form}
        data-task={`${paths.task}?stamp=${stamp}`}
        novalidate
      >
        <input type="hidden" name="stamp" value={stamp} />
        <input type="hidden" name="proof" value="" />
        <EmailField look={look} value={given.email} error={error} />
        <div class="field">
          <label for="name">
            {say('yourName')} <span class="optional">{say('ifYouLike')}</span>
          </label>
          <input id="name" name="name" type="text" autocomplete="name" maxlength={200} value={given.name} />
        </div>
        {list.topics.length > 0 ? (
          <fieldset class="field">
            <legend class="label">
              {say('interests')} <span class="optional">{say('interestsHint')}</span>
            </legend>
            <div class="choices">
              {topics.map((topic) => (
                <label key={topic} class="choice">
                  <input type="checkbox" name="topics" value={topic} checked={given.topics.includes(topic)} />
                  <span class="topic-name">{topic}</span>
                </label>
              ))}
            </div>
          </fieldset>
        ) : null}
        <p class="trap" aria-hidden="true">
          <label>
            {say('leaveEmpty')} <input type="text" name="website" tabindex={-1} autocomplete="off" />
          </label>
        </p>
        <button class="button" type="submit">
          {say('subscribe')}
        </button>
      </form>
      <p class="quiet foot">{say('leaveAnyTime')}</p>
      {newsletter?.hasArchive && !framed ? (
        <p class="quiet">
          <a href={`/archive/${newsletter.slug}`}>{say('earlier')}</a>
        </p>
      ) : null}
    </Page>
  );
}

/** What whoever has sent the form reads: the same for every address. */
export function Thanks({
  list,
  look,
  email,
  framed,
}: {
  list: List;
  look: Look;
  email: string;
  framed?: boolean;
}) {
  const { say } = look;
  const values = { list: list.name, email };
  const isDouble = list.optIn === 'double';
  return (
    <Message title={say(isDouble ? 'lookInMail' : 'thankYou')} name={list.name} look={look} framed={framed}>
      <p>
        <WithBold text={say(isDouble ? 'sentTo' : 'comesTo', values)} bold={email} />
      </p>
      <p class="quiet">{say(isDouble ? 'nothingThere' : 'leftBefore')}</p>
    </Message>
  );
}
