/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import type { RouteSettings } from '../../../delivery/routes.ts';
import type { Newsletter } from '../../../editions/newsletters.ts';
import { Button, Card, Csrf, Notice, State } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { stampOf } from '../seen.ts';
import { type DeskLanguage, number, speaking } from '../words/words.ts';
import type { Key, Mistakes, Say, Values } from './form-values.ts';
import type { InboxLine } from './inbox-line.ts';
import { MistakesNotice } from './mistakes-notice.tsx';
import { isZone, nextTimes, scheduleFrom } from './schedule-form.ts';
import {
  AudienceForm,
  type Choices,
  ContentForm,
  ControlForm,
  IdentityForm,
  InboxPreview,
  NextTimes,
  nameOf,
  ScheduleForm,
  SendingForm,
  SubjectTestForm,
  TrackingForm,
} from './section-forms.tsx';
import { type Connected, type SectionName, sectionNames, sections } from './sections.ts';
import { NewsletterTabs } from './tabs.tsx';
import { newsletterTexts } from './words.ts';

/** All that the page of a newsletter's settings shows. */
export interface Settings {
  newsletter: Newsletter;
  connected: Connected;
  choices: Choices;
  routes: (RouteSettings & { list?: string })[];
  line: InboxLine;
  now: Date;
  /** Whoever looks may change them. */
  mayChange: boolean;
}

/** What came of a form. */
export interface Tried {
  section: SectionName;
  values: Values;
  mistakes: Mistakes;
}

/** `/desk/newsletters/SLUG`: its settings, in sections that are saved one by one. */
export function SettingsPage({
  c,
  settings,
  tried,
  done,
}: {
  c: DeskCall;
  settings: Settings;
  tried?: Tried;
  done?: string;
}) {
  const { language } = c.var;
  const say = speaking(newsletterTexts, language);
  const { newsletter, mayChange } = settings;
  const notice = (['pauseDone', 'resumeDone', 'created'] as const).find((each) => each === done);
  return (
    <DeskPage
      c={c}
      title={newsletter.name}
      place="newsletters"
      scripts={['newsletters']}
      crumbs={[['/desk/newsletters', say('newsletters')]]}
      sub={
        <>
          {newsletter.slug} {newsletter.paused ? <State mood="wait">{say('paused')}</State> : null}
        </>
      }
    >
      <NewsletterTabs newsletter={newsletter} current="settings" language={language} />
      {notice ? <Notice mood={notice === 'pauseDone' ? 'plain' : 'good'}>{say(notice)}</Notice> : null}
      {mayChange ? null : <Notice>{say('onlyAdmins')}</Notice>}
      <div class="settings">
        {sectionNames.map((name) => (
          <SectionCard
            c={c}
            settings={settings}
            name={name}
            tried={tried?.section === name ? tried : undefined}
            saved={done === name}
          />
        ))}
        {mayChange ? <End c={c} newsletter={newsletter} say={say} /> : null}
      </div>
    </DeskPage>
  );
}

/** A section by itself, folded to a line that says how it stands, unless it was just tried or saved. */
export function SectionCard({
  c,
  settings,
  name,
  tried,
  saved,
}: {
  c: DeskCall;
  settings: Settings;
  name: SectionName;
  tried?: Tried;
  saved?: boolean;
}) {
  const { language, session } = c.var;
  const say = speaking(newsletterTexts, language);
  const { newsletter, connected, mayChange } = settings;
  const here = `/desk/newsletters/${newsletter.slug}`;
  const values = tried?.values ?? sections[name].values(newsletter, connected);
  const mistakes = tried?.mistakes ?? {};
  return (
    <section class="card settings-card" id={name} aria-labelledby={`${name}-heading`}>
      <details open={tried !== undefined || saved}>
        <summary>
          <h2 id={`${name}-heading`}>{say(name)}</h2>
          <span class="gist">{gistOf({ settings, name, say, language })}</span>
        </summary>
        <p class="quiet small">{say(`${name}Text` as Key)}</p>
        {mayChange ? (
          <form
            class="stack"
            method="post"
            action={`${here}/${name}`}
            hx-post={`${here}/${name}`}
            hx-target={`#${name}`}
            hx-swap="outerHTML"
            novalidate
          >
            <Csrf token={session.csrf} />
            <input
              type="hidden"
              name="seen"
              value={values.seen?.[0] ?? stampOf(sections[name].values(newsletter, connected))}
            />
            {saved ? <Notice mood="good">{say('saved')}</Notice> : null}
            <MistakesNotice {...{ mistakes, say }} />
            <Fields {...{ settings, name, values, mistakes, say, language }} />
            <div>
              <Button kind="main">{say('save')}</Button>
            </div>
          </form>
        ) : (
          <ReadOnly {...{ settings, name, values, say, language }} />
        )}
      </details>
    </section>
  );
}

