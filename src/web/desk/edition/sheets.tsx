/** @jsxImportSource hono/jsx */
import type { EditionVersion } from '../../../editions/revise/history.ts';
import type { FoundStory } from '../../../stories/search.ts';
import { Button, Menu } from '../design/components.tsx';
import { FoldedList } from '../design/folded.tsx';
import { changeSummaries } from '../sayings/changes.ts';
import { storyReasons } from '../sayings/stories.ts';
import { Told } from '../sayings/told.tsx';
import { away, moment, number } from '../words/words.ts';
import { ActForm, type Look, slotName } from './look.tsx';
import { Done } from './story-form.tsx';
import { everyStory, type KeyedStory } from './view.ts';

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
  const line = ({ summary, user, at, version }: EditionVersion) => (
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
  );
  return (
    <>
      <h2 id="sheet-title">{say('history')}</h2>
      <p class="quiet small">{versions.length > 0 ? say('historyText') : say('historyNone')}</p>
      <FoldedList
        class="ed-history"
        items={versions.map(line)}
        earlier={(count) => say('earlierChanges', { count })}
      />
      <div class="ends">
        <Done look={look} text={say('close')} />
      </div>
    </>
  );
}
