/** @jsxImportSource hono/jsx */
import { Area, Button, Field, Input } from '../design/components.tsx';
import { webAddress } from '../web-address.ts';
import { SaveWithoutScript } from './lines.tsx';
import { ActForm, type Look } from './look.tsx';
import type { KeyedStory } from './view.ts';

/** The sheet in which a story is edited, for this edition only. Each field is saved by itself. */
export function StorySheet({ look, story }: { look: Look; story: KeyedStory }) {
  const { say } = look;
  const { key, original = {} } = story;
  const sheet = `story:${key}`;
  const image = webAddress(story.imageUrl);
  const isEdited = ['title', 'dek', 'imageUrl', 'imageAlt'].some((field) => field in original);
  return (
    <>
      <h2 id="sheet-title">{say('editStory', { title: story.title })}</h2>
      <p class="quiet small">{say('thisEdition')}</p>
      <div class="ed-sheet-columns">
        <div class="stack">
          <Restored look={look} story={story} field="title" was={original.title}>
            <ActForm look={look} act="edit" story={key} sheet={sheet} autosave={sheet} id="edit-title">
              <Field id="story-title" label={say('headline')}>
                <textarea
                  class="ed-one-line serif"
                  id="story-title"
                  name="title"
                  rows={1}
                  maxlength={500}
                  required
                  data-field={sheet}
                  data-wrong={say('wrongHeadline')}
                >
                  {story.title}
                </textarea>
              </Field>
              <SaveWithoutScript look={look} />
            </ActForm>
          </Restored>
          <Restored look={look} story={story} field="dek" was={original.dek}>
            <ActForm look={look} act="edit" story={key} sheet={sheet} autosave={sheet} id="edit-dek">
              <Area
                id="story-dek"
                name="dek"
                label={say('dek')}
                value={story.dek}
                rows={3}
                data-field={sheet}
              />
              <SaveWithoutScript look={look} />
            </ActForm>
          </Restored>
        </div>
        <div class="stack">
          {image ? <Cropper look={look} story={story} imageUrl={image} sheet={sheet} /> : null}
          <Restored look={look} story={story} field="image" was={original.imageUrl}>
            <ActForm look={look} act="edit" story={key} sheet={sheet} autosave={sheet} id="edit-image">
              <Input
                id="story-image"
                name="imageUrl"
                type="url"
                label={say('pictureUrl')}
                value={story.imageUrl}
                data-field={sheet}
                data-wrong={say('wrongAddress')}
              />
              <SaveWithoutScript look={look} />
            </ActForm>
          </Restored>
          <Restored look={look} story={story} field="imageAlt" was={original.imageAlt}>
            <ActForm look={look} act="edit" story={key} sheet={sheet} autosave={sheet} id="edit-alt">
              <Input
                id="story-alt"
                name="imageAlt"
                label={say('pictureAlt')}
                hint={say('pictureAltHint')}
                value={story.imageAlt}
                maxlength={500}
                data-field={sheet}
              />
              <SaveWithoutScript look={look} />
            </ActForm>
          </Restored>
        </div>
      </div>
      <div class="ends">
        {isEdited ? (
          <ActForm look={look} act="restore" story={key} sheet={sheet}>
            <Button kind="plain" icon="undo">
              {say('originalAll')}
            </Button>
          </ActForm>
        ) : null}
        <Done look={look} />
      </div>
    </>
  );
}

/** Closes the sheet; without script, leads back to the edition. */
export const Done = ({ look, text }: { look: Look; text?: string }) => (
  <a class="button" href={look.at} data-close="">
    {text ?? look.say('done')}
  </a>
);

/** A field, and what gives it back what its publisher has, if that is something else. */
function Restored({
  look,
  story,
  field,
  was,
  children,
}: {
  look: Look;
  story: KeyedStory;
  field: string;
  was: string | null | undefined;
  children: unknown;
}) {
  const { say } = look;
  return (
    <div class="ed-restored" id={`restored-${field}`}>
      {children}
      {was === undefined ? null : (
        <ActForm
          look={look}
          act={`restore:${field}`}
          story={story.key}
          sheet={`story:${story.key}`}
          class="ed-was"
        >
          <span class="quiet small">{say('originalWas', { what: was || '–' })}</span>
          <Button little kind="plain" icon="undo">
            {say('original')}
          </Button>
        </ActForm>
      )}
    </div>
  );
}

/** What of a picture is shown: a frame that can be dragged, and the same in numbers. */
function Cropper({
  look,
  story,
  imageUrl,
  sheet,
}: {
  look: Look;
  story: KeyedStory;
  imageUrl: string;
  sheet: string;
}) {
  const { say } = look;
  const crop = story.crop ?? { x: 0, y: 0, width: 1, height: 1 };
  const numbers = [
    ['x', 'cropLeft', 98],
    ['y', 'cropTop', 98],
    ['width', 'cropWidth', 100],
    ['height', 'cropHeight', 100],
  ] as const;
  return (
    <fieldset class="stack tight ed-picture">
      <legend>{say('picture')}</legend>
      <div class="ed-crop" data-crop="" hx-morph-skip="">
        <img src={imageUrl} alt={story.imageAlt ?? ''} referrerpolicy="no-referrer" draggable={false} />
        <span class="ed-crop-frame" data-crop-frame="">
          <span class="ed-crop-corner" data-crop-corner="" />
        </span>
      </div>
      <details class="ed-fold" id="cropper" open={story.crop !== undefined}>
        <summary>{say('crop')}</summary>
        <p class="hint quiet small">{say('cropText')}</p>
        <ActForm look={look} act="crop" story={story.key} sheet={sheet} autosave={sheet} id="edit-crop">
          <div class="ed-crop-numbers">
            {numbers.map(([name, label, most]) => (
              <Field id={`crop-${name}`} label={`${say(label)} (%)`}>
                <input
                  type="number"
                  id={`crop-${name}`}
                  name={name}
                  min={name === 'x' || name === 'y' ? 0 : 2}
                  max={most}
                  step="any"
                  data-wrong={say('wrongCrop')}
                  value={Math.round(crop[name] * 1000) / 10}
                  data-crop-number={name}
                />
              </Field>
            ))}
          </div>
          <SaveWithoutScript look={look} text={say('cropSave')} />
        </ActForm>
        <ActForm look={look} story={story.key} sheet={sheet} class="row">
          <Button little kind="plain" icon="remove" name="act" value="without-picture" id="without-picture">
            {say('withoutPicture')}
          </Button>
          {story.crop ? (
            <Button little kind="plain" name="act" value="uncrop" id="uncrop">
              {say('cropAll')}
            </Button>
          ) : null}
        </ActForm>
      </details>
    </fieldset>
  );
}
