/** @jsxImportSource hono/jsx */
import { noteInWords, renderNote } from '../../../rendering/note.ts';
import { Button, Menu, State } from '../design/components.tsx';
import { Icon } from '../design/icons.tsx';
import { relatedReasons } from '../sayings/stories.ts';
import { Told } from '../sayings/told.tsx';
import { webAddress } from '../web-address.ts';
import { away, number, percent } from '../words/words.ts';
import { ActForm, type Look, SheetLink, slotName } from './look.tsx';
import type { KeyedStory } from './view.ts';
import { Why } from './why.tsx';

interface StoryCardProps {
  look: Look;
  story: KeyedStory;
  /** It leads its slot, and has room for its dek. */
  big?: boolean;
  /** It is a candidate: it can be put into a slot. */
  candidate?: boolean;
  /** One of many: what is seldom done with it stands in its sheet. */
  light?: boolean;
}

/** A story of the edition, with what can be done with it. */
export function StoryCard({ look, story, big, candidate, light }: StoryCardProps) {
  const { say, language, now, view, at } = look;
  const { key, title } = story;
  const original = story.original ?? {};
  const isEdited = ['title', 'dek', 'imageUrl', 'imageAlt'].some((field) => field in original);
  return (
    <li
      class={['ed-story', big && 'big', candidate && 'candidate'].filter(Boolean).join(' ')}
      id={`story-${key}`}
      data-story={key}
      data-position={story.position}
      data-title={title}
    >
      <div class="ed-line">
        {view.canEdit ? (
          <button
            type="button"
            class="ed-grip"
            id={`grip-${key}`}
            aria-label={say('moveStory', { title })}
            aria-pressed="false"
          >
            <Icon name="grip" />
          </button>
        ) : null}
        <Thumb story={story} none={say('noPicture')} />
        <div class="ed-said">
          <h3>
            {view.canEdit ? (
              <SheetLink href={`${at}/stories/${key}`} id={`title-${key}`}>
                {title}
              </SheetLink>
            ) : (
              title
            )}
          </h3>
          {big && story.dek ? <p class="ed-dek">{story.dek}</p> : null}
          <p class="ed-meta">
            <span class="ed-publisher">{story.publisher}</span>
            <span>{away(new Date(story.publishedAt), now, language)}</span>
            <span>{story.coverage > 1 ? say('publishers', { count: story.coverage }) : say('only')}</span>
            {candidate && view.canEdit ? (
              <span class="ed-whole">
                {say('score')} {number(story.score, language, { maximumFractionDigits: 2 })}
              </span>
            ) : null}
          </p>
          <Marks look={look} story={story} isEdited={isEdited} />
        </div>
        {view.canEdit ? <Acts look={look} story={story} candidate={candidate} light={light} /> : null}
        {view.clicks && !candidate ? <Clicks look={look} story={story} /> : null}
      </div>
      {story.note ? (
        <div class="ed-beneath-note">
          <Icon name="note" size={16} />
          <p>
            {story.note.title ? <strong>{story.note.title} </strong> : null}
            {noteInWords(renderNote({ title: '', text: story.note.text }))}
          </p>
          {view.canEdit ? (
            <SheetLink href={`${at}/notes/${key}`} button="button little plain">
              {say('edit')}
            </SheetLink>
          ) : null}
        </div>
      ) : null}
      <div class="ed-folds">
        {view.canEdit && !candidate ? <Quick look={look} story={story} /> : null}
        <details class="ed-fold" id={`why-${key}`}>
          <summary>{say('why')}</summary>
          <Why look={look} reason={story.reason} score={story.score} />
        </details>
        {story.related.length > 0 && !light ? (
          <details class="ed-fold" id={`beneath-${key}`} data-load={`${at}/stories/${key}/beneath`}>
            <summary>{say('beneath', { count: story.related.length })}</summary>
            <div data-loaded="">
              <a class="without-script" href={`${at}/stories/${key}/beneath`}>
                {say('beneath', { count: story.related.length })}
              </a>
            </div>
          </details>
        ) : null}
      </div>
    </li>
  );
}

function Thumb({ story, none }: { story: KeyedStory; none: string }) {
  const image = webAddress(story.imageUrl);
  if (!image)
    return (
      <span class="ed-thumb none" title={none}>
        <Icon name="image" />
      </span>
    );
  return (
    <span class="ed-thumb">
      <img src={image} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer" />
    </span>
  );
}

function Marks({ look, story, isEdited }: { look: Look; story: KeyedStory; isEdited: boolean }) {
  const { say } = look;
  if (!story.pinned && !isEdited && !story.crop && !story.developing) return null;
  return (
    <p class="ed-marks">
      {story.pinned ? (
        <State mood="wait">
          <Icon name="pin" size={14} />
          {say('pinned')}
        </State>
      ) : null}
      {isEdited ? <State mood="plain">{say('edited')}</State> : null}
      {story.crop ? <State mood="plain">{say('cropped')}</State> : null}
      {story.developing ? (
        <span class="quiet small">{say('developing', { what: story.developing })}</span>
      ) : null}
    </p>
  );
}

