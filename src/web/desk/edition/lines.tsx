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
      <h2 class="ed-slot-name" id="inbox-title">
        {say('inbox')}
      </h2>
      <Inbox look={look} />
      {view.canEdit ? (
        <>
          {(['subject', 'preheader'] as const).map((name) => (
            <ActForm look={look} act="lines" autosave={name} id={`line-${name}`}>
              <Field id={name} label={say(name)}>
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
                >
                  {line[name]}
                </textarea>
                <Count look={look} name={name} text={line[name]} />
              </Field>
              <SaveWithoutScript look={look} />
            </ActForm>
          ))}
          <details class="ed-fold" id="tried" open={tried.length > 0}>
            <summary>{say('tryOut')}</summary>
            <ActForm look={look} act="lines" autosave="tried" id="line-tried" class="stack tight">
              {/* So that no subject at all says so, too. */}
              <input type="hidden" name="tried" value="" />
              {[...tried, ...(tried.length < 3 ? [''] : [])].map((subject, at) => (
                <Field id={`tried-${at}`} label={say('tried', { letter: letters[at] ?? '' })}>
                  <input
                    type="text"
                    id={`tried-${at}`}
                    name="tried"
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

/** Saves a form that the script saves by itself. */
export const SaveWithoutScript = ({ look }: { look: Look }) => (
  <span class="without-script">
    <Button little>{look.say('save')}</Button>
  </span>
);

/** The edition as a mail program lists it, on a phone and in a wide window. */
function Inbox({ look }: { look: Look }) {
  const { say, view, language } = look;
  const { edition, newsletter } = view;
  const time = moment(edition.scheduled_for, language, newsletter.timeZone, {
    weekday: undefined,
    day: undefined,
    month: undefined,
  });
  const subject = (
    <span class="ed-inbox-subject" data-shows="subject">
      {edition.subject}
    </span>
  );
  const preheader = (
    <span class="ed-inbox-preheader" data-shows="preheader">
      {edition.preheader}
    </span>
  );
  return (
    <div class="ed-inboxes" aria-hidden="true">
      <div class="ed-inbox phone" title={say('phoneInbox')}>
        <span class="ed-avatar">{[...newsletter.fromName][0]}</span>
        <span class="ed-inbox-from">{newsletter.fromName}</span>
        <span class="ed-inbox-time">{time}</span>
        {subject}
        {preheader}
      </div>
      <div class="ed-inbox wide" title={say('desktopInbox')}>
        <span class="ed-inbox-from">{newsletter.fromName}</span>
        <span class="ed-inbox-line">
          {subject}
          <span class="ed-dash"> – </span>
          {preheader}
        </span>
        <span class="ed-inbox-time">{time}</span>
      </div>
    </div>
  );
}

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
