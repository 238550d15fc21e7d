/** @jsxImportSource hono/jsx */
import { Button, Check, Csrf, Dialog, Input, Notice } from '../design/components.tsx';
import { away, moment, number } from '../words/words.ts';
import { zoneName } from '../zone.ts';
import { Leaving, Press } from './panel.tsx';
import type { Chosen, PartProps } from './part.ts';
import { wallClock } from './wall-clock.ts';

/** What can be done with it now. */
export function Act({
  c,
  sheet,
  now,
  start,
  chosen,
  say,
}: PartProps & { now: Date; start: Date; chosen: Chosen | undefined }) {
  const { session, language } = c.var;
  const { edition, newsletter, approvedBy, mayApprove } = sheet;
  const at = `/desk/editions/${edition.id}`;
  const time = (instant: Date) => moment(instant, language, newsletter.timeZone);
  const zone = zoneName(newsletter.timeZone);
  const { state } = edition;
  const ends =
    mayApprove && ['draft', 'review', 'approved', 'sending', 'paused'].includes(state) ? (
      <Cancelling {...{ c, sheet, say }} />
    ) : null;
  if (state === 'review')
    return (
      <>
        <h2 id="act-title">{say('ready')}</h2>
        {mayApprove ? (
          <ApproveForm {...{ c, sheet, say, now, chosen }} />
        ) : (
          <p class="quiet">{say('noRightApprove')}</p>
        )}
        {ends}
      </>
    );
  if (state === 'approved')
    return (
      <>
        <h2 id="act-title">
          {approvedBy
            ? say('approvedBy', { name: approvedBy.name, away: away(approvedBy.at, now, language) })
            : say('approved')}
        </h2>
        <Leaving edition={edition} language={language} now={now} />
        {newsletter.deliverAt ? (
          <p>{say('perReader', { time: newsletter.deliverAt })}</p>
        ) : (
          <p class="quiet">
            {time(start)} ({zone})
          </p>
        )}
        {mayApprove ? (
          <div class="row">
            <Press session={session} action={`${at}/withdraw`}>
              <Button icon="undo" kind="main">
                {say('undo')}
              </Button>
            </Press>
            <Press session={session} action={`${at}/hold`}>
              <Button icon="hold">{say('hold')}</Button>
            </Press>
          </div>
        ) : null}
        {ends}
      </>
    );
  if (state === 'sending' || state === 'paused')
    return (
      <>
        <h2 id="act-title">{say(state === 'sending' ? 'isSending' : 'isPaused')}</h2>
        {edition.planned_at ? <a href="/desk">{say('followIt')}</a> : null}
        {mayApprove ? (
          <div class="row">
            {state === 'sending' ? (
              <Press session={session} action={`${at}/hold`}>
                <Button icon="hold">{say('hold')}</Button>
              </Press>
            ) : (
              <Press session={session} action={`${at}/resume`}>
                <Button icon="play" kind="main">
                  {say('resume')}
                </Button>
              </Press>
            )}
          </div>
        ) : null}
        {ends}
      </>
    );
  return (
    <>
      <h2 id="act-title">
        {state === 'sent'
          ? say('isSent', {
              time: time(edition.sent_at ?? edition.scheduled_for),
              zone,
              count: number(edition.planned_count ?? 0, language),
            })
          : say(state === 'draft' ? 'isDraft' : state === 'skipped' ? 'isSkipped' : 'isCancelled')}
      </h2>
      {ends}
    </>
  );
}

function ApproveForm({ c, sheet, say, now, chosen }: PartProps & { now: Date; chosen: Chosen | undefined }) {
  const { session, language } = c.var;
  const { edition, newsletter } = sheet;
  const zone = zoneName(newsletter.timeZone);
  const scheduled = edition.scheduled_for;
  const isAhead = scheduled > now;
  const when = chosen?.when ?? (isAhead ? 'scheduled' : 'now');
  const other =
    chosen?.at || wallClock(new Date((isAhead ? scheduled : now).getTime() + 3_600_000), newsletter.timeZone);
  return (
    <form class="stack" method="post" action={`/desk/editions/${edition.id}/approve`}>
      <Csrf token={session.csrf} />
      <input type="hidden" name="version" value={edition.version} />
      <fieldset class="stack tight">
        <legend>{say('whenChoice')}</legend>
        {isAhead ? (
          <Check
            type="radio"
            name="when"
            value="scheduled"
            checked={when === 'scheduled'}
            hint={
              <span data-countdown={scheduled.toISOString()} data-passes="">
                {away(scheduled, now, language)}
              </span>
            }
          >
            {say('atScheduled', { time: moment(scheduled, language, newsletter.timeZone), zone })}
          </Check>
        ) : null}
        <Check
          type="radio"
          name="when"
          value="now"
          checked={when === 'now' || (when === 'scheduled' && !isAhead)}
          hint={
            newsletter.undoSeconds > 0
              ? say('soonHint', { count: newsletter.undoSeconds })
              : say('soonAtOnce')
          }
        >
          {say('soon')}
        </Check>
        <Check type="radio" name="when" value="at" checked={when === 'at'}>
          {say('atOther')}
        </Check>
        <div class="other-time">
          {' '}
          <Input
            id="at"
            type="datetime-local"
            label={say('otherTime', { zone })}
            value={other}
            min={wallClock(now, newsletter.timeZone)}
          />
        </div>
      </fieldset>
      {newsletter.deliverAt ? (
        <p class="quiet small">{say('perReader', { time: newsletter.deliverAt })}</p>
      ) : null}
      <div id="passed" hidden>
        <Notice mood="wait">{say('passedLive')}</Notice>
      </div>
      <Button
        kind="main"
        icon="send"
        disabled={sheet.isBlocked || sheet.problem !== undefined || !sheet.isSettled}
        data-key="mod+Enter"
      >
        {say('approve')}
      </Button>
      {sheet.isBlocked ? <p class="error-line">{say('blocked')}</p> : null}
    </form>
  );
}

function Cancelling({ c, sheet, say }: PartProps) {
  const { edition } = sheet;
  return (
    <>
      <div class="row ends-quiet">
        <Button type="button" kind="plain" icon="remove" data-dialog="cancel">
          {say('cancel')}
        </Button>
        <noscript>
          <Press session={c.var.session} action={`/desk/editions/${edition.id}/cancel`}>
            <Button kind="danger" little>
              {say('cancel')}
            </Button>
          </Press>
        </noscript>
      </div>
      <Dialog id="cancel" title={say('cancelTitle')}>
        <p>{say(edition.planned_at ? 'cancelRunning' : 'cancelText')}</p>
        <div class="ends">
          <Button type="button" data-close="">
            {say('keepIt')}
          </Button>
          <Press session={c.var.session} action={`/desk/editions/${edition.id}/cancel`}>
            <Button kind="danger">{say('cancel')}</Button>
          </Press>
        </div>
      </Dialog>
    </>
  );
}