function Acts({ look, story, candidate, light }: Omit<StoryCardProps, 'big'>) {
  const { say, view, at } = look;
  const { key, title } = story;
  const slots = view.slots.filter(({ isNote }) => !isNote);
  const others = slots.filter(({ slot }) => slot.name !== story.slot);
  return (
    <ActForm look={look} story={key} class="ed-acts" id={`acts-${key}`} label={title}>
      {candidate ? (
        <Menu label={`${say('use')}: ${title}`} text={say('use')} little>
          {slots.map(({ slot }) => (
            <Button name="act" value={`to:${slot.name}`} icon="up">
              {say('useIn', { slot: slotName(slot, say) })}
            </Button>
          ))}
        </Menu>
      ) : null}
      {light ? null : (
        <Menu label={say('moreActs', { title })} icon="more" little>
          <SheetLink href={`${at}/stories/${key}`} button="button">
            <Icon name="edit" />
            {say('edit')}
          </SheetLink>
          {candidate ? null : (
            <>
              <SheetLink href={`${at}/stories/${key}/replace`} button="button">
                <Icon name="swap" />
                {say('replace')}
              </SheetLink>
              <Button name="act" value="up" icon="up">
                {say('up')}
              </Button>
              <Button name="act" value="down" icon="down">
                {say('down')}
              </Button>
              <Button name="act" value={story.pinned ? 'unpin' : 'pin'} icon="pin">
                {story.pinned ? say('unpin') : say('pin')}
              </Button>
              {others.map(({ slot }) => (
                <Button name="act" value={`to:${slot.name}`} icon="right">
                  {say('moveTo', { slot: slotName(slot, say) })}
                </Button>
              ))}
              {story.pinned ? null : (
                <Button name="act" value="to:reserve" icon="right">
                  {say('toReserve')}
                </Button>
              )}
            </>
          )}
          {view.mayMove ? (
            <SheetLink href={`${at}/stories/${key}/merge`} button="button">
              <Icon name="merge" />
              {say('merge')}
            </SheetLink>
          ) : null}
          {story.note ? null : (
            <SheetLink href={`${at}/notes/new?place=story:${encodeURIComponent(key)}`} button="button">
              <Icon name="note" />
              {say('addNote')}
            </SheetLink>
          )}
          <a class="button" href={webAddress(story.url)} target="_blank" rel="noopener noreferrer">
            <Icon name="external" />
            {say('readIt', { publisher: story.publisher })}
          </a>
          <Button name="act" value="drop" icon="remove">
            {say('drop')}
          </Button>
        </Menu>
      )}
    </ActForm>
  );
}

/** What is done most often, at hand: by the form of all acts. */
function Quick({ look, story }: { look: Look; story: KeyedStory }) {
  const { say } = look;
  const { key, title } = story;
  const button = { little: true, kind: 'plain', name: 'act', form: `acts-${key}` } as const;
  return (
    <fieldset class="ed-quick" aria-label={title}>
      <Button {...button} icon="up" label={say('up')} value="up" id={`up-${key}`} />
      <Button {...button} icon="down" label={say('down')} value="down" id={`down-${key}`} />
      <Button
        {...button}
        icon="pin"
        label={story.pinned ? say('unpin') : say('pin')}
        value={story.pinned ? 'unpin' : 'pin'}
        pressed={story.pinned}
        id={`pin-${key}`}
      />
      <Button {...button} icon="remove" label={say('drop')} value="drop" id={`drop-${key}`} />
    </fieldset>
  );
}

function Clicks({ look, story }: { look: Look; story: KeyedStory }) {
  const { say, language, view } = look;
  const clicks = view.clicks?.get(story.position) ?? 0;
  const all = [...(view.clicks?.values() ?? [])].reduce((sum, each) => sum + each, 0);
  return (
    <p class="ed-clicks">
      {clicks === 0 ? (
        <span class="quiet">{say('noClicks')}</span>
      ) : (
        <>
          <strong>{say('clicks', { count: clicks })}</strong>
          <span class="quiet">{percent(clicks / all, language)}</span>
          <meter min={0} max={all} value={clicks} aria-hidden="true" />
        </>
      )}
    </p>
  );
}

/** What stands beneath a story, with what can be done with it. */
export function Related({ look, story }: { look: Look; story: KeyedStory }) {
  const { say, language, now, view } = look;
  return (
    <ul class="ed-related">
      {story.related.map((each) => (
        <li>
          <p>
            <span class="tag">{say(each.kind)}</span>{' '}
            <a href={webAddress(each.url)} target="_blank" rel="noopener noreferrer">
              {each.title}
            </a>
          </p>
          <p class="ed-meta">
            <span class="ed-publisher">{each.publisher}</span>
            <span>{away(new Date(each.publishedAt), now, language)}</span>
            <span>
              <Told text={each.reason.text} sayings={relatedReasons} language={language} />
            </span>
          </p>
          {view.canEdit ? (
            <ActForm look={look} story={story.key} class="row" label={each.title}>
              <Button little icon="up" name="act" value={`promote:${each.storyId}`}>
                {say('promote')}
              </Button>
              {each.kind === 'coverage' && view.mayMove ? (
                <Button little kind="plain" icon="split" name="act" value={`split:${each.storyId}`}>
                  {say('split')}
                </Button>
              ) : null}
            </ActForm>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
