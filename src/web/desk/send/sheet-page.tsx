/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import type { Audience } from '../../../delivery/plan.ts';
import { mostTestAddresses } from '../../../delivery/test-mail.ts';
import type { Finding } from '../../../rendering/checks/finding.ts';
import {
  Area,
  Button,
  Card,
  Check,
  Csrf,
  Dialog,
  EditionStateChip,
  Input,
  type Mood,
  Notice,
} from '../design/components.tsx';
import { Icon } from '../design/icons.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { findingSayings } from '../sayings/findings.ts';
import { stateReasons } from '../sayings/states.ts';
import { Told } from '../sayings/told.tsx';
import { zoneName } from '../today/upcoming-list.tsx';
import { away, type DeskLanguage, moment, number, type Speak, speaking } from '../words/words.ts';
import { Leaving, Press } from './panel.tsx';
import { type Sheet, startOf } from './sheet.ts';
import { UnusualList } from './unusual.tsx';
import { wallClock } from './wall-clock.ts';
import { Who } from './who.tsx';
import { sendTexts } from './words.ts';

export type Say = Speak<keyof typeof sendTexts.en>;

/** What the page says before all else: what became of a press. */
export interface Said {
  mood: Mood;
  text: Child;
}

export interface SheetPageProps {
  c: DeskCall;
  sheet: Sheet;
  audience: Audience | undefined;
  now: Date;
  said?: Said[];
  /** What was chosen and could not be done. */
  chosen?: { when: string; at: string };
  /** What was written into the seed list and could not be kept. */
  seeds?: string;
}

/** `/desk/editions/ID/send`: who gets it, when, by which way, what is unusual; and what sends it. */
export function SheetPage({ c, sheet, audience, now, said = [], chosen, seeds }: SheetPageProps) {
  const { language } = c.var;
  const say = speaking(sendTexts, language);
  const { edition, newsletter } = sheet;
  const at = `/desk/editions/${edition.id}`;
  const zone = zoneName(newsletter.timeZone);
  const asked = startOf(edition);
  const start = asked > now ? asked : now;
  const isOpen = ['draft', 'review', 'approved', 'paused'].includes(edition.state);
  return (
    <DeskPage
      c={c}
      title={`${say('title')}: ${newsletter.name}`}
      place="editions"
      scripts={['today']}
      heading={
        <div class="head sheet-head">
          <div>
            <p class="crumbs">
              <a href="/desk/editions">{say('editions')}</a> / <a href={at}>{newsletter.name}</a>
            </p>
            <h1>{edition.subject || newsletter.name}</h1>
            <p class="sub row">
              <EditionStateChip state={edition.state} language={language} />
              <span>
                {newsletter.name} · {moment(edition.scheduled_for, language, newsletter.timeZone)} ({zone})
              </span>
            </p>
          </div>
          <div class="row">
            <Button href={at} icon="edit" data-key="e">
              {say('openEdition')}
            </Button>
          </div>
        </div>
      }
    >
      {said.map(({ mood, text }) => (
        <Notice mood={mood}>{text}</Notice>
      ))}
      {edition.state_reason && edition.state !== 'sent' ? (
        <Notice mood={edition.state === 'skipped' || edition.state === 'cancelled' ? 'plain' : 'wait'}>
          <p>
            <Told text={edition.state_reason} sayings={stateReasons} language={language} sentence />
          </p>
          {edition.state === 'review' && edition.state_reason.startsWith('changed after approval') ? (
            <p>{say('fellBack')}</p>
          ) : null}
        </Notice>
      ) : null}
      <div class="sheet-columns">
        <div class="stack">
          {isOpen ? (
            <>
              <Card id="who-card" title={say('who')}>
                <Who sheet={sheet} audience={audience} language={language} start={start} />
                <dl class="pairs">
                  <div>
                    <dt>{say('lists')}</dt>
                    <dd>{newsletter.lists.length > 0 ? newsletter.lists.join(', ') : say('noLists')}</dd>
                  </div>
                </dl>
                <p class="quiet small">
                  {newsletter.segment ? say('segment', { name: newsletter.segment }) : say('everybody')}
                </p>
              </Card>
              <Card id="unusual-card" title={say('unusual')}>
                <UnusualList sheet={sheet} audience={audience} language={language} />
              </Card>
              <Card
                id="checks-card"
                title={say('checks')}
                aside={sheet.findings.length > 0 ? <a href={`${at}/checks`}>{say('allChecks')}</a> : null}
              >
                <Findings sheet={sheet} say={say} language={language} />
              </Card>
            </>
          ) : null}
          <Card id="how-card" title={say('how')}>
            <How
              sheet={sheet}
              say={say}
              size={sheet.bytes === undefined ? undefined : number(Math.round(sheet.bytes / 1024), language)}
            />
          </Card>
        </div>
        <div class="stack side">
          <section class="card sheet-act" aria-labelledby="act-title">
            <Act {...{ c, sheet, now, start, chosen, say }} />
          </section>
          {isOpen && sheet.mayEdit ? (
            <Card id="test-card" title={say('test')}>
              <Tests {...{ c, sheet, say, seeds }} />
            </Card>
          ) : null}
        </div>
      </div>
    </DeskPage>
  );
}

interface PartProps {
  c: DeskCall;
  sheet: Sheet;
  say: Say;
}

