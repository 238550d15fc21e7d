/** @jsxImportSource hono/jsx */
import { nextLocal } from '../../../delivery/local-time.ts';
import type { Audience } from '../../../delivery/plan.ts';
import { type DeskLanguage, moment, number, percent, speaking } from '../words/words.ts';
import { zoneName } from '../zone.ts';
import type { Sheet } from './sheet.ts';
import { sendTexts } from './words.ts';

interface WhoProps {
  sheet: Sheet;
  /** Undefined: they are being counted. */
  audience: Audience | undefined;
  language: DeskLanguage;
  /** When it would go out. */
  start: Date;
}

const mostZones = 8;

/** How many would get an edition, how often they want it, and what time it is where they are. */
export function Who({ sheet, audience, language, start }: WhoProps) {
  const say = speaking(sendTexts, language);
  const { usual, newsletter, edition } = sheet;
  if (!audience)
    return (
      <div
        id="who"
        class="stack tight"
        hx-get={`/desk/editions/${edition.id}/send/who`}
        hx-trigger="load"
        hx-swap="outerHTML"
      >
        <p class="big-count quiet" role="status">
          {say('counting')}
        </p>
        {usual === undefined ? null : (
          <p class="quiet">{say('usually', { count: number(usual, language) })}</p>
        )}
        <noscript>
          <a href={`/desk/editions/${edition.id}/send?count=1`}>{say('countNow')}</a>
        </noscript>
      </div>
    );
  const { recipients, zones, frequencies } = audience;
  return (
    <div id="who" class="stack">
      <p class="big-count">
        {say('count', { count: recipients })}
        {usual === undefined ? null : (
          <span class="quiet small"> {say('usually', { count: number(usual, language) })}</span>
        )}
      </p>
      {frequencies.length > 1 || (frequencies[0] && frequencies[0].frequency !== 'every') ? (
        <dl class="pairs small">
          {frequencies.map(({ frequency, readers }) => (
            <div>
              <dt>{say(frequency as 'every')}</dt>
              <dd>
                {number(readers, language)} · {percent(readers / recipients, language)}
              </dd>
            </div>
          ))}
        </dl>
      ) : null}
      {zones.length > 1 || newsletter.deliverAt ? (
        <details class="fold" open={newsletter.deliverAt !== null}>
          <summary>{say('zonesTitle')}</summary>
          <table class="small">
            <thead>
              <tr>
                <th scope="col">{say('zone')}</th>
                <th scope="col" class="number">
                  {say('readers')}
                </th>
                <th scope="col" class="number">
                  {say('theirTime')}
                </th>
              </tr>
            </thead>
            <tbody>
              {zones.slice(0, mostZones).map(({ zone, readers }) => {
                const own = zone ?? newsletter.timeZone;
                const at = newsletter.deliverAt ? nextLocal(newsletter.deliverAt, own, start) : start;
                return (
                  <tr>
                    <td>{zone ? zoneName(zone) : say('noZone', { zone: zoneName(newsletter.timeZone) })}</td>
                    <td class="number">{number(readers, language)}</td>
                    <td class="number">{timeIn(at, own, language)}</td>
                  </tr>
                );
              })}
            </tbody>
          </table>
          {zones.length > mostZones ? (
            <p class="quiet small">{say('otherZones', { count: zones.length - mostZones })}</p>
          ) : null}
        </details>
      ) : null}
    </div>
  );
}

/** A time in a reader's zone; one that this machine does not know counts as UTC. */
function timeIn(at: Date, zone: string, language: DeskLanguage): string {
  const options = { day: undefined, month: undefined } as const;
  try {
    return moment(at, language, zone, options);
  } catch {
    return `${moment(at, language, 'UTC', options)} UTC`;
  }
}
