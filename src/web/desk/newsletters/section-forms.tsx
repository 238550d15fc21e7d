/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import { checkIds } from '../../../editions/check-settings.ts';
import { languages } from '../../../rendering/words.ts';
import { languageNames } from '../../words/words.ts';
import { Area, Check, Input, Select } from '../design/components.tsx';
import { type DeskLanguage, moment } from '../words/words.ts';
import { zoneName } from '../zone.ts';
import type { Mistakes, Say, Values } from './form-values.ts';
import type { InboxLine } from './inbox-line.ts';
import { weekdays } from './schedule-form.ts';

/** What there is to choose from. */
export interface Choices {
  lists: { id: number; name: string; slug: string }[];
  segments: { id: number; name: string }[];
  sources: { id: number; name: string }[];
  zones: string[];
}

export interface FormProps {
  /** Before the ids of its fields, which are on a page with those of other sections. */
  at: string;
  values: Values;
  mistakes: Mistakes;
  say: Say;
  language: DeskLanguage;
}

/** What a field has in common with all others. */
const field = ({ at, values, mistakes }: FormProps, name: string) => ({
  id: `${at}-${name}`,
  name,
  value: values[name]?.[0] ?? '',
  error: mistakes[name],
});

const isOn = ({ values }: FormProps, name: string) => values[name]?.[0] !== undefined;