/** What can be done with it now. */
function Act({
  c,
  sheet,
  now,
  start,
  chosen,
  say,
}: PartProps & { now: Date; start: Date; chosen: SheetPageProps['chosen'] }) {
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
              <Button icon="undo" kind="main" data-key="u">
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

function ApproveForm({
  c,
  sheet,
  say,
  now,
  chosen,
}: PartProps & { now: Date; chosen: SheetPageProps['chosen'] }) {
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

const mostFindings = 6;
const icons = { error: 'error', warning: 'warning', hint: 'info' } as const;

function Findings({ sheet, say, language }: Omit<PartProps, 'c'> & { language: DeskLanguage }) {
  const { findings, problem } = sheet;
  const page = `/desk/editions/${sheet.edition.id}/send?wait=1`;
  if (!sheet.isSettled)
    return (
      <p
        class="quiet"
        role="status"
        hx-get={page}
        hx-trigger="load"
        hx-select=".sheet-columns"
        hx-target=".sheet-columns"
        hx-swap="outerHTML"
      >
        {say('settling')} <a href={page}>{say('lookAgain')}</a>
      </p>
    );
  if (problem) return <Notice mood="bad">{say('problem', { problem })}</Notice>;
  const told = findings.filter(({ severity }) => severity !== 'hint');
  if (told.length === 0)
    return (
      <p class="fine">
        <Icon name="check" size={16} />
        {findings.length === 0 ? (
          say('checksFine')
        ) : (
          <span>
            {say('noErrors')};{' '}
            <a href={`/desk/editions/${sheet.edition.id}/checks`}>
              {say('hints', { count: findings.length })}
            </a>
          </span>
        )}
      </p>
    );
  const count = (severity: Finding['severity']) => told.filter((each) => each.severity === severity).length;
  const alike = [
    ...Map.groupBy(told, ({ severity, message, mend }) => JSON.stringify([severity, message, mend])).values(),
  ].flatMap((group) => (group[0] ? [{ finding: group[0], times: group.length }] : []));
  return (
    <div class="stack tight">
      <p class="small quiet">
        {[
          count('error') > 0 && say('errors', { count: count('error') }),
          count('warning') > 0 && say('warnings', { count: count('warning') }),
        ]
          .filter(Boolean)
          .join(', ')}
      </p>
      <ul class="findings">
        {alike.slice(0, mostFindings).map(({ finding: { severity, message, mend }, times }) => (
          <li class={severity}>
            <Icon name={icons[severity]} size={16} />
            <div>
              <p>
                <Told text={message} sayings={findingSayings} language={language} />{' '}
                {times > 1 ? <span class="tag">× {times}</span> : null}
              </p>
              <p class="quiet small">
                <Told text={mend} sayings={findingSayings} language={language} />
              </p>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

function How({ sheet, say, size }: Omit<PartProps, 'c'> & { size: string | undefined }) {
  const { edition, way } = sheet;
  const domain = way.fromAddress.split('@')[1] ?? '';
  return (
    <dl class="pairs">
      <Pair name={say('subject')}>{edition.subject}</Pair>
      <Pair name={say('preheader')}>{edition.preheader || <span class="quiet">{say('none')}</span>}</Pair>
      <Pair name={say('from')}>
        {way.fromName} &lt;{way.fromAddress}&gt;
      </Pair>
      {way.replyTo ? <Pair name={say('replyTo')}>{way.replyTo}</Pair> : null}
      <Pair name={say('domain')}>{domain}</Pair>
      <Pair name={say(way.routes.length > 1 ? 'routes' : 'route')}>
        {way.isCaught ? (
          say('caught')
        ) : way.routes.length === 0 ? (
          <span class="error-line">{say('noRoute')}</span>
        ) : (
          way.routes.map(({ name, host }) => (name ? `${name} (${host})` : host)).join(', ')
        )}
      </Pair>
      {size === undefined ? null : <Pair name={say('size')}>{say('kilobytes', { size })}</Pair>}
    </dl>
  );
}

const Pair = ({ name, children }: { name: string; children: Child }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

function Tests({ c, sheet, say, seeds }: PartProps & { seeds: string | undefined }) {
  const { session } = c.var;
  const { edition, newsletter } = sheet;
  const at = `/desk/editions/${edition.id}`;
  return (
    <div class="stack">
      <p class="quiet small">{say('testHint')}</p>
      <div class="stack tight">
        <Press session={session} action={`${at}/test`} fields={{ to: 'me' }} stays>
          <Button data-key="t">{say('testMe')}</Button>
        </Press>
        <p class="quiet small cut">{say('testMeTo', { email: session.user.email })}</p>
      </div>
      {sheet.seeds.length > 0 ? (
        <div class="stack tight">
          <Press session={session} action={`${at}/test`} fields={{ to: 'seeds' }} stays>
            <Button>{say('testSeeds')}</Button>
          </Press>
          <p class="quiet small">{say('testSeedsCount', { count: sheet.seeds.length })}</p>
        </div>
      ) : null}
      <details class="fold" open={seeds !== undefined}>
        <summary>{say('seeds')}</summary>
        <form class="stack tight" method="post" action={`${at}/seeds`}>
          <Csrf token={session.csrf} />
          <Area
            id="seeds"
            label={say('seeds')}
            hint={say('seedsHint', { most: mostTestAddresses })}
            value={seeds ?? sheet.seeds.join('\n')}
            rows={4}
            spellcheck={false}
          />
          <div class="row">
            <Button little>{say('saveSeeds')}</Button>
          </div>
        </form>
      </details>
      {sheet.mayAdminister ? (
        <details class="fold">
          <summary>{say('undoTitle')}</summary>{' '}
          <form class="row undo-time" method="post" action={`${at}/undo-time`}>
            <Csrf token={session.csrf} />
            <Input
              id="seconds"
              type="number"
              label={say('undoTime')}
              hint={say('undoHint')}
              value={newsletter.undoSeconds}
              min={0}
              max={3600}
            />
            <Button little>{say('saveUndo')}</Button>
          </form>
        </details>
      ) : null}
    </div>
  );
}
