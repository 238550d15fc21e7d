/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import { Button, Countdown, Csrf, EditionStateChip, Notice } from '../design/components.tsx';
import { Icon } from '../design/icons.tsx';
import { changeSummaries } from '../sayings/changes.ts';
import { worded } from '../sayings/german.ts';
import { stateReasons } from '../sayings/states.ts';
import { Told } from '../sayings/told.tsx';
import { until } from '../today/upcoming-list.tsx';
import { away, moment } from '../words/words.ts';
import { zoneName } from '../zone.ts';
import { asPiece, type Look, SheetLink } from './look.tsx';
import { concernsThis } from './view.ts';

interface HeadProps {
  look: Look;
  /** Who else is here. */
  others: Child;
  /** What sends it, on the right. */
  send?: Child;
  /** It takes the place of the one on the page. */
  swapped?: boolean;
}

/** The head of the edition's page: which it is, how it stands, what can be taken back, who else is here. */
export function EditionHead({ look, others, send, swapped }: HeadProps) {
  const { say, view, language } = look;
  const { edition, newsletter } = view;
  const when = say('inZone', {
    when: moment(edition.scheduled_for, language, newsletter.timeZone),
    zone: zoneName(newsletter.timeZone),
  });
  return (
    <div class="ed-head" id="edition-head" hx-swap-oob={swapped ? 'outerMorph' : undefined}>
      <div class="ed-title">
        <p class="crumbs">
          <a href="/desk/editions">{say('editions')}</a> / {when}
        </p>
        <h1>{newsletter.name}</h1>
        <p class="ed-state">
          <EditionStateChip state={edition.state} language={language} />
          <span class="quiet">
            <When look={look} />
          </span>
          {view.canEdit ? (
            <span
              class="ed-saved"
              id="saved"
              role="status"
              hx-morph-skip=""
              data-saving={say('saving')}
              data-saved={say('saved')}
              data-not={say('notSaved')}
            />
          ) : null}
        </p>
        {others}
      </div>
      <div class="ed-tools">
        {view.canEdit ? (
          <span class="ed-steps">
            <Step look={look} way="undo" />
            <Step look={look} way="redo" />
          </span>
        ) : null}
        <SheetLink href={`${look.at}/history`} button="button plain bare" label={say('history')}>
          <Icon name="history" />
        </SheetLink>
        {view.canEdit && edition.state !== 'approved' ? (
          <Button
            type="button"
            kind="plain"
            icon="again"
            label={say('chooseAgain')}
            data-dialog="choose-again"
          />
        ) : null}
        {send}
      </div>
      <div class="ed-notices">
        {edition.state_reason ? (
          <Notice mood="wait">
            <Told text={edition.state_reason} sayings={stateReasons} language={language} sentence />
            {edition.state === 'review' && edition.state_reason.startsWith('changed after approval')
              ? ` ${say('changedAfterApproval')}`
              : ''}
          </Notice>
        ) : null}
        {view.isUnfinished ? <Notice mood="wait">{say('unfinished')}</Notice> : null}
        {view.canEdit || view.isUnfinished ? null : (
          <p class="quiet small">{say(view.mayEdit ? 'readOnlyState' : 'readOnlyRole')}</p>
        )}
      </div>
    </div>
  );
}

function When({ look }: { look: Look }) {
  const { say, view, language, now } = look;
  const { edition } = view;
  if (edition.sent_at) return <>{say('sentAt', { when: away(edition.sent_at, now, language) })}</>;
  // An approved one has its countdown beside what takes that back.
  if (edition.state !== 'draft' && edition.state !== 'review') return null;
  // Nothing goes out that is not built.
  if (edition.state === 'draft' && !edition.built_at) return null;
  if (edition.scheduled_for <= now)
    return <>{say('wasDue', { when: away(edition.scheduled_for, now, language) })}</>;
  return (
    <>
      {say('goesOutIn')}{' '}
      <span id={`until-${edition.scheduled_for.getTime()}`} hx-morph-skip="">
        <Countdown to={edition.scheduled_for}>{until(edition.scheduled_for, now, language)}</Countdown>
      </span>
    </>
  );
}

/** Takes the latest change back, or does it again. */
function Step({ look, way }: { look: Look; way: 'undo' | 'redo' }) {
  const { say, view, language } = look;
  const step = view[way];
  const action = `${look.at}/${way}`;
  const isAllowed = !step || concernsThis(view, step.kind);
  return (
    <form method="post" action={action} {...asPiece(look, action)}>
      <Csrf token={look.csrf} />
      <input type="hidden" name="base" value={view.edition.version} />
      <Button
        kind="plain"
        icon={way}
        id={way}
        label={say(way)}
        title={
          !step
            ? say(way)
            : isAllowed
              ? say(step.user.name === view.me ? `${way}What` : `${way}Theirs`, {
                  who: step.user.name,
                  what: worded(step.summary, changeSummaries, language).text,
                })
              : say('concernsAll')
        }
        disabled={!step || !isAllowed}
        data-key={way === 'undo' ? 'mod+z' : 'mod+Z'}
      />
    </form>
  );
}
