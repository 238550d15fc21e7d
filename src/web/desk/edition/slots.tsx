/** @jsxImportSource hono/jsx */
import { noteInWords, renderNote } from '../../../rendering/note.ts';
import { Button } from '../design/components.tsx';
import { Icon } from '../design/icons.tsx';
import { Lines } from './lines.tsx';
import { ActForm, type Look, SheetLink, slotName } from './look.tsx';
import { StoryCard } from './story-card.tsx';
import type { FilledSlot, KeyedStory } from './view.ts';

/** So many candidates are seen at once. */
const seenCandidates = 8;

/** The left side of the page, and what a change answers with: lines, slots, candidates. */
export function EditionParts({ look }: { look: Look }) {
  const { view, say, at } = look;
  const { edition } = view;
  return (
    <div class="ed-parts-of" id="edition" data-version={edition.version} data-state={edition.state}>
      <Lines look={look} />
      {view.slots.map((filled) => (
        <SlotPart look={look} filled={filled} />
      ))}
      {view.canEdit ? (
        <p class="row">
          <SheetLink href={`${at}/notes/new`} button="button">
            <Icon name="note" />
            {say('addNote')}
          </SheetLink>
        </p>
      ) : null}
      {view.rolledUp.length > 0 ? (
        <section class="ed-slot" aria-labelledby="slot-rolled-up">
          <SlotHead name={say('rolledUp')} id="slot-rolled-up" />
          <p class="quiet small">{say('rolledUpText')}</p>
          <ol class="ed-stories">
            {view.rolledUp.map((story) => (
              <StoryCard look={look} story={story} />
            ))}
          </ol>
        </section>
      ) : null}
      <Candidates look={look} />
      {view.dropped.length > 0 ? <Dropped look={look} /> : null}
    </div>
  );
}

function SlotHead({
  name,
  id,
  aside,
  places,
}: {
  name: string;
  id: string;
  aside?: string;
  places?: unknown;
}) {
  return (
    <header class="ed-slot-head">
      <h2 class="ed-slot-name" id={id}>
        {name}
      </h2>
      {aside ? <span class="quiet small">{aside}</span> : null}
      {places}
    </header>
  );
}

function SlotPart({ look, filled: { slot, stories, isNote } }: { look: Look; filled: FilledSlot }) {
  const { say, view } = look;
  const name = slotName(slot, say);
  if (isNote)
    return (
      <section class="ed-slot" aria-label={name}>
        <ol class="ed-stories">
          {stories.map((story) => (
            <NoteCard look={look} story={story} />
          ))}
        </ol>
      </section>
    );
  return (
    <section class="ed-slot" aria-labelledby={`slot-${slot.name}`}>
      <SlotHead
        name={name}
        id={`slot-${slot.name}`}
        aside={say('placesOf', { filled: stories.length, count: slot.count })}
        places={
          view.canEdit ? (
            <ActForm
              look={look}
              class="ed-places"
              id={`places-${slot.name}`}
              label={`${say('places')}: ${name}`}
            >
              <Button
                little
                kind="plain"
                label={say('fewer', { slot: name })}
                name="act"
                value={`places:${slot.name}=${slot.count - 1}`}
                disabled={slot.count <= 1}
                id={`fewer-${slot.name}`}
              >
                −
              </Button>
              <Button
                little
                kind="plain"
                label={say('more', { slot: name })}
                name="act"
                value={`places:${slot.name}=${slot.count + 1}`}
                disabled={slot.count >= 50}
                id={`more-${slot.name}`}
              >
                +
              </Button>
            </ActForm>
          ) : null
        }
      />
      <ol
        class="ed-stories"
        data-slot={slot.name}
        data-slot-name={name}
        aria-labelledby={`slot-${slot.name}`}
      >
        {stories.map((story, at) => (
          <StoryCard look={look} story={story} big={slot.count === 1 && at === 0} />
        ))}
      </ol>
      {stories.length === 0 ? <p class="ed-nothing quiet small">{say('slotEmpty')}</p> : null}
    </section>
  );
}

function NoteCard({ look, story }: { look: Look; story: KeyedStory }) {
  const { say, view, at } = look;
  return (
    <li class="ed-story ed-note" id={`story-${story.key}`} data-note={story.key}>
      <div class="ed-line">
        <Icon name="note" />
        <div class="ed-said">
          {story.note?.title ? <h3>{story.note.title}</h3> : null}
          <p class="ed-note-text">{story.note ? noteInWords(renderNote(story.note)) : null}</p>
        </div>
        {view.canEdit ? (
          <ActForm look={look} story={story.key} class="ed-acts" label={say('note')}>
            <SheetLink
              href={`${at}/notes/${story.key}`}
              button="button little plain bare"
              label={say('edit')}
            >
              <Icon name="edit" size={16} />
            </SheetLink>
            <Button
              little
              kind="plain"
              icon="remove"
              label={say('removeNote')}
              name="act"
              value="remove-note"
            />
          </ActForm>
        ) : null}
      </div>
    </li>
  );
}

function Candidates({ look }: { look: Look }) {
  const { view, say, at } = look;
  const first = view.reserve.slice(0, seenCandidates);
  const others = view.reserve.slice(seenCandidates);
  const find = `${at}/find`;
  return (
    <section class="ed-slot ed-reserve" aria-labelledby="slot-reserve">
      <SlotHead name={say('candidates')} id="slot-reserve" aside={String(view.reserve.length)} />
      <p class="quiet small">{view.reserve.length > 0 ? say('candidatesText') : say('candidatesNone')}</p>
      <ol class="ed-stories" data-slot="reserve" data-slot-name={say('candidates')} data-from={0}>
        {first.map((story) => (
          <StoryCard look={look} story={story} candidate />
        ))}
      </ol>
      {others.length > 0 ? (
        <details class="ed-fold ed-others" id="all-candidates">
          <summary>{say('allCandidates', { count: view.reserve.length })}</summary>
          <ol
            class="ed-stories"
            data-slot="reserve"
            data-slot-name={say('candidates')}
            data-from={seenCandidates}
          >
            {others.map((story) => (
              <StoryCard look={look} story={story} candidate light />
            ))}
          </ol>
        </details>
      ) : null}
      {view.canEdit ? (
        <search class="ed-find">
          <form
            method="get"
            action={find}
            hx-get={find}
            hx-target="#found"
            hx-swap="innerHTML"
            hx-trigger="input changed delay:250ms, submit"
            hx-sync="this:replace"
          >
            <label class="label" for="find">
              {say('findStory')}
            </label>
            <div class="ed-find-line">
              <Icon name="search" />
              <input
                type="search"
                id="find"
                name="q"
                maxlength={200}
                autocomplete="off"
                placeholder={say('findHint')}
              />
              <span class="without-script">
                <Button>{say('find')}</Button>
              </span>
            </div>
          </form>
          <div id="found" hx-morph-skip="" aria-live="polite" />
        </search>
      ) : null}
    </section>
  );
}

function Dropped({ look }: { look: Look }) {
  const { view, say } = look;
  return (
    <section class="ed-slot" aria-labelledby="slot-dropped">
      <SlotHead name={say('dropped')} id="slot-dropped" aside={String(view.dropped.length)} />
      <ul class="ed-dropped">
        {view.dropped.toReversed().map((story) => (
          <li>
            <span class="serif">{story.title}</span>
            {view.canEdit ? (
              <ActForm look={look} story={story.key} label={story.title}>
                <Button little icon="undo" name="act" value="bring-back">
                  {say('bringBack')}
                </Button>
              </ActForm>
            ) : null}
          </li>
        ))}
      </ul>
    </section>
  );
}
