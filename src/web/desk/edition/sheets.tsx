/** @jsxImportSource hono/jsx */
import type { EditionVersion } from '../../../editions/revise/history.ts';
import type { FoundStory } from '../../../stories/search.ts';
import { Button, Csrf, Menu } from '../design/components.tsx';
import { changeSummaries } from '../sayings/changes.ts';
import { storyReasons } from '../sayings/stories.ts';
import { Told } from '../sayings/told.tsx';
import { away, moment, number } from '../words/words.ts';
import type { Fields } from './change-form.ts';
import { ActForm, type Look, slotName } from './look.tsx';
import { Done } from './story-form.tsx';
import { everyStory, type KeyedStory, storyIn } from './view.ts';

/** Candidates of which one takes a story's place. */
export function ReplaceSheet({ look, story }: { look: Look; story: KeyedStory }) {
  const { say, view } = look;
  return (
    <>
      <h2 id="sheet-title">{say('replaceTitle', { title: story.title })}</h2>
      <p class="quiet small">{say('replaceText')}</p>
      <Choices look={look} story={story} act="replace" choices={view.reserve} text={say('use')} />
      <div class="ends">
        <Done look={look} text={say('cancel')} />
      </div>
    </>
  );
}

/** Stories of the edition of which one reports the same event. */
export function MergeSheet({ look, story }: { look: Look; story: KeyedStory }) {
  const { say, view } = look;
  const others = everyStory(view).filter(
    (each) => each.key !== story.key && each.kind !== 'note' && !each.from && each.storyId !== null,
  );
  return (
    <>
      <h2 id="sheet-title">{say('mergeTitle', { title: story.title })}</h2>
      <p class="quiet small">{say('mergeText')}</p>
      <Choices look={look} story={story} act="merge" choices={others} text={say('together')} />
      <div class="ends">
        <Done look={look} text={say('cancel')} />
      </div>
    </>
  );
}

interface ChoicesProps {
  look: Look;
  story: KeyedStory;
  act: string;
  choices: KeyedStory[];
  text: string;
}

function Choices({ look, story, act, choices, text }: ChoicesProps) {
  const { say, language, now } = look;
  if (choices.length === 0) return <p class="quiet">{say('nothingToChoose')}</p>;
  return (
    <ActForm look={look} story={story.key}>
      <ol class="ed-choices">
        {choices.map((each) => (
          <li>
            <div class="ed-said">
              <h3>{each.title}</h3>
              <p class="ed-meta">
                <span class="ed-publisher">{each.publisher}</span>
                <span>{away(new Date(each.publishedAt), now, language)}</span>
                <span>
                  {say('score')} {number(each.score, language, { maximumFractionDigits: 2 })}
                </span>
              </p>
              <p class="quiet small">
                <Told text={each.reason.text} sayings={storyReasons} language={language} />
              </p>
            </div>
            <Button little name="act" value={`${act}:${each.key}`} aria-label={`${text}: ${each.title}`}>
              {text}
            </Button>
          </li>
        ))}
      </ol>
    </ActForm>
  );
}