/** Boxes or circles of which some are chosen, with a mistake beneath. */
function Choice({
  legend,
  hint,
  error,
  children,
}: {
  legend: Child;
  hint?: Child;
  error?: string;
  children: Child;
}) {
  return (
    <fieldset class="stack tight">
      <legend>{legend}</legend>
      {children}
      {hint ? <p class="quiet small">{hint}</p> : null}
      {error ? (
        <p class="field-error" role="alert">
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}

/** What a newsletter is called and from whom it comes. */
export function IdentityForm(props: FormProps) {
  const { say } = props;
  return (
    <>
      <Input label={say('name')} maxlength={300} required {...field(props, 'name')} />
      <Input label={say('description')} maxlength={300} {...field(props, 'description')} />
      <div class="grid">
        <Input label={say('fromName')} maxlength={300} {...field(props, 'fromName')} />
        <Input
          label={say('fromAddress')}
          hint={say('fromAddressHint')}
          type="email"
          required
          spellcheck={false}
          {...field(props, 'fromAddress')}
        />
        <Input label={say('replyTo')} hint={say('replyToHint')} type="email" {...field(props, 'replyTo')} />
      </div>
    </>
  );
}

/** How often and when, with the next times that come of it. */
export function ScheduleFields(props: FormProps & { zones: string[]; next: Child }) {
  const { say, values, at, mistakes, language, zones, next } = props;
  const often = values.often?.[0] ?? 'daily';
  return (
    <div class="schedule">
      <div
        class="stack"
        hx-post="/desk/newsletters/times"
        hx-trigger="input delay:250ms"
        hx-include="closest form"
        hx-target={`#${at}-times`}
        hx-swap="innerHTML"
        data-schedule=""
      >
        <Select
          label={say('often')}
          options={(['daily', 'weekdays', 'someDays', 'cron'] as const).map((each) => [each, say(each)])}
          {...field(props, 'often')}
          value={often}
        />
        <div data-often="someDays" data-only={often === 'someDays' ? 'yes' : 'no'}>
          <Choice legend={say('days')} error={mistakes.days}>
            <div class="row">
              {weekdays.map((day) => (
                <Check name="days" value={day} checked={values.days?.includes(day)}>
                  {dayName(Number(day), language)}
                </Check>
              ))}
            </div>
          </Choice>
        </div>
        <div class="grid">
          <div data-often="daily weekdays someDays" data-only={often === 'cron' ? 'no' : 'yes'}>
            <Input label={say('time')} type="time" {...field(props, 'time')} />
          </div>
          <div data-often="cron" data-only={often === 'cron' ? 'yes' : 'no'}>
            <Input
              label={say('cronExpression')}
              hint={say('cronHint')}
              spellcheck={false}
              {...field(props, 'cron')}
            />
          </div>
          <Input
            label={say('timeZone')}
            hint={say('timeZoneHint')}
            list={`${at}-zones`}
            spellcheck={false}
            data-zone=""
            {...field(props, 'timeZone')}
          />
        </div>
        <datalist id={`${at}-zones`}>
          {zones.map((zone) => (
            <option value={zone} />
          ))}
        </datalist>
      </div>
      <div class="times" id={`${at}-times`} aria-live="polite">
        {next}
      </div>
    </div>
  );
}

// 4 January 1970 was a Sunday.
const dayName = (day: number, language: DeskLanguage) =>
  new Intl.DateTimeFormat(language, { weekday: 'short', timeZone: 'UTC' }).format(
    new Date(Date.UTC(1970, 0, 4 + day)),
  );

/** The next times of a schedule, in its zone. */
export function NextTimes({
  times,
  zone,
  say,
  language,
}: {
  times: Date[];
  zone: string;
  say: Say;
  language: DeskLanguage;
}) {
  return (
    <>
      <p class="label">{say('nextFive')}</p>
      {times.length === 0 ? (
        <p class="quiet">{say('never')}</p>
      ) : (
        <ol>
          {times.map((time) => (
            <li>
              <time datetime={time.toISOString()}>
                {`${moment(time, language, zone, { year: 'numeric' })} (${zoneName(zone)})`}
              </time>
            </li>
          ))}
        </ol>
      )}
    </>
  );
}

/** When it goes out. @param props `next`: what shows its next times */
export function ScheduleForm(props: FormProps & { zones: string[]; next: Child }) {
  const { say } = props;
  return (
    <>
      <ScheduleFields {...props} />
      <div class="grid">
        <Input
          label={say('deliverAt')}
          hint={say('deliverAtHint')}
          type="time"
          {...field(props, 'deliverAt')}
        />
        <Select
          label={say('catchUp')}
          options={[
            ['latest', say('latest')],
            ['skip', say('skip')],
          ]}
          {...field(props, 'catchUp')}
        />
      </div>
    </>
  );
}

/** The lists that a newsletter may go to. */
export function ListChoice(props: FormProps & { lists: Choices['lists']; newList?: boolean }) {
  const { say, values, lists, newList } = props;
  return (
    <Choice legend={say('lists')} error={props.mistakes.lists}>
      {lists.length === 0 && !newList ? <p class="quiet">{say('noLists')}</p> : null}
      <div class="many">
        {lists.map((list) => (
          <Check name="lists" value={String(list.id)} checked={values.lists?.includes(String(list.id))}>
            {list.name} {list.name === list.slug ? null : <span class="quiet small">{list.slug}</span>}
          </Check>
        ))}
      </div>
      {newList ? (
        <Check name="newList" checked={isOn(props, 'newList')} hint={say('newListHint')}>
          {say('newList')}
        </Check>
      ) : null}
    </Choice>
  );
}

/** Who gets it, and from which sources. @param props `reach`: where how many that are is asked for */
export function AudienceForm(props: FormProps & { choices: Choices; reach: string }) {
  const { say, values, choices, reach } = props;
  const chosen = values.sources ?? [];
  return (
    <>
      <ListChoice {...props} lists={choices.lists} />
      <Select
        label={say('segment')}
        options={[['', say('everybody')], ...choices.segments.map(({ id, name }) => [id, name] as const)]}
        {...field(props, 'segment')}
      />
      <div hx-get={reach} hx-trigger="load" hx-swap="innerHTML" />
      <details class="fold">
        <summary>
          {say('sources')}:{' '}
          {chosen.length === 0 ? say('allSources') : say('sourcesCount', { count: chosen.length })}
        </summary>
        <Choice legend={<span class="vh">{say('sources')}</span>} hint={say('sourcesHint')}>
          <div class="many">
            {choices.sources.map(({ id, name }) => (
              <Check name="sources" value={String(id)} checked={chosen.includes(String(id))}>
                {name}
              </Check>
            ))}
          </div>
        </Choice>
      </details>
    </>
  );
}

/** What it says, and in which language. @param props `line`: what shows it in an inbox */
export function ContentForm(props: FormProps & { here: string; slug: string; line: Child }) {
  const { say, values, at, here, slug, line } = props;
  return (
    <>
      <div
        class="stack"
        hx-post={`${here}/inbox-line`}
        hx-trigger="input delay:250ms"
        hx-include="closest form"
        hx-target={`#${at}-line`}
        hx-swap="innerHTML"
      >
        <Input
          label={say('subject')}
          hint={say('subjectHint')}
          spellcheck={false}
          required
          {...field(props, 'subject')}
        />
        <Input
          label={say('preheader')}
          hint={say('preheaderHint')}
          spellcheck={false}
          {...field(props, 'preheader')}
        />
      </div>
      <div id={`${at}-line`} aria-live="polite">
        {line}
      </div>
      <div class="grid">
        <LanguageChoice {...props} />
        <Select
          label={say('plainLinks')}
          options={[
            ['', say('themeDecides')],
            ['inline', say('inline')],
            ['numbered', say('numbered')],
          ]}
          {...field(props, 'plainLinks')}
        />
      </div>
      <Choice legend={say('languages')} hint={say('languagesHint')}>
        <div class="row">
          {languages.map((tag) => (
            <Check name="languages" value={tag} checked={values.languages?.includes(tag)}>
              {nameOf(tag)}
            </Check>
          ))}
        </div>
      </Choice>
      <Check name="publicArchive" checked={isOn(props, 'publicArchive')}>
        {say('publicArchive', { slug })}
      </Check>
    </>
  );
}

/** What a language calls itself; the tag if that is not known. */
export const nameOf = (tag: string) => languageNames.find(([each]) => each === tag)?.[1] ?? tag;

/** The choice of the language of its frame. */
export const LanguageChoice = (props: FormProps) => (
  <Select
    label={props.say('language')}
    hint={props.say('languageHint')}
    options={languages.map((tag) => [tag, nameOf(tag)] as const)}
    {...field(props, 'language')}
  />
);

/** How an edition would stand among others in an inbox. */
export function InboxPreview({ line, from, say }: { line: InboxLine; from: string; say: Say }) {
  if ('problem' in line) return <p class="field-error">{line.problem}</p>;
  return (
    <figure class="inbox-line">
      <figcaption class="label">{say('inInbox')}</figcaption>
      <div>
        <strong>{from}</strong>
        <span>
          <b>{line.subject}</b> <span class="quiet">{line.preheader}</span>
        </span>
      </div>
      <p class="quiet small">{say(line.isSample ? 'withSample' : 'withLast')}</p>
    </figure>
  );
}

/** Which subjects are tried on a part of the readers, and how it is decided. */
export function SubjectTestForm(props: FormProps) {
  const { say, mistakes } = props;
  return (
    <>
      <Choice legend={<span class="vh">{say('subjectTest')}</span>} error={mistakes.tested}>
        <Check name="tested" checked={isOn(props, 'tested')} data-shows={`${props.at}-test`}>
          {say('tested')}
        </Check>
      </Choice>
      <div class="stack" id={`${props.at}-test`} data-only={isOn(props, 'tested') ? 'yes' : 'no'}>
        <Area
          label={say('patterns')}
          hint={say('patternsHint')}
          rows={3}
          spellcheck={false}
          {...field(props, 'patterns')}
        />
        <div class="grid">
          <Input label={say('testShare')} type="number" min={1} max={90} {...field(props, 'share')} />
          <Input label={say('testWait')} type="number" min={5} max={2880} {...field(props, 'waitMinutes')} />
          <Select
            label={say('testBy')}
            options={[
              ['clicks', say('byClicks')],
              ['opens', say('byOpens')],
            ]}
            {...field(props, 'by')}
          />
        </div>
      </div>
    </>
  );
}

/** One of several that are all to be seen. */
function Circles({
  name,
  legend,
  options,
  props,
}: {
  name: string;
  legend: string;
  options: [value: string, text: string, hint?: string][];
  props: FormProps;
}) {
  return (
    <Choice legend={legend} error={props.mistakes[name]}>
      {options.map(([value, text, hint]) => (
        <Check type="radio" name={name} value={value} checked={props.values[name]?.[0] === value} hint={hint}>
          {text}
        </Check>
      ))}
    </Choice>
  );
}

/** Who lets editions go. */
export const ModeChoice = (props: FormProps) => (
  <Circles
    name="mode"
    legend={props.say('mode')}
    options={[
      ['approval', props.say('modeApproval')],
      ['automatic', props.say('modeAutomatic')],
    ]}
    props={props}
  />
);

/** Whether somebody approves it, and what holds it back. */
export function ControlForm(props: FormProps) {
  const { say, values } = props;
  return (
    <>
      <ModeChoice {...props} />
      <Input label={say('undoSeconds')} type="number" min={0} max={3600} {...field(props, 'undoSeconds')} />
      <Circles
        name="block"
        legend={say('block')}
        options={[
          ['errors', say('blockErrors')],
          ['nothing', say('blockNothing')],
        ]}
        props={props}
      />
      <Check name="links" checked={isOn(props, 'links')}>
        {say('checkLinks')}
      </Check>
      <details class="fold" open={(values.ignore?.length ?? 0) > 0}>
        <summary>{say('ignore')}</summary>
        <Choice legend={<span class="vh">{say('ignore')}</span>}>
          <div class="many columns">
            {checkIds.map((id) => (
              <Check name="ignore" value={id} checked={values.ignore?.includes(id)}>
                <code>{id}</code>
              </Check>
            ))}
          </div>
        </Choice>
      </details>
    </>
  );
}

/** What is counted of its readers. */
export function TrackingForm(props: FormProps) {
  const { say, at, mistakes } = props;
  return (
    <>
      <Circles
        name="privacy"
        legend={say('privacy')}
        options={[
          ['individual', say('individual'), say('individualHint')],
          ['aggregate', say('aggregate'), say('aggregateHint')],
          ['off', say('off'), say('offHint')],
        ]}
        props={props}
      />
      <Choice legend={<span class="vh">{say('tracking')}</span>} error={mistakes.opens}>
        <Check name="clicks" checked={isOn(props, 'clicks')}>
          {say('clicks')}
        </Check>
        <Check name="opens" checked={isOn(props, 'opens')} hint={say('opensHint')}>
          {say('opens')}
        </Check>
        <Check name="utm" checked={isOn(props, 'utm')} data-shows={`${at}-utm-parts`}>
          {say('utm')}
        </Check>
      </Choice>
      <div class="grid" id={`${at}-utm-parts`} data-only={isOn(props, 'utm') ? 'yes' : 'no'}>
        <Input label={say('utmSource')} hint={say('utmSourceHint')} {...field(props, 'utmSource')} />
        <Input label={say('utmMedium')} {...field(props, 'utmMedium')} />
        <Input label={say('utmCampaign')} hint={say('utmCampaignHint')} {...field(props, 'utmCampaign')} />
      </div>
    </>
  );
}

/** By which routes it goes, and what is done in doubt. @param props `routes`: their choice */
export function SendingForm(props: FormProps & { routes: Child }) {
  const { say } = props;
  return (
    <>
      <Circles
        name="onUncertain"
        legend={say('onUncertain')}
        options={[
          ['skip', say('skipIt')],
          ['resend', say('resend')],
        ]}
        props={props}
      />
      <Input
        label={say('retryMinutes')}
        type="number"
        min={1}
        max={10_080}
        {...field(props, 'retryMinutes')}
      />
      <Choice legend={say('stopRates')} hint={say('stopRatesHint')}>
        <div class="grid">
          <Input label={say('stopBounces')} inputmode="decimal" {...field(props, 'stopBounces')} />
          <Input label={say('stopComplaints')} inputmode="decimal" {...field(props, 'stopComplaints')} />
          <Input
            label={say('stopAfter')}
            type="number"
            min={1}
            max={1_000_000}
            {...field(props, 'stopAfter')}
          />
        </div>
      </Choice>
      {props.routes}
    </>
  );
}
