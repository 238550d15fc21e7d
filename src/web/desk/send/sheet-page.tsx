/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import type { Audience } from '../../../delivery/plan.ts';
import type { Finding } from '../../../rendering/checks/finding.ts';
import { Button, Card, EditionStateChip, type Mood, Notice } from '../design/components.tsx';
import { Icon } from '../design/icons.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { findingSayings } from '../sayings/findings.ts';
import { stateReasons } from '../sayings/states.ts';
import { Told } from '../sayings/told.tsx';
import { type DeskLanguage, moment, number, speaking } from '../words/words.ts';
import { zoneName } from '../zone.ts';
import { Act } from './act.tsx';
import type { Chosen, PartProps } from './part.ts';
import { type Sheet, startOf } from './sheet.ts';
import { Tests } from './tests-form.tsx';
import { UnusualList } from './unusual.tsx';
import { Who } from './who.tsx';
import { sendTexts } from './words.ts';

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
  chosen?: Chosen;
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
