/** @jsxImportSource hono/jsx */
import { Area, Button, Input, Select } from '../design/components.tsx';
import { notePlaces, placeOfNote } from './change-form.ts';
import { ActForm, type Look, slotName } from './look.tsx';
import { Done } from './story-form.tsx';
import { type KeyedStory, storyIn } from './view.ts';

interface NoteSheetProps {
  look: Look;
  /** The note, or the story that has one; a new one, if not given. */
  story?: KeyedStory;
  /** Where a new one is to stand. */
  place?: string;
}

/** The sheet in which a note is written. */
export function NoteSheet({ look, story, place = 'top' }: NoteSheetProps) {
  const { say, view } = look;
  const was = story ? placeOfNote(view, story) : place;
  // A place that another note has cannot take a second.
  const places = notePlaces(view).filter((each) => {
    const beneath = each.startsWith('story:') ? storyIn(view, each.slice('story:'.length)) : undefined;
    return each === was || !beneath?.note;
  });
  return (
    <>
      <h2 id="sheet-title">{story ? say('note') : say('addNote')}</h2>
      <ActForm
        look={look}
        act={story ? 'edit-note' : 'add-note'}
        story={story?.key}
        class="stack"
        id="note-form"
        data-closed={say('noteClosed')}
      >
        <p class="notice wait" data-kept="" hidden>
          {say('noteKept')}{' '}
          <button type="reset" class="button little plain">
            {say('noteGiveUp')}
          </button>
        </p>
        <input type="hidden" name="wasPlace" value={was} />
        <Select
          id="note-place"
          name="place"
          label={say('notePlace')}
          value={was}
          options={places.map((each) => [each, placeName(look, each)] as const)}
        />
        <Input
          id="note-title"
          name="title"
          label={say('noteTitle')}
          hint={say('noteTitleHint')}
          value={story?.note?.title}
          maxlength={200}
        />
        <Area
          id="note-text"
          name="text"
          label={say('noteText')}
          hint={say('noteTextHint')}
          value={story?.note?.text}
          rows={6}
          maxlength={5000}
          required
          data-field={story ? `note:${story.key}` : undefined}
        />
        <div class="ends">
          {story ? (
            <Button kind="plain" icon="remove" name="act" value="remove-note" formnovalidate>
              {say('removeNote')}
            </Button>
          ) : null}
          <Done look={look} text={say('cancel')} />
          <Button kind="main">{say('save')}</Button>
        </div>
      </ActForm>
    </>
  );
}

function placeName(look: Look, place: string): string {
  const { say, view } = look;
  const [kind, name = ''] = place.split(/:(.*)/s);
  if (kind === 'top') return say('atTop');
  if (kind === 'end') return say('atEnd');
  if (kind === 'story') return say('beneathStory', { title: storyIn(view, name)?.title ?? name });
  const slot = view.slots.find((each) => each.slot.name === name)?.slot;
  return say('afterSlot', { slot: slot ? slotName(slot, say) : name });
}
