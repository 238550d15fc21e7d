/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import type { Newsletter } from '../../../editions/newsletters.ts';
import type { Policy } from '../../../selection/policy.ts';
import { Area, Button, Card, Csrf, Input, Notice, Select } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { NewsletterTabs } from '../newsletters/tabs.tsx';
import { type lists, numbers, type PolicyForm, type PolicySay, type Wrong, weights } from './form.ts';

/** What every page of a newsletter's selection shows. */
export interface PolicyLook {
  c: DeskCall;
  say: PolicySay;
  newsletter: Newsletter;
  mayRule: boolean;
  mayChange: boolean;
}

/** Where a newsletter's policy is. */
export const policyPath = (newsletter: Pick<Newsletter, 'slug'>) =>
  `/desk/newsletters/${newsletter.slug}/policy`;
/** Where a newsletter's rules are. */
export const rulesPath = (newsletter: Pick<Newsletter, 'slug'>) =>
  `/desk/newsletters/${newsletter.slug}/rules`;

/** The frame of these pages. */
export function SelectionPage({
  look: { c, say, newsletter },
  current,
  title,
  sub,
  children,
}: {
  look: PolicyLook;
  current: string;
  title: string;
  sub?: Child;
  children: Child;
}) {
  const at = policyPath(newsletter);
  const parts = [
    [at, say('policy')],
    [rulesPath(newsletter), say('rules')],
    [`${at}/versions`, say('versions')],
    [`${at}/replays`, say('replays')],
  ];
  return (
    <DeskPage
      c={c}
      title={newsletter.name}
      place="newsletters"
      crumbs={[['/desk/newsletters', say('newsletters')]]}
    >
      <NewsletterTabs newsletter={newsletter} current="policy" language={c.var.language} />
      <div class="part-head">
        <div>
          <h2>{title}</h2>
          {sub ? <p class="quiet">{sub}</p> : null}
        </div>
        <nav class="segments" aria-label={say('parts')}>
          {parts.map(([href, text]) => (
            <a class="button" href={href} aria-current={href === current ? 'page' : undefined}>
              {text}
            </a>
          ))}
        </nav>
      </div>
      {children}
    </DeskPage>
  );
}

const steps: Partial<Record<string, { min: number; max: number; step: number | 'any' }>> = {
  windowHours: { min: 1, max: 744, step: 'any' },
  minimumStories: { min: 1, max: 100, step: 1 },
  candidates: { min: 1, max: 100, step: 1 },
  halfLifeHours: { min: 0.5, max: 744, step: 'any' },
  diversity: { min: 0, max: 1, step: 'any' },
  exploration: { min: 0, max: 0.2, step: 'any' },
  related: { min: 0, max: 10, step: 1 },
};

