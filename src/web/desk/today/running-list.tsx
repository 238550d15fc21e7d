/** @jsxImportSource hono/jsx */
import { may } from '../../../access/roles.ts';
import { Button, Csrf, EditionStateChip, Figure, Figures, Notice } from '../design/components.tsx';
import type { DeskSession } from '../env.ts';
import { stateReasons } from '../sayings/states.ts';
import { Told } from '../sayings/told.tsx';
import { type DeskLanguage, moment, number, type Speak, speaking } from '../words/words.ts';
import { zoneName } from '../zone.ts';
import type { Running } from './running.ts';
import { troublesOf } from './troubles.ts';
import { reasonTexts, todayTexts } from './words.ts';

/** Editions on their way. The script of the page puts what `RunningFigures` shows in place, second by second. */
export function RunningList({
  running,
  session,
  language,
}: {
  running: Running[];
  session: DeskSession;
  language: DeskLanguage;
}) {
  const say = speaking(todayTexts, language);
  return (
    <ul class="running">
      {running.map((each) => (
        <li class="card" data-running={each.id} data-state={each.state}>
          <header>
            <div>
              <p class="of">
                <strong>{each.newsletter}</strong>
                <EditionStateChip state={each.state} language={language} />
              </p>
              <h3>
                <a href={`/desk/editions/${each.id}`}>{each.subject || say('noSubject')}</a>
              </h3>
            </div>
            {may(session.user, 'approve', each.newsletterId) ? (
              <form
                method="post"
                action={`/desk/editions/${each.id}/${each.state === 'sending' ? 'hold' : 'resume'}`}
              >
                <Csrf token={session.csrf} />
                <input type="hidden" name="back" value="/desk" />
                {each.state === 'sending' ? (
                  <Button icon="hold">{say('pause')}</Button>
                ) : (
                  <Button icon="play" kind="main">
                    {say('resume')}
                  </Button>
                )}
              </form>
            ) : null}
          </header>
          {each.state === 'paused' ? (
            <Notice mood="wait">
              {each.reason ? (
                <>
                  {say('isHeld')}: <Told text={each.reason} sayings={stateReasons} language={language} />
                </>
              ) : (
                say('paused')
              )}
            </Notice>
          ) : null}
          <div class="stack" data-live>
            <RunningFigures each={each} language={language} />
          </div>
        </li>
      ))}
    </ul>
  );
}

/** How far an edition is. */
export function RunningFigures({ each, language }: { each: Running; language: DeskLanguage }) {
  const say = speaking(todayTexts, language);
  const { progress, planned } = each;
  if (!progress)
    return (
      <p class="quiet">
        {say('progressOf', { done: '…', planned })} · {say('counting')}
      </p>
    );
  const tried = planned - progress.waiting;
  const share = planned > 0 ? tried / planned : 1;
  const shown = (value: number) => number(value, language);
  const troubles = troublesOf(progress);
  const reasons = reasonTexts[language];
  return (
    <>
      <div class="bar">
        <progress max={planned || 1} value={tried} aria-label={say('sendingOf', { subject: each.subject })}>
          {Math.round(share * 100)} %
        </progress>
        <p class="row apart small">
          <strong>
            {say('progressOf', { done: shown(tried), planned: shown(planned) })} ·{' '}
            {number(Math.floor(share * 1000) / 1000, language, {
              style: 'percent',
              maximumFractionDigits: 1,
            })}
          </strong>
          <span class="quiet">{pace(each, say, language)}</span>
        </p>
      </div>
      <Figures>
        <Figure label={say('accepted')} value={shown(progress.accepted)} />
        <Figure label={say('waiting')} value={shown(progress.waiting)} />
        <Figure label={say('deferred')} value={shown(progress.deferred)} />
        <Figure label={say('failed')} value={shown(progress.failed)} />
        {progress.skipped > 0 ? <Figure label={say('skipped')} value={shown(progress.skipped)} /> : null}
        {progress.uncertain > 0 ? (
          <Figure label={say('uncertain')} value={shown(progress.uncertain)} />
        ) : null}
      </Figures>
      {troubles.length > 0 ? (
        <table class="troubles small">
          <caption class="vh">{say('whyTrouble')}</caption>
          <thead class="vh">
            <tr>
              <th scope="col">{say('howMany')}</th>
              <th scope="col">{say('why')}</th>
            </tr>
          </thead>
          <tbody>
            {troubles.map(({ state, reason, words, count }) => (
              <tr>
                <td class="number">{shown(count)}</td>
                <td>
                  {reasons[reason]}
                  {state === 'deferred' ? <span class="tag">{say('tryAgainLater')}</span> : null}
                  <span class="quiet words">{words}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
    </>
  );
}

function pace(each: Running, say: Speak<keyof typeof todayTexts.en>, language: DeskLanguage): string {
  const { progress, perSecond, secondsLeft, goesOnAt, timeZone, state } = each;
  if (state === 'paused' || !progress) return '';
  if (progress.waiting === 0) return progress.deferred > 0 ? say('onlyDeferred') : '';
  if (goesOnAt && perSecond < 0.1)
    return say('goesOnAt', { time: moment(goesOnAt, language, timeZone), zone: zoneName(timeZone) });
  if (perSecond < 0.1) return '';
  const rate = say('perSecond', {
    count: number(perSecond, language, { maximumFractionDigits: perSecond < 10 ? 1 : 0 }),
  });
  return secondsLeft === undefined
    ? rate
    : `${rate} · ${say('leftOf', { time: duration(secondsLeft, say) })}`;
}

function duration(seconds: number, say: Speak<keyof typeof todayTexts.en>): string {
  if (seconds < 60) return say('almostDone');
  const minutes = Math.round(seconds / 60);
  return minutes < 90
    ? say('minutes', { count: minutes })
    : say('hours', { count: Math.round(minutes / 60) });
}