/** The rows of a section that say the most about it. */
const gistRows: Record<SectionName, Key[]> = {
  identity: ['fromName', 'fromAddress'],
  schedule: ['often', 'timeZone', 'deliverAt'],
  audience: ['lists', 'segment'],
  content: ['inInbox'],
  subjectTest: ['tested', 'patterns'],
  control: ['mode'],
  tracking: ['privacy'],
  sending: ['onUncertain'],
};

/** How a section stands, in a line. */
function gistOf({ settings, name, say, language }: Omit<FieldsProps, 'mistakes' | 'values'>): Child {
  const values = sections[name].values(settings.newsletter, settings.connected);
  const told = rowsOf({ settings, name, values, say, language }).filter(
    ([key, value]) => gistRows[name].includes(key) && value,
  );
  return told.map(([, value], at) => (
    <>
      {at > 0 ? ' · ' : null}
      {value}
    </>
  ));
}

interface FieldsProps {
  settings: Settings;
  name: SectionName;
  values: Values;
  mistakes: Mistakes;
  say: Say;
  language: DeskLanguage;
}

function Fields({ settings, name, ...rest }: FieldsProps) {
  const { newsletter, choices, routes, line, now } = settings;
  const here = `/desk/newsletters/${newsletter.slug}`;
  const props = { ...rest, at: name };
  switch (name) {
    case 'identity':
      return <IdentityForm {...props} />;
    case 'schedule':
      return (
        <ScheduleForm
          {...props}
          zones={choices.zones}
          next={<TimesOf values={rest.values} now={now} say={rest.say} language={rest.language} />}
        />
      );
    case 'audience':
      return <AudienceForm {...props} choices={choices} reach={`${here}/reach`} />;
    case 'content':
      return (
        <ContentForm
          {...props}
          here={here}
          slug={newsletter.slug}
          line={<InboxPreview line={line} from={newsletter.from_name} say={rest.say} />}
        />
      );
    case 'subjectTest':
      return <SubjectTestForm {...props} />;
    case 'control':
      return <ControlForm {...props} />;
    case 'tracking':
      return <TrackingForm {...props} />;
    case 'sending':
      return <SendingForm {...props} routes={<Routes routes={routes} say={rest.say} />} />;
  }
}

/** The next times of a schedule as a form has it. */
export function TimesOf({
  values,
  now,
  say,
  language,
}: {
  values: Values;
  now: Date;
  say: Say;
  language: DeskLanguage;
}) {
  const mistakes: Mistakes = {};
  const schedule = scheduleFrom(values, say, mistakes);
  if (!schedule) return <p class="quiet small">{Object.values(mistakes)[0]}</p>;
  const { cron, timeZone } = schedule;
  return <NextTimes times={nextTimes(cron, timeZone, now)} zone={timeZone} say={say} language={language} />;
}

function Routes({ routes, say }: { routes: Settings['routes']; say: Say }) {
  return (
    <div class="stack tight">
      <p class="label">{say('routes')}</p>
      <ul class="bullets">
        {routes.length === 0 ? <li>{say('defaultRoute')}</li> : null}
        {routes.map(({ name, fromDomain, list, active }) => (
          <li>
            {name}
            {fromDomain ? `, ${say('routeFrom', { domain: fromDomain })}` : null}
            {list ? `, ${say('routeList', { list })}` : null}
            {active ? null : (
              <>
                {' '}
                <State mood="plain">{say('routeOff')}</State>
              </>
            )}
          </li>
        ))}
      </ul>
      <p class="quiet small">{say('routesText')}</p>
    </div>
  );
}

/** A section as those see it who may not change it. */
function ReadOnly({ settings, name, values, say, language }: Omit<FieldsProps, 'mistakes'>) {
  return (
    <>
      <dl class="pairs">
        {rowsOf({ settings, name, values, say, language }).map(([key, value]) => (
          <div>
            <dt>{say(key)}</dt>
            <dd>{value || say('nothing')}</dd>
          </div>
        ))}
      </dl>
      {name === 'schedule' && isZone(settings.newsletter.time_zone) ? (
        <div class="times">
          <TimesOf values={values} now={settings.now} say={say} language={language} />
        </div>
      ) : null}
    </>
  );
}