/** Stories that were searched for, each to be put into the edition. */
export function Found({ look, stories, asked }: { look: Look; stories: FoundStory[]; asked: number }) {
  const { say, language, now, view } = look;
  if (stories.length === 0) return <p class="quiet small">{say('findNone')}</p>;
  const here = new Set(everyStory(view).map(({ storyId }) => storyId));
  const slots = view.slots.filter(({ isNote }) => !isNote);
  return (
    <>
      {stories.length >= asked ? (
        <p class="quiet small">{say('findMany', { count: stories.length })}</p>
      ) : null}
      <ul class="ed-choices">
        {stories.map((story) => (
          <li>
            <div class="ed-said">
              <h3>{story.found.title.map(({ text, marked }) => (marked ? <mark>{text}</mark> : text))}</h3>
              <p class="ed-meta">
                <span class="ed-publisher">{story.publisher}</span>
                <span>{away(story.published_at, now, language)}</span>
              </p>
            </div>
            {here.has(story.id) ? (
              <span class="quiet small">{say('inEdition')}</span>
            ) : (
              <ActForm look={look} label={story.title}>
                <input type="hidden" name="storyId" value={story.id} />
                <Menu label={`${say('add')}: ${story.title}`} text={say('add')} icon="add" little>
                  {slots.map(({ slot }) => (
                    <Button name="act" value={`add:${slot.name}`}>
                      {say('addTo', { slot: slotName(slot, say) })}
                    </Button>
                  ))}
                  <Button name="act" value="add:reserve">
                    {say('toCandidates')}
                  </Button>
                </Menu>
              </ActForm>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}

/** What was changed, and by whom. */
export function HistorySheet({ look, versions }: { look: Look; versions: EditionVersion[] }) {
  const { say, language, view, now } = look;
  return (
    <>
      <h2 id="sheet-title">{say('history')}</h2>
      <p class="quiet small">{versions.length > 0 ? say('historyText') : say('historyNone')}</p>
      <ol class="ed-history">
        {versions.map(({ summary, user, at, version }) => (
          <li>
            <p>
              <Told text={summary} sayings={changeSummaries} language={language} />
            </p>
            <p class="ed-meta">
              <span>{say('by', { who: user.name })}</span>
              <span title={moment(at, language, view.newsletter.timeZone)}>{away(at, now, language)}</span>
              <span>{`v${version}`}</span>
            </p>
          </li>
        ))}
      </ol>
      <div class="ends">
        <Done look={look} text={say('close')} />
      </div>
    </>
  );
}

/** What a conflict tells, as far as the page needs it. */
export interface Conflict {
  by?: string;
  at?: string;
  theirs?: unknown;
  yours?: unknown;
}

/** Two editors changed the same: theirs and yours, and which is to stand. */
export function ConflictSheet({
  look,
  conflict,
  fields,
  action,
}: {
  look: Look;
  conflict: Conflict;
  fields: Fields;
  /** Where what was asked for is asked for again. */
  action: string;
}) {
  const { say, language, now, view } = look;
  // What the other has taken out cannot be changed: what was written is shown, to be copied.
  const isGone = Boolean(fields.story) && !storyIn(view, fields.story ?? '');
  const theirs = asText(conflict.theirs);
  const yours = asText(conflict.yours);
  return (
    <>
      <h2 id="sheet-title">{say('conflict')}</h2>
      <p>
        {conflict.by && conflict.at
          ? say('conflictText', { who: conflict.by, when: away(new Date(conflict.at), now, language) })
          : say('conflictPlain')}
      </p>
      <div class="ed-conflict">
        {theirs === undefined ? null : (
          <section class="card flat close">
            <h3>{say('theirs')}</h3>
            <p class="ed-note-text">{theirs || '–'}</p>
          </section>
        )}
        {yours === undefined ? null : (
          <section class="card flat close">
            <h3>{say('yours')}</h3>
            <p class="ed-note-text">{yours || '–'}</p>
          </section>
        )}
      </div>
      <div class="ends">
        <a class="button" href={look.at} data-close="" data-take-theirs="">
          {say('takeTheirs')}
        </a>
        {isGone ? null : (
          <form
            method="post"
            action={action}
            hx-post={action}
            hx-target="#edition"
            hx-swap="outerMorph"
            hx-sync="#edition-page:queue all"
            data-keep-mine=""
          >
            <Csrf token={look.csrf} />
            <input type="hidden" name="base" value={view.edition.version} />
            {Object.entries(fields)
              .filter(([name]) => !['csrf', 'base', 'sheet'].includes(name))
              .map(([name, value]) => (
                <input type="hidden" name={name} value={value} />
              ))}
            <Button kind="main">{say('keepMine')}</Button>
          </form>
        )}
      </div>
    </>
  );
}

/** A value that a person can read; undefined: there is none, such as for a change of order. */
function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.map(String).join('\n');
  if (typeof value === 'object' && value !== null && 'text' in value) {
    const { title, text } = value as { title?: unknown; text?: unknown };
    return [title, text].filter((each) => typeof each === 'string' && each !== '').join('\n');
  }
  return undefined;
}
