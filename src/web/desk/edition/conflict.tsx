/** @jsxImportSource hono/jsx */
import { Button, Csrf, Select } from '../design/components.tsx';
import { changeSummaries } from '../sayings/changes.ts';
import { Told } from '../sayings/told.tsx';
import { away } from '../words/words.ts';
import { type Fields, notePlaces } from './change-form.ts';
import { asPiece, type Look, slotName } from './look.tsx';
import { storyIn } from './view.ts';

/** What a conflict tells, as far as the page needs it. */
export interface Conflict {
  by?: string;
  at?: string;
  what?: string;
  theirs?: unknown;
  yours?: unknown;
}

interface ConflictProps {
  look: Look;
  conflict: Conflict;
  /** What was sent. */
  fields: Fields;
  /** Where what was asked for is asked for again. */
  action: string;
}

/** Whether it was whoever looks who changed the same, perhaps in another window. */
export const isOwnConflict = ({ view }: Pick<Look, 'view'>, { by }: Conflict): boolean =>
  by !== undefined && by === view.me;

/**
 * Two editors changed the same: theirs and yours, and which is to stand. It stands above the form that was sent, in which one goes
 * on writing; what is written there is yours.
 */
export function ConflictPanel({ look, conflict, fields, action }: ConflictProps) {
  const { say, language, now, view } = look;
  const { act = '', story = '' } = fields;
  const isOwn = isOwnConflict(look, conflict);
  const names = Object.keys(fields).filter((name) => !notWords.includes(name));
  const isGone = story !== '' && !storyIn(view, story);
  const theirs = asText(conflict.theirs);
  const yours = asText(conflict.yours);
  // What they did is a sentence where there is no value.
  const isValue =
    /^(subject|preheader|tried|slots:.+|story:[^:]+:(title|dek|image|imageAlt|note))$/.test(
      conflict.what ?? '',
    ) && !isGone;
  const sheetAt = isGone || story === '' ? undefined : sheetOf(look, fields);
  return (
    <section
      class="ed-conflicting"
      data-conflict={[act, story, ...names].join('|')}
      data-sheet-at={sheetAt}
      aria-label={say(isOwn ? 'conflictOwn' : 'conflict')}
    >
      <h2>{say(isOwn ? 'conflictOwn' : 'conflict')}</h2>
      <p>
        {conflict.by && conflict.at
          ? say(isOwn ? 'conflictOwnText' : 'conflictText', {
              who: conflict.by,
              when: away(new Date(conflict.at), now, language),
            })
          : say('conflictPlain')}
        {isGone ? ` ${say('wasTakenOut')}` : ''}
      </p>
      <div class="ed-conflict">
        {theirs === undefined ? null : (
          <div>
            <h3>{say('theirs')}</h3>
            <p class="ed-note-text">
              {isValue ? theirs || '–' : <Told text={theirs} sayings={changeSummaries} language={language} />}
            </p>
          </div>
        )}
        {yours === undefined ? null : (
          <div>
            <h3>{say('yours')}</h3>
            <p class="ed-note-text" data-yours="">
              {yours || '–'}
            </p>
          </div>
        )}
      </div>
      <Ways look={look} fields={fields} action={action} isGone={isGone} hasWords={yours !== undefined} />
    </section>
  );
}

/** What can be done about it; nothing that could only fail. */
function Ways({
  look,
  fields,
  action,
  isGone,
  hasWords,
}: Pick<ConflictProps, 'look' | 'fields' | 'action'> & { isGone: boolean; hasWords: boolean }) {
  const { say, view, at } = look;
  const { act = '', story = '' } = fields;
  const change = `${at}/change`;
  const isNote = act === 'edit-note' || act === 'remove-note';
  const wasDropped = isGone && view.dropped.some(({ key }) => key === story);
  const slots = view.slots.filter(({ isNote: takesNotes }) => !takesNotes).map(({ slot }) => slot);
  const words = act === 'edit' || act === 'crop' ? without(fields, ['act', 'story']) : {};
  return (
    <>
      {isGone && !wasDropped && !isNote && hasWords ? <p class="quiet small">{say('copyMine')}</p> : null}
      <div class="ends">
        <a class="button" href={at} data-take-theirs="">
          {say('takeTheirs')}
        </a>
        {!isGone ? (
          <Again look={look} action={action} values={fields} same>
            <Button kind="main">{say('keepMine')}</Button>
          </Again>
        ) : wasDropped ? (
          <Again look={look} action={change} values={{ ...words, act: 'bring-back', story }}>
            <Select
              id={`back-${story}`}
              name="slot"
              label={say('notePlace')}
              value={slots.some(({ name }) => name === fields.slot) ? fields.slot : ''}
              options={[
                ['', say('candidates')] as const,
                ...slots.map((slot) => [slot.name, slotName(slot, say)] as const),
              ]}
            />
            <Button kind="main">{say(hasWords ? 'bringBackMine' : 'bringBack')}</Button>
          </Again>
        ) : act === 'edit-note' ? (
          <Again
            look={look}
            action={change}
            values={{
              ...without(fields, ['story', 'wasPlace']),
              act: 'add-note',
              place: notePlaces(view).includes(fields.place ?? '') ? (fields.place ?? 'top') : 'top',
            }}
          >
            <Button kind="main">{say('addAsNew')}</Button>
          </Again>
        ) : null}
      </div>
    </>
  );
}

/**
 * Asks for something on the edition as it is now.
 * @param same it is what was asked for before: the form in which it was written says it as it stands there by then
 */
function Again({
  look,
  action,
  values,
  same,
  children,
}: {
  look: Look;
  action: string;
  values: Fields;
  same?: boolean;
  children: unknown;
}) {
  return (
    <form method="post" action={action} {...asPiece(look, action)} data-keep-mine={same ? 'same' : 'else'}>
      <Csrf token={look.csrf} />
      <input type="hidden" name="base" value={look.view.edition.version} />
      {Object.entries(without(values, ['csrf', 'base', 'sheet'])).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      {children}
    </form>
  );
}

const notWords = ['csrf', 'base', 'sheet', 'act', 'story'];

const without = (fields: Fields, names: string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

/** Where the sheet is in which it was written. */
function sheetOf({ at }: Look, { act = '', story = '', sheet }: Fields): string | undefined {
  if (sheet?.startsWith('story:')) return `${at}/stories/${encodeURIComponent(story)}`;
  return act === 'edit-note' ? `${at}/notes/${encodeURIComponent(story)}` : undefined;
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
  // A change as a whole, where the whole edition is another by now.
  if (typeof value === 'object' && value !== null && 'kind' in value) {
    const change = value as Record<string, unknown>;
    const words = ['subject', 'preheader', 'title', 'dek', 'imageAlt'].map((name) => change[name]);
    return words.filter((each) => typeof each === 'string' && each !== '').join('\n') || undefined;
  }
  return undefined;
}
