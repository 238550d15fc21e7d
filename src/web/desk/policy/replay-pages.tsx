/** @jsxImportSource hono/jsx */
import type { PolicyReplay } from '../../../editions/policy-replays.ts';
import type { Replay } from '../../../editions/replay.ts';
import {
  Button,
  Card,
  Csrf,
  Figure,
  Figures,
  type Mood,
  Notice,
  Select,
  State,
} from '../design/components.tsx';
import { errorSayings } from '../sayings/errors.ts';
import { worded } from '../sayings/german.ts';
import { replayReasons } from '../sayings/states.ts';
import { type DeskLanguage, moment, number, percent } from '../words/words.ts';
import { ChangedList } from './changed-list.tsx';
import { differences } from './differences.ts';
import { Compared } from './effect.tsx';
import type { PolicySay } from './form.ts';
import { type PolicyLook, policyPath, SelectionPage } from './policy-page.tsx';

const moods: Record<PolicyReplay['state'], Mood> = {
  running: 'busy',
  done: 'good',
  failed: 'bad',
  interrupted: 'wait',
};

const stateText = (state: PolicyReplay['state'], say: PolicySay) =>
  say(state === 'failed' ? 'failedState' : state);

/** `/desk/newsletters/SLUG/policy/replays`: replays that were asked for. */
export function ReplaysPage({
  look,
  replays,
  wrong,
}: {
  look: PolicyLook;
  replays: PolicyReplay[];
  wrong?: string;
}) {
  const { c, say, newsletter, mayRule } = look;
  const at = policyPath(newsletter);
  return (
    <SelectionPage look={look} current={`${at}/replays`} title={say('replayTitle')} sub={say('replayText')}>
      {wrong ? <Notice mood="bad">{wrong}</Notice> : null}
      {mayRule ? (
        <form method="post" action={`${at}/replays`} class="row">
          <Csrf token={c.var.session.csrf} />
          <Select
            id="editions"
            label={say('lastEditions')}
            value="14"
            options={[7, 14, 30].map((each) => [each, String(each)] as const)}
          />
          <Button icon="history">{say('replayNow')}</Button>
        </form>
      ) : null}
      {replays.length === 0 ? (
        <p class="quiet">{say('noReplays')}</p>
      ) : (
        <ul class="card lines">
          {replays.map((each) => (
            <li class="row apart">
              <div>
                <a href={`${at}/replays/${each.id}`}>{say('replayOf', { count: each.of ?? 0 })}</a>
                <p class="of">
                  {say('replaySub', {
                    who: each.askedBy,
                    when: moment(each.askedAt, c.var.language, newsletter.time_zone),
                  })}
                </p>
              </div>
              <State mood={moods[each.state]}>{stateText(each.state, say)}</State>
            </li>
          ))}
        </ul>
      )}
    </SelectionPage>
  );
}

/** One replay: how far it is, or what came of it. */
export function ReplayPage({ look, replay }: { look: PolicyLook; replay: PolicyReplay }) {
  const { c, say, newsletter, mayChange } = look;
  const at = policyPath(newsletter);
  const changed = differences(newsletter.policy, replay.policy, say);
  return (
    <SelectionPage
      look={look}
      current={`${at}/replays`}
      title={say('replayOf', { count: replay.of ?? 0 })}
      sub={say('replaySub', {
        who: replay.askedBy,
        when: moment(replay.askedAt, c.var.language, newsletter.time_zone),
      })}
    >
      {changed.length > 0 ? (
        <Card
          id="changed"
          title={say('selection')}
          aside={
            mayChange ? (
              <form method="post" action={at}>
                <Csrf token={c.var.session.csrf} />
                <input type="hidden" name="base" value={newsletter.policy_version} />
                <input type="hidden" name="json" value={JSON.stringify(replay.policy)} />
                <Button little name="step" value="json-effect">
                  {say('usePolicy')}
                </Button>
              </form>
            ) : undefined
          }
        >
          <ChangedList changed={changed} />
        </Card>
      ) : null}
      <ReplayPiece look={look} replay={replay} />
    </SelectionPage>
  );
}

/** The part of the page that follows a replay as it is computed. */
export function ReplayPiece({ look, replay }: { look: PolicyLook; replay: PolicyReplay }) {
  const { say, newsletter, c } = look;
  const { done, of, state } = replay;
  const href = `${policyPath(newsletter)}/replays/${replay.id}`;
  const far = { done, of: of ?? 0 };
  if (state === 'running')
    return (
      <div id="replay" hx-get={href} hx-trigger="load delay:1s" hx-swap="outerHTML">
        <Card id="progress">
          <div class="bar" role="status">
            <p>{done === 0 ? say('replayBegins') : say('replayRunning', far)}</p>
            <progress aria-label={say('replay')} max={of ?? 1} value={done} />
          </div>
          <noscript>
            <a href={href}>{say('replays')}</a>
          </noscript>
        </Card>
      </div>
    );
  return (
    <div id="replay" class="stack">
      {state === 'interrupted' ? <Notice mood="wait">{say('replayInterrupted', far)}</Notice> : null}
      {state === 'failed' ? (
        <Notice mood="bad">
          {say('replayFailed', { reason: worded(replay.failed ?? '', errorSayings, c.var.language).text })}
        </Notice>
      ) : null}
      {replay.result ? (
        <Result replay={replay.result} say={say} language={c.var.language} zone={newsletter.time_zone} />
      ) : null}
    </div>
  );
}

function Result({
  replay,
  say,
  language,
  zone,
}: {
  replay: Replay;
  say: PolicySay;
  language: DeskLanguage;
  zone: string;
}) {
  const { total, clicks } = replay;
  const share = (value: number) => (total.places > 0 ? percent(value / total.places, language) : '–');
  const kept = clicks?.keptIfAverage;
  return (
    <>
      <Card id="result">
        <Figures>
          <Figure label={say('places')} value={number(total.places, language)} />
          <Figure label={say('keptPlaces')} value={share(total.kept)} than={number(total.kept, language)} />
          <Figure label={say('movedPlaces')} value={number(total.moved, language)} />
          <Figure label={say('addedPlaces')} value={number(total.added, language)} />
          <Figure label={say('droppedPlaces')} value={number(total.dropped, language)} />
          <Figure label={say('skippedEditions')} value={number(total.skipped, language)} />
          {kept ? <Figure label={say('expectedClicks')} value={percent(kept.value, language)} /> : null}
        </Figures>
        <p class="quiet small below">
          {kept
            ? kept.low === null || kept.high === null
              ? say('expectedShort')
              : say('expectedText', { low: percent(kept.low, language), high: percent(kept.high, language) })
            : say('noClicks')}{' '}
          {total.deleted > 0 ? say('deletedStories', { count: total.deleted }) : null}
        </p>
      </Card>
      <Card id="editions" title={say('editions')}>
        {replay.editions.toReversed().map((edition) => (
          <details class="fold edition-fold">
            <summary>
              {moment(new Date(edition.scheduledFor), language, zone)}
              <span class="quiet small">
                {edition.skipped
                  ? say('wouldSkip', { reason: worded(edition.skipped, replayReasons, language).text })
                  : say('editionSum', edition as unknown as Record<string, number>)}
              </span>
            </summary>
            <p class="small to-edition">
              <a href={`/desk/editions/${edition.edition}`}>{say('asSent')}</a>
            </p>
            <Compared before={edition.asSent} after={edition.replayed} say={say} />
          </details>
        ))}
      </Card>
    </>
  );
}