/** `/desk/newsletters/SLUG/policy`: the whole policy, as a form and as JSON. */
export function PolicyPage({
  look,
  form,
  wrong = {},
  policy,
  base,
  note = '',
  notice,
  effect,
  isJson = false,
}: {
  look: PolicyLook;
  form: PolicyForm;
  wrong?: Wrong;
  policy: Policy;
  /** The version on which the form stands. */
  base: number;
  note?: string;
  notice?: Child;
  effect?: Child;
  isJson?: boolean;
}) {
  const { say, newsletter, c, mayChange } = look;
  const at = policyPath(newsletter);
  const count = Object.keys(wrong).length;
  const field = (name: string, label: string, hint?: string) => (
    <Input
      id={name.replace('.', '-')}
      name={name}
      label={label}
      hint={hint}
      error={wrong[name]}
      value={form.fields[name]}
      inputmode="decimal"
      disabled={!mayChange}
      {...(!wrong[name] && steps[name] ? { type: 'number' as const, ...steps[name] } : {})}
    />
  );
  const list = (name: (typeof lists)[number], hint: string) => (
    <Input
      id={name}
      label={say(name)}
      hint={hint}
      error={wrong[name] ?? Object.entries(wrong).find(([path]) => path.startsWith(`${name}.`))?.[1]}
      value={form.fields[name]}
      disabled={!mayChange}
    />
  );
  const [windowHours, minimumStories, candidates, halfLifeHours, diversity, exploration, related] = numbers;
  return (
    <SelectionPage
      look={look}
      current={at}
      title={say('policy')}
      sub={say('policySub', { name: newsletter.name, version: String(newsletter.policy_version) })}
    >
      {count > 0 ? <Notice mood="bad">{wrong[''] ?? say('someWrong', { count })}</Notice> : null}
      {notice}
      {effect}
      <form
        method="post"
        action={at}
        class="stack"
        data-asks=""
        data-unsaved={count > 0 || effect ? '' : undefined}
      >
        <Csrf token={c.var.session.csrf} />
        <input type="hidden" name="base" value={base} />
        <div class="grid">
          <Card id="takes" title={say('takes')}>
            <div class="stack">
              {field(windowHours, say('windowHours'), say('windowHoursHint'))}
              {list('topics', say('listHint'))}
              {list('withoutTopics', say('withoutHint'))}
              {list('languages', say('listHint'))}
              <div class="grid-2">
                {field(minimumStories, say('minimumStories'), say('minimumStoriesHint'))}
                {field(candidates, say('candidates'), say('candidatesHint'))}
              </div>
            </div>
          </Card>
          <Card id="counts" title={say('counts')}>
            <div class="stack">
              <p class="quiet small">{say('weightsHint')}</p>
              <div class="grid-2">
                {weights.map((name) => field(`weights.${name}`, say(name), say(`${name}Hint`)))}
              </div>
              <hr />
              <div class="grid-2">
                {field(halfLifeHours, say('halfLifeHours'), say('halfLifeHoursHint'))}
                {field(diversity, say('diversity'), say('diversityHint'))}
                {field(exploration, say('exploration'), say('explorationHint'))}
                {field(related, say('related'), say('relatedHint'))}
              </div>
            </div>
          </Card>
        </div>
        <Card id="slots" title={say('slots')}>
          <p class="quiet small">{say('slotsHint')}</p>
          <Slots form={form} wrong={wrong} say={say} disabled={!mayChange} />
        </Card>
        {policy.about ? (
          <Card id="about" title={say('about')}>
            <p>{say('aboutText', { title: policy.about.title })}</p>
          </Card>
        ) : null}
        <p>
          <a href={rulesPath(newsletter)}>{say('rulesCount', { count: policy.rules.length })}</a>{' '}
          <span class="quiet">{say('rulesLink')}</span>
        </p>
        {mayChange ? (
          <div class="save-bar">
            <Input id="note" label={say('note')} hint={say('noteHint')} value={note} maxlength={300} />
            <Select
              id="editions"
              label={say('lastEditions')}
              value="14"
              options={[7, 14, 30].map((each) => [each, String(each)] as const)}
            />
            <div class="row">
              <Button name="step" value="effect" icon="eye">
                {say('showEffect')}
              </Button>
              <Button name="step" value="replay" icon="history">
                {say('replay')}
              </Button>
              <Button name="step" value="save" kind="main">
                {say('save')}
              </Button>
            </div>
          </div>
        ) : null}
      </form>
      <details class="fold card" open={isJson}>
        <summary>{say('json')}</summary>
        <form method="post" action={at} class="stack" data-asks="">
          <Csrf token={c.var.session.csrf} />
          <input type="hidden" name="base" value={base} />
          <input type="hidden" name="note" value={note} />
          <Area
            id="json"
            label={say('json')}
            hint={say('jsonHint')}
            error={wrong.json}
            value={form.json}
            rows={18}
            spellcheck={false}
          />
          {mayChange ? (
            <div class="row">
              <Button name="step" value="json-effect" icon="eye">
                {say('useJson')}
              </Button>
              <Button name="step" value="json-save">
                {say('saveJson')}
              </Button>
            </div>
          ) : null}
        </form>
      </details>
    </SelectionPage>
  );
}

function Slots({
  form,
  wrong,
  say,
  disabled,
}: {
  form: PolicyForm;
  wrong: Wrong;
  say: PolicySay;
  disabled: boolean;
}) {
  const columns = [
    ['name', say('slotName')],
    ['count', say('slotCount')],
    ['topic', say('slotTopic')],
    ['title', say('slotTitle')],
  ] as const;
  return (
    <div class="slot-rows">
      {form.slots.map((slot, row) => (
        <fieldset class="slot-row">
          <legend class="vh">{say('slotNumber', { number: row + 1 })}</legend>
          {columns.map(([column, label]) => (
            <Input
              id={`slots-${row}-${column}`}
              name={`slots.${column}`}
              label={label}
              value={slot[column]}
              error={wrong[`slots.${row}.${column}`]}
              disabled={disabled}
              maxlength={80}
            />
          ))}
        </fieldset>
      ))}
      {wrong.slots ? <p class="error-line">{wrong.slots}</p> : null}
    </div>
  );
}