function rowsOf({ settings, name, values, say, language }: Omit<FieldsProps, 'mistakes'>): [Key, Child][] {
  const { newsletter, choices, routes, line } = settings;
  const text = (field: string) => values[field]?.[0] ?? '';
  const yes = (field: string) => say(values[field]?.length ? 'yes' : 'no');
  const named = (all: { id: number; name: string }[], field: string) =>
    all
      .filter(({ id }) => values[field]?.includes(String(id)))
      .map((each) => each.name)
      .join(', ');
  switch (name) {
    case 'identity':
      return (['name', 'description', 'fromName', 'fromAddress', 'replyTo'] as const).map((each) => [
        each,
        text(each),
      ]);
    case 'schedule':
      return [
        ['often', scheduleInWords(newsletter, say, language)],
        ['timeZone', text('timeZone')],
        ['deliverAt', text('deliverAt')],
        ['catchUp', say(text('catchUp') === 'skip' ? 'skip' : 'latest')],
      ];
    case 'audience':
      return [
        ['lists', named(choices.lists, 'lists')],
        ['segment', named(choices.segments, 'segment') || say('everybody')],
        ['sources', named(choices.sources, 'sources') || say('allSources')],
      ];
    case 'content':
      return [
        ['subject', <code>{text('subject')}</code>],
        ['preheader', text('preheader') ? <code>{text('preheader')}</code> : ''],
        ['inInbox', 'subject' in line ? line.subject : line.problem],
        ['language', nameOf(text('language'))],
        ['languages', (values.languages ?? []).map(nameOf).join(', ')],
      ];
    case 'subjectTest':
      return newsletter.subject_test === null
        ? [['tested', say('no')]]
        : [
            ['patterns', text('patterns')],
            ['testShare', text('share')],
            ['testWait', text('waitMinutes')],
            ['testBy', say(text('by') === 'opens' ? 'byOpens' : 'byClicks')],
          ];
    case 'control':
      return [
        ['mode', say(text('mode') === 'automatic' ? 'modeAutomatic' : 'modeApproval')],
        ['undoSeconds', text('undoSeconds')],
        ['block', say(text('block') === 'nothing' ? 'blockNothing' : 'blockErrors')],
        ['checkLinks', yes('links')],
        ['ignore', (values.ignore ?? []).join(', ')],
      ];
    case 'tracking':
      return [
        ['privacy', say(text('privacy') as 'off' | 'aggregate' | 'individual')],
        ['clicks', yes('clicks')],
        ['opens', yes('opens')],
        ['utm', yes('utm')],
      ];
    case 'sending':
      return [
        ['onUncertain', say(text('onUncertain') === 'resend' ? 'resend' : 'skipIt')],
        ['retryMinutes', number(Number(text('retryMinutes')), language)],
        [
          'stopRates',
          say('stopRatesSum', {
            bounces: decimal(text('stopBounces'), language),
            complaints: decimal(text('stopComplaints'), language),
            after: number(Number(text('stopAfter')), language),
          }),
        ],
        ['routes', routes.map((route) => route.name).join(', ') || say('defaultRoute')],
      ];
  }
}

const decimal = (text: string, language: DeskLanguage) =>
  number(Number(text), language, { maximumFractionDigits: 6 });

/** A schedule in words: "Monday to Friday, 07:00"; what has no words as it is written. */
export function scheduleInWords(
  { cron, time_zone }: Pick<Newsletter, 'cron' | 'time_zone'>,
  say: Say,
  language: DeskLanguage,
): string {
  const values = sections.schedule.values(
    { cron, time_zone, deliver_at: null, catch_up: 'latest' } as Newsletter,
    { listIds: [], sourceIds: [] },
  );
  const often = values.often?.[0];
  if (often === 'cron') return cron;
  const days =
    often === 'someDays'
      ? (values.days ?? [])
          .map((day) =>
            new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(
              new Date(Date.UTC(1970, 0, 4 + Number(day))),
            ),
          )
          .join(', ')
      : say(often === 'weekdays' ? 'weekdays' : 'daily');
  return `${days}, ${values.time?.[0]}`;
}

function End({ c, newsletter, say }: { c: DeskCall; newsletter: Newsletter; say: Say }) {
  const here = `/desk/newsletters/${newsletter.slug}`;
  return (
    <Card id="end" title={say('end')}>
      <div class="stack">
        <p>{say('pauseText')}</p>
        <div class="row">
          <form method="post" action={`${here}/${newsletter.paused ? 'resume' : 'pause'}`}>
            <Csrf token={c.var.session.csrf} />
            <Button>{say(newsletter.paused ? 'resume' : 'pause')}</Button>
          </form>
          <Button href={`${here}/remove`} kind="danger">
            {say('remove')}
          </Button>
        </div>
      </div>
    </Card>
  );
}
