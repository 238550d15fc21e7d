/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import { may } from '../../../access/roles.ts';
import type { Audience } from '../../../delivery/plan.ts';
import { gmailClipBytes } from '../../../rendering/checks/parts.ts';
import { Button, Countdown, Csrf, EditionStateChip, State } from '../design/components.tsx';
import { Icon, type IconName } from '../design/icons.tsx';
import type { DeskSession } from '../env.ts';
import { stateReasons } from '../sayings/states.ts';
import { Told } from '../sayings/told.tsx';
import { away, type DeskLanguage, moment, number, type Speak, speaking } from '../words/words.ts';
import { zoneName } from '../zone.ts';
import { type Due, needOf, type Upcoming } from './upcoming.ts';
import { todayTexts } from './words.ts';

/** What a list of editions shows beside them. */
export interface Beside {
  session: DeskSession;
  language: DeskLanguage;
  now: Date;
  /** Who would get each, as far as it is known; by `keyOf`. */
  audiences: Map<string, { recipients: number; isExact: boolean }>;
  /** Of the largest digest, by edition. */
  bytes: Map<number, number>;
}

type Say = Speak<keyof typeof todayTexts.en>;

/** Tells what goes out next apart. */
export const keyOf = (each: Upcoming | Due) =>
  each.kind === 'edition' ? `e${each.edition.id}` : `n${each.newsletterId}@${each.at.getTime()}`;

/** What is known of an audience. @param usual to how many the newsletter's editions usually went */
export const audienceShown = (audience: Audience | undefined, usual: number | undefined) =>
  audience
    ? { recipients: audience.recipients, isExact: true }
    : usual === undefined
      ? undefined
      : { recipients: usual, isExact: false };

/** Editions that are to go out, as a list. */
export function UpcomingList({ all, beside }: { all: (Upcoming | Due)[]; beside: Beside }) {
  return (
    <ul class="upcoming">
      {all.map((each) =>
        each.kind === 'edition' ? <One each={each} {...beside} /> : <Asked each={each} {...beside} />,
      )}
    </ul>
  );
}

function One({ each, session, language, now, audiences, bytes }: { each: Upcoming } & Beside) {
  const say = speaking(todayTexts, language);
  const { edition, lead } = each;
  const need = needOf(each);
  const href = `/desk/editions/${edition.id}`;
  const audience = audiences.get(keyOf(each));
  const size = bytes.get(edition.id);
  const mayApprove = may(session.user, 'approve', each.newsletterId);
  const isComing = each.at > now;
  return (
    <li class={need ? 'one needs' : 'one'}>
      <Picture src={lead?.image ?? null} />
      <div class="what">
        <p class="of">
          <strong>{each.newsletter}</strong>
          {need ? (
            <Need need={need} each={each} now={now} language={language} />
          ) : (
            <EditionStateChip state={edition.state} language={language} />
          )}
        </p>
        <h3>
          <a href={href}>{edition.subject || lead?.title || say('noStories')}</a>
        </h3>
        {lead && edition.subject && lead.title !== edition.subject ? (
          <p class="quiet small cut">{lead.title}</p>
        ) : null}
        {edition.state_reason ? (
          <p class="reason small">
            <Told text={edition.state_reason} sayings={stateReasons} language={language} sentence />
          </p>
        ) : null}
        <ul class="facts">
          <li>
            <Icon name="clock" size={15} />
            {inZone(each.at, each.timeZone, language, say)}
          </li>
          {audience ? (
            <li>
              <Icon name="users" size={15} />
              {say(audience.isExact ? 'readers' : 'aboutReaders', { count: audience.recipients })}
            </li>
          ) : null}
          {size === undefined ? null : (
            <li class={size > gmailClipBytes ? 'bad' : undefined}>
              {say(size > gmailClipBytes ? 'tooLarge' : 'kilobytes', {
                size: number(Math.round(size / 1024), language),
              })}
            </li>
          )}
          <Checks each={each} say={say} href={href} />
        </ul>
      </div>
      <div class="when">
        {isComing && edition.state !== 'paused' && edition.state !== 'draft' ? (
          <p class="countdown">
            <span class="quiet small">{say('goesOutIn')}</span>
            <Countdown to={each.at}>{until(each.at, now, language)}</Countdown>
          </p>
        ) : null}
        {mayApprove && (need === 'approval' || need === 'held') ? (
          <Button href={`${href}/send`} kind={need === 'approval' ? 'main' : undefined} icon="send">
            {say(need === 'approval' ? 'look' : 'open')}
          </Button>
        ) : (
          <Button href={href} icon="eye">
            {say('open')}
          </Button>
        )}
      </div>
    </li>
  );
}

