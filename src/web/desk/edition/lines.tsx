/** @jsxImportSource hono/jsx */
import { Button, Field } from '../design/components.tsx';
import { moment, percent } from '../words/words.ts';
import { ActForm, type Look } from './look.tsx';

/** How long a line reads well in inboxes, in characters: less is short, more is cut on phones. */
const good = { subject: [20, 60], preheader: [35, 110] } as const;

/** Subject, preheader, further subjects, and what inboxes make of them. */
export function Lines({ look }: { look: Look }) {
  const { say, view, language } = look;
  const { edition, tried, test } = view;
  const letters = 'BCD';
  const line = { subject: edition.subject, preheader: edition.preheader };
  return (
    <section class="ed-lines card close" aria-labelledby="inbox-title">
      <h2 class="vh" id="inbox-title">
        {say('inbox')}
      </h2>
      <PhoneInbox look={look} />
      {view.canEdit ? (
        <>
          {(['subject', 'preheader'] as const).map((name) => (
            <ActForm look={look} act="lines" autosave={name} id={`line-${name}`}>
              <div class="field">
                <div class="ed-label">
                  <label class="label" for={name}>
                    {say(name)}
                  </label>
                  <Count look={look} name={name} text={line[name]} />
                </div>
                <textarea
                  class="ed-one-line"
                  id={name}
                  name={name}
                  rows={1}
                  maxlength={250}
                  required={name === 'subject'}
                  aria-describedby={`${name}-count`}
                  data-mirror={name}
                  data-field={name}
                  data-wrong={name === 'subject' ? say('wrongSubject') : undefined}
                >
                  {line[name]}
                </textarea>
              </div>
              <SaveWithoutScript look={look} />
            </ActForm>
          ))}
          <div class="ed-folds-row">
            <details class="ed-fold" id="wide-inbox">
              <summary>{say('desktopInbox')}</summary>
              <WideInbox look={look} />
            </details>
            <details class="ed-fold" id="tried" open={tried.length > 0}>
              <summary>{say('tryOut')}</summary>
              <ActForm look={look} act="lines" autosave="tried" id="line-tried" class="stack tight">
                {[...tried, ...(tried.length < 3 ? [''] : [])].map((subject, at) => (
                  <Field id={`tried-${at}`} label={say('tried', { letter: letters[at] ?? '' })}>
                    <input
                      type="text"
                      id={`tried-${at}`}
                      name={`tried.${at}`}
                      value={subject}
                      maxlength={250}
                      data-field="tried"
                    />
                  </Field>
                ))}
                {test ? (
                  <p class="hint quiet small">
                    {say('triedText', {
                      share: percent(test.share, language),
                      wait: say('minutes', { count: test.waitMinutes }),
                      by: say(test.by === 'clicks' ? 'byClicks' : 'byOpens'),
                    })}
                  </p>
                ) : null}
                <SaveWithoutScript look={look} />
              </ActForm>
            </details>
          </div>
        </>
      ) : tried.length > 0 ? (
        <ol class="stack tight">
          {tried.map((subject, at) => (
            <li>
              <span class="quiet small">{say('tried', { letter: letters[at] ?? '' })}</span> {subject}
            </li>
          ))}
        </ol>
      ) : null}
    </section>
  );
}

/** Saves a form that the script saves by itself; on a page of its own, nothing else does. */
export const SaveWithoutScript = ({ look, text }: { look: Look; text?: string }) => (
  <span class={look.alone ? undefined : 'without-script'}>
    <Button little>{text ?? look.say('save')}</Button>
  </span>
);

/** The edition as a phone lists it, at its real width. */
function PhoneInbox({ look }: { look: Look }) {
  const { say, view } = look;
  const { edition, newsletter } = view;
  return (
    <div class="ed-inbox phone" title={say('phoneInbox')} aria-hidden="true">
      <span class="ed-avatar">{[...newsletter.fromName][0]}</span>
      <span class="ed-inbox-from">{newsletter.fromName}</span>
      <span class="ed-inbox-time">{timeOf(look)}</span>
      <span class="ed-inbox-subject" data-shows="subject">
        {edition.subject}
      </span>
      <span class="ed-inbox-preheader" data-shows="preheader">
        {edition.preheader}
      </span>
    </div>
  );
}

/** The edition as a mail program lists it in a wide window: one line. */
function WideInbox({ look }: { look: Look }) {
  const { view } = look;
  const { edition, newsletter } = view;
  return (
    <section class="scroll" aria-label={look.say('desktopInbox')} tabindex={0}>
      <div class="ed-inbox wide" aria-hidden="true">
        <span class="ed-inbox-from">{newsletter.fromName}</span>
        <span class="ed-inbox-line">
          <span class="ed-inbox-subject" data-shows="subject">
            {edition.subject}
          </span>
          <span> – </span>
          <span data-shows="preheader">{edition.preheader}</span>
        </span>
        <span class="ed-inbox-time">{timeOf(look)}</span>
      </div>
    </section>
  );
}

const timeOf = ({ view, language }: Look) =>
  moment(view.edition.scheduled_for, language, view.newsletter.timeZone, {
    weekday: undefined,
    day: undefined,
    month: undefined,
  });

/** How long a line is, and what inboxes will make of that; the script keeps it true while it is typed. */
function Count({ look, name, text }: { look: Look; name: 'subject' | 'preheader'; text: string }) {
  const { say } = look;
  const length = [...text].length;
  const [least, most] = good[name];
  const verdict =
    length === 0
      ? 'lengthNone'
      : length < least
        ? 'lengthShort'
        : length > most
          ? 'lengthLong'
          : 'lengthGood';
  return (
    <p
      class="ed-count hint"
      id={`${name}-count`}
      data-counts={name}
      data-least={least}
      data-most={most}
      data-one={say('characters', { count: 1 }).replace('1', '#')}
      data-many={say('characters', { count: 2 }).replace('2', '#')}
      data-none={say('lengthNone')}
      data-short={say('lengthShort')}
      data-long={say('lengthLong')}
      data-good={say('lengthGood')}
      data-verdict={verdict === 'lengthGood' ? 'good' : 'not'}
    >
      {length === 0 ? say(verdict) : `${say('characters', { count: length })} · ${say(verdict)}`}
    </p>
  );
}
