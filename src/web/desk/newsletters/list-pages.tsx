/** @jsxImportSource hono/jsx */
import type { NewsletterHoldings } from '../../../delivery/remove-editions.ts';
import type { Newsletter } from '../../../editions/newsletters.ts';
import { Button, Card, Csrf, Empty, Input, Notice, State } from '../design/components.tsx';
import type { DeskCall } from '../env.ts';
import { DeskPage } from '../frame.tsx';
import { moment, speaking } from '../words/words.ts';
import { zoneName } from '../zone.ts';
import type { Mistakes, Values } from './form-values.ts';
import { MistakesNotice } from './mistakes-notice.tsx';
import { nextTimes } from './schedule-form.ts';
import { type Choices, LanguageChoice, ListChoice, ModeChoice, ScheduleFields } from './section-forms.tsx';
import { scheduleInWords, TimesOf } from './settings-page.tsx';
import { newsletterTexts } from './words.ts';

/** A newsletter in the list of all. */
export type Listed = Newsletter & { lists: string[]; segment: string | null; lastCount: number | null };

/** `/desk/newsletters`: those that there are. */
export function ListPage({
  c,
  newsletters,
  now,
  mayCreate,
  removed,
}: {
  c: DeskCall;
  newsletters: Listed[];
  now: Date;
  mayCreate: boolean;
  removed: boolean;
}) {
  const { language } = c.var;
  const say = speaking(newsletterTexts, language);
  const create = (
    <Button href="/desk/newsletters/new" kind="main" icon="add">
      {say('create')}
    </Button>
  );
  return (
    <DeskPage
      c={c}
      title={say('newsletters')}
      place="newsletters"
      sub={say('newslettersSub')}
      acts={mayCreate ? create : undefined}
    >
      {removed ? <Notice mood="good">{say('removed')}</Notice> : null}
      {newsletters.length === 0 ? (
        <Empty title={say('none')}>
          <p>{say(mayCreate ? 'noneText' : 'noneSeen')}</p>
          {mayCreate ? create : null}
        </Empty>
      ) : (
        <ul class="newsletters">
          {newsletters.map((each) => {
            const here = `/desk/newsletters/${each.slug}`;
            const [next] = nextTimes(each.cron, each.time_zone, now, 1);
            return (
              <li class="card">
                <div class="newsletter-name">
                  <h2>
                    <a href={here}>{each.name}</a>
                  </h2>
                  {each.description ? <p class="quiet">{each.description}</p> : null}
                </div>
                <dl class="newsletter-facts">
                  <div>
                    <dt>{say('next')}</dt>
                    <dd>
                      {each.paused ? (
                        <State mood="wait">{say('paused')}</State>
                      ) : next ? (
                        `${moment(next, language, each.time_zone)} (${zoneName(each.time_zone)})`
                      ) : (
                        say('noNext')
                      )}
                    </dd>
                  </div>
                  <div>
                    <dt>{say('schedule')}</dt>
                    <dd>
                      {scheduleInWords(each, say, language)}
                      <span class="quiet small">
                        {say(each.mode === 'automatic' ? 'automatic' : 'approval')}
                      </span>
                    </dd>
                  </div>
                  <div>
                    <dt>{say('audience')}</dt>
                    <dd>
                      {[...each.lists, ...(each.segment ? [each.segment] : [])].join(', ') || say('noList')}
                      {each.lastCount !== null ? (
                        <span class="quiet small">{say('lastWent', { count: each.lastCount })}</span>
                      ) : null}
                    </dd>
                  </div>
                </dl>
                <div class="row">
                  <Button href={here} little icon="settings">
                    {say('settings')}
                  </Button>
                  <Button href={`${here}/look`} little icon="image">
                    {say('look')}
                  </Button>
                  <Button href={`/desk/reports/newsletters/${each.slug}`} little icon="reports">
                    {say('reports')}
                  </Button>
                </div>
              </li>
            );
          })}
        </ul>
      )}
    </DeskPage>
  );
}

/** `/desk/newsletters/new`: what a newsletter needs to begin with. */
export function CreatePage({
  c,
  values,
  mistakes,
  choices,
  now,
}: {
  c: DeskCall;
  values: Values;
  mistakes: Mistakes;
  choices: Choices;
  now: Date;
}) {
  const { language, session } = c.var;
  const say = speaking(newsletterTexts, language);
  const props = { at: 'new', values, mistakes, say, language };
  const field = (name: string) => ({
    id: `new-${name}`,
    name,
    value: values[name]?.[0] ?? '',
    error: mistakes[name],
  });
  return (
    <DeskPage
      c={c}
      title={say('create')}
      place="newsletters"
      scripts={['newsletters']}
      crumbs={[['/desk/newsletters', say('newsletters')]]}
      sub={say('createSub')}
    >
      <form class="stack create" method="post" action="/desk/newsletters/new" novalidate>
        <Csrf token={session.csrf} />
        <MistakesNotice {...{ mistakes, say }} />
        <Card title={say('identity')} id="identity">
          <div class="stack">
            <Input label={say('name')} required maxlength={300} autofocus {...field('name')} />
            <div class="grid">
              <Input
                label={say('fromAddress')}
                hint={say('fromAddressHint')}
                type="email"
                required
                {...field('fromAddress')}
              />
              <Input label={say('slug')} hint={say('slugHint')} spellcheck={false} {...field('slug')} />
            </div>
            <LanguageChoice {...props} />
          </div>
        </Card>
        <Card title={say('schedule')} id="schedule">
          <ScheduleFields
            {...props}
            zones={choices.zones}
            next={<TimesOf values={values} now={now} say={say} language={language} />}
          />
        </Card>
        <Card title={say('audience')} id="audience">
          <div class="stack">
            <ListChoice {...props} lists={choices.lists} newList />
            <ModeChoice {...props} />
          </div>
        </Card>
        <div>
          <Button kind="main">{say('createNow')}</Button>
        </div>
      </form>
    </DeskPage>
  );
}

/** `/desk/newsletters/SLUG/remove`: what it means, and the last question. */
export function RemovePage({
  c,
  newsletter,
  holdings,
  error,
}: {
  c: DeskCall;
  newsletter: Newsletter;
  holdings: NewsletterHoldings;
  error?: string;
}) {
  const say = speaking(newsletterTexts, c.var.language);
  const here = `/desk/newsletters/${newsletter.slug}`;
  return (
    <DeskPage
      c={c}
      title={say('removeTitle', { name: newsletter.name })}
      place="newsletters"
      width="narrow"
      crumbs={[
        ['/desk/newsletters', say('newsletters')],
        [here, newsletter.name],
      ]}
    >
      <Card>
        <form class="stack" method="post" action={`${here}/remove`}>
          <Csrf token={c.var.session.csrf} />
          <Notice mood="bad">{say('removeText')}</Notice>
          <ul class="bullets">
            <li>{say('removeEditions', { count: holdings.editions })}</li>
            {holdings.sent > 0 ? <li>{say('removeSent', { count: holdings.sent })}</li> : null}
          </ul>
          {newsletter.paused ? null : <p>{say('removePause')}</p>}
          <Input
            id="confirm"
            label={say('removeConfirm', { slug: newsletter.slug })}
            autocomplete="off"
            spellcheck={false}
            error={error}
          />
          <div class="row">
            <Button kind="danger">{say('remove')}</Button>
            <Button href={`${here}#end`}>{say('back')}</Button>
          </div>
        </form>
      </Card>
    </DeskPage>
  );
}
