/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import type { Policy } from '../../../selection/policy.ts';
import { usualFactor } from '../../../selection/rules.ts';
import { Button, Card, Csrf, Empty, Input, type Mood, Notice, Select, State } from '../design/components.tsx';
import { number } from '../words/words.ts';
import { type RuleForm, saidRule, type Wrong } from './form.ts';
import { type PolicyLook, rulesPath, SelectionPage } from './policy-page.tsx';

const moods: Record<'boost' | 'bury' | 'block', Mood> = { boost: 'good', bury: 'wait', block: 'bad' };

/** `/desk/newsletters/SLUG/rules`: what editors boost, bury and block; a change is shown on the current edition first. */
export function RulesPage({
  look,
  policy,
  form,
  wrong = {},
  base,
  notice,
  topics,
  change,
}: {
  look: PolicyLook;
  policy: Policy;
  form: RuleForm;
  wrong?: Wrong;
  base: number;
  notice?: Child;
  topics: { slug: string; name: string }[];
  /** A change that is looked at, and not made yet: another rule, or one fewer (its place). */
  change?: { effect: Child; remove?: number };
}) {
  const { c, say, newsletter, mayRule } = look;
  const at = rulesPath(newsletter);
  const { language, session } = c.var;
  const told = { boost: say('boosts'), bury: say('buries'), block: say('blocks') };
  const hidden = (
    <>
      <Csrf token={session.csrf} />
      <input type="hidden" name="base" value={base} />
    </>
  );
  const removing = change?.remove;
  return (
    <SelectionPage
      look={look}
      current={at}
      title={say('rules')}
      sub={say('rulesSub', { name: newsletter.name, version: String(newsletter.policy_version) })}
    >
      {notice}
      {wrong[''] ? <Notice mood="bad">{wrong['']}</Notice> : null}
      {change ? (
        <>
          {change.effect}
          <form method="post" action={at} class="row">
            {hidden}
            {removing === undefined ? (
              Object.entries(form).map(([name, value]) => <input type="hidden" name={name} value={value} />)
            ) : (
              <input type="hidden" name="remove" value={removing} />
            )}
            <Button name="step" value="save" kind="main">
              {removing === undefined ? say('saveRule') : say('saveRemoval')}
            </Button>
            <Button href={at}>{say('cancel')}</Button>
          </form>
        </>
      ) : null}
      {policy.rules.length === 0 ? (
        <Empty title={say('noRules')} />
      ) : (
        <ul class="rule-list card">
          {policy.rules.map((rule, place) => (
            <li>
              <State mood={moods[rule.action]}>{told[rule.action]}</State>
              <div>
                <p>{saidRule(rule, say)}</p>
                <p class="of">
                  {rule.action === 'block' ? null : (
                    <span>
                      {say('times', {
                        factor: number(rule.factor ?? usualFactor[rule.action], language),
                      })}
                    </span>
                  )}
                  {rule.because ? <span>{rule.because}</span> : null}
                </p>
              </div>
              {mayRule ? (
                <form method="post" action={at}>
                  {hidden}
                  <input type="hidden" name="remove" value={place} />
                  <Button
                    little
                    icon="remove"
                    name="step"
                    value="effect"
                    label={`${say('removeRule')} ${saidRule(rule, say)}`}
                  />
                </form>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      {mayRule ? (
        <Card id="add" title={say('addRule')}>
          <form method="post" action={at} class="stack" data-asks="">
            {hidden}
            <Select
              id="action"
              label={say('action')}
              value={form.action}
              options={[
                ['boost', say('boost')],
                ['bury', say('bury')],
                ['block', say('block')],
              ]}
            />
            <fieldset>
              <legend>{say('conditions')}</legend>
              <div class="rule-fields">
                <Input
                  id="publisher"
                  label={say('publisher')}
                  value={form.publisher}
                  error={wrong.publisher}
                  maxlength={200}
                />
                <Input
                  id="topic"
                  label={say('topic')}
                  value={form.topic}
                  error={wrong.topic}
                  maxlength={200}
                  list="topics"
                />
                <Input
                  id="author"
                  label={say('author')}
                  value={form.author}
                  error={wrong.author}
                  maxlength={200}
                />
                <Input
                  id="keyword"
                  label={say('keyword')}
                  hint={say('keywordHint')}
                  value={form.keyword}
                  error={wrong.keyword}
                  maxlength={200}
                />
                <Input
                  id="host"
                  label={say('host')}
                  hint={say('hostHint')}
                  value={form.host}
                  error={wrong.host}
                  maxlength={253}
                />
                <datalist id="topics">
                  {topics.map(({ slug, name }) => (
                    <option value={slug}>{name}</option>
                  ))}
                </datalist>
              </div>
            </fieldset>
            <div class="rule-fields">
              <Input
                id="factor"
                label={say('factor')}
                hint={say('factorHint')}
                value={form.factor}
                error={wrong.factor}
                inputmode="decimal"
              />
              <Input
                id="because"
                label={say('because')}
                hint={say('becauseHint')}
                value={form.because}
                maxlength={200}
              />
            </div>
            <div class="row">
              <Button name="step" value="effect" icon="eye" kind="main">
                {say('showEffect')}
              </Button>
            </div>
          </form>
        </Card>
      ) : null}
    </SelectionPage>
  );
}
