/** @jsxImportSource hono/jsx */
import { EditionStateChip, Table } from '../design/components.tsx';
import { stateReasons } from '../sayings/states.ts';
import { Told } from '../sayings/told.tsx';
import { type DeskLanguage, moment, number, percent, type Speak, speaking } from '../words/words.ts';
import type { Recent } from './recent.ts';
import { todayTexts } from './words.ts';

type Say = Speak<keyof typeof todayTexts.en>;

/** Editions that have come to their end, beside what is usual for their newsletters. */
export function RecentTable({ recent, language }: { recent: Recent[]; language: DeskLanguage }) {
  const say = speaking(todayTexts, language);
  return (
    <>
      <Table
        caption={say('recently')}
        columns={[
          { label: say('edition') },
          { label: say('delivered'), number: true },
          { label: say('opens'), number: true },
          { label: say('clicks'), number: true },
          { label: say('unsubscribes'), number: true },
        ]}
      >
        {recent.map((each) => {
          const { figures, usual } = each;
          return (
            <tr>
              <td class="named">
                <a href={`/desk/editions/${each.id}`}>{each.subject || say('noSubject')}</a>
                <span class="quiet small">
                  {each.newsletter} · {moment(each.at, language, each.timeZone)}
                  {each.state === 'sent' ? null : (
                    <>
                      {' '}
                      <EditionStateChip state={each.state} language={language} />
                    </>
                  )}
                </span>
                {each.state === 'skipped' && each.reason ? (
                  <span class="quiet small">
                    <Told text={each.reason} sayings={stateReasons} language={language} sentence />
                  </span>
                ) : null}
              </td>
              {each.state !== 'sent' ? (
                <td class="number quiet" colspan={4}>
                  –
                </td>
              ) : figures === undefined ? (
                <>
                  <td class="number">{each.recipients === null ? '–' : number(each.recipients, language)}</td>
                  <td class="number quiet small" colspan={3}>
                    {say('counting')}
                  </td>
                </>
              ) : (
                <>
                  <td class="number" data-label={say('delivered')}>
                    {number(figures.accepted, language)}
                  </td>
                  <Share
                    label={say('opens')}
                    value={figures.opened}
                    of={figures.accepted}
                    usual={usual?.opened ?? null}
                    moreIs="good"
                    say={say}
                    language={language}
                  />
                  <Share
                    label={say('clicks')}
                    value={figures.clicked}
                    of={figures.accepted}
                    usual={usual?.clicked ?? null}
                    moreIs="good"
                    say={say}
                    language={language}
                  />
                  <Share
                    label={say('unsubscribes')}
                    value={figures.unsubscribed}
                    of={figures.accepted}
                    usual={usual?.unsubscribed ?? null}
                    moreIs="bad"
                    say={say}
                    language={language}
                  />
                </>
              )}
            </tr>
          );
        })}
      </Table>
      <p class="quiet small">{say('lastCounted')}</p>
    </>
  );
}

interface ShareProps {
  label: string;
  value: number | null;
  of: number;
  usual: number | null;
  moreIs: 'good' | 'bad';
  say: Say;
  language: DeskLanguage;
}

function Share({ label, value, of, usual, moreIs, say, language }: ShareProps) {
  if (value === null || of === 0)
    return (
      <td class="number quiet small" data-label={label}>
        {say('notCounted')}
      </td>
    );
  const share = value / of;
  return (
    <td class="number" data-label={label}>
      {percent(share, language)}
      {usual === null ? null : (
        <Than share={share} usual={usual} moreIs={moreIs} say={say} language={language} />
      )}
    </td>
  );
}

function Than({
  share,
  usual,
  moreIs,
  say,
  language,
}: { share: number; usual: number } & Omit<ShareProps, 'label' | 'value' | 'of' | 'usual'>) {
  const difference = share - usual;
  // A tenth of what is usual is within what days differ by.
  if (Math.abs(difference) <= usual * 0.1 || Math.abs(difference) < 0.00005)
    return <span class="than">{say('asUsual')}</span>;
  const isMore = difference > 0;
  return (
    <span class={isMore === (moreIs === 'good') ? 'than up' : 'than down'}>
      {say(isMore ? 'more' : 'less', {
        points: number(Math.abs(difference) * 100, language, {
          maximumFractionDigits: Math.abs(difference) < 0.01 ? 2 : 1,
        }),
      })}
    </span>
  );
}