function Asked({ each, session, language, now, audiences }: { each: Due } & Beside) {
  const say = speaking(todayTexts, language);
  const audience = audiences.get(keyOf(each));
  const time = moment(each.at, language, each.timeZone);
  const mayBuild = may(session.user, 'edit', each.newsletterId);
  return (
    <li class={each.isLate ? 'one needs' : 'one asked'}>
      <Picture src={null} icon="clock" />
      <div class="what">
        <p class="of">
          <strong>{each.newsletter}</strong>
          {each.isLate ? (
            <State mood="bad">{say('isLate', { away: away(each.at, now, language) })}</State>
          ) : null}
        </p>
        <h3 class="quiet">{each.isLate ? say('isLateText') : say('willBeBuilt', { time })}</h3>
        <ul class="facts">
          <li>
            <Icon name="clock" size={15} />
            {inZone(each.at, each.timeZone, language, say)}
          </li>
          {audience ? (
            <li>
              <Icon name="users" size={15} />
              {say(audience.isExact ? 'readers' : 'aboutReaders', { count: audience.recipients })}
            </li>
          ) : null}
          <li>{say(each.automatic ? 'willGo' : 'willWait')}</li>
        </ul>
        {mayBuild ? (
          <p class="quiet small">{say(each.automatic && !each.isLate ? 'aheadGoes' : 'aheadWaits')}</p>
        ) : null}
      </div>
      <div class="when">
        {each.isLate ? null : (
          <p class="countdown">
            <span class="quiet small">{say('builtIn')}</span>
            <Countdown to={each.at}>{until(each.at, now, language)}</Countdown>
          </p>
        )}
        {mayBuild ? (
          <form method="post" action="/desk/today/build">
            <Csrf token={session.csrf} />
            <input type="hidden" name="newsletter" value={each.newsletterId} />
            <input type="hidden" name="at" value={each.at.toISOString()} />
            <Button>{say('buildNow')}</Button>
          </form>
        ) : null}
      </div>
    </li>
  );
}

function Need({
  need,
  each,
  now,
  language,
}: {
  need: string;
  each: Upcoming;
  now: Date;
  language: DeskLanguage;
}) {
  const say = speaking(todayTexts, language);
  const when = away(each.at, now, language);
  if (need === 'mending') return <State mood="bad">{say('needsMending', { count: each.errors })}</State>;
  if (need === 'failed') return <State mood="bad">{say('couldNotBeMade')}</State>;
  if (need === 'held') return <State mood="wait">{say('isHeld')}</State>;
  return (
    <State mood="wait">
      {say('needsApproval')}, {say(each.at > now ? 'goesOut' : 'wasToGoOut', { away: when })}
    </State>
  );
}

function Checks({ each, say, href }: { each: Upcoming; say: Say; href: string }) {
  const { errors, warnings, hints, isChecked, edition } = each;
  if (!isChecked) return edition.state === 'draft' ? null : <li class="quiet">{say('notChecked')}</li>;
  if (errors + warnings === 0)
    return (
      <li class="good">
        <Icon name="check" size={15} />
        {hints === 0 ? (
          say('checksFine')
        ) : (
          <span>
            {say('noErrors')}; <a href={`${href}/checks`}>{say('hints', { count: hints })}</a>
          </span>
        )}
      </li>
    );
  return (
    <>
      {errors > 0 ? (
        <li class="bad">
          <Icon name="error" size={15} />
          <a href={`${href}/checks`}>{say('errors', { count: errors })}</a>
        </li>
      ) : null}
      {warnings > 0 ? (
        <li class="wait">
          <Icon name="warning" size={15} />
          <a href={`${href}/checks`}>{say('warnings', { count: warnings })}</a>
        </li>
      ) : null}
    </>
  );
}

/** A story's picture, or its place. */
export function Picture({ src, icon = 'newsletters' }: { src: string | null; icon?: IconName }): Child {
  return (
    <div class="picture" aria-hidden="true">
      {src && /^(https?:|\/)/i.test(src) ? (
        <img src={src} alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer" />
      ) : (
        <Icon name={icon} size={22} />
      )}
    </div>
  );
}

/** "Fri 27 Nov, 07:00 in Berlin": a time in a newsletter's zone, which is said. */
export function inZone(at: Date, timeZone: string, language: DeskLanguage, say: Say): string {
  return say('inZone', { time: moment(at, language, timeZone), zone: zoneName(timeZone) });
}

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** How long it is until a moment: "34 minutes". */
export function until(at: Date, now: Date, language: DeskLanguage): string {
  const seconds = Math.max(0, (at.getTime() - now.getTime()) / 1000);
  const [unit, size] = units.find(([, each]) => seconds >= each * 1.5) ?? ['minute' as const, 60];
  return number(Math.round(seconds / size), language, { style: 'unit', unit, unitDisplay: 'long' });
}
