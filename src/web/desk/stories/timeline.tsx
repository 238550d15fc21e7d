/** @jsxImportSource hono/jsx */
import { type DeskLanguage, moment, type Speak } from '../words/words.ts';
import type { Report } from './storylines.ts';
import type { storyTexts } from './words.ts';

type Say = Speak<keyof (typeof storyTexts)['en']>;

// Beside the names where there is room, below them on phones; one of the two is shown.
const shapes = {
  wide: { width: 800, rowHeight: 26, left: 190, right: 24, isBelow: false, ticks: 5 },
  narrow: { width: 330, rowHeight: 40, left: 10, right: 14, isBelow: true, ticks: 2 },
} as const;
const top = 14;
const mostRows = 12;
const hour = 3_600_000;
const steps = [1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 720, 2160].map((hours) => hours * hour);

interface TimelineProps {
  reports: Report[];
  say: Say;
  language: DeskLanguage;
  zone: string;
}

/** When each publisher reported: a row each, in the order in which they began, a dot a report. Those beyond the twelfth row share it. */
export const Timeline = (props: TimelineProps) => (
  <>
    <Drawing {...props} shape="wide" />
    <Drawing {...props} shape="narrow" />
  </>
);

function Drawing({ reports, say, language, zone, shape }: TimelineProps & { shape: keyof typeof shapes }) {
  const { width, rowHeight, left, right, isBelow, ticks: mostTicks } = shapes[shape];
  const from = (reports[0] as Report).at.getTime();
  const until = Math.max((reports.at(-1) as Report).at.getTime(), from + hour);
  const x = (at: number) => left + ((at - from) / (until - from)) * (width - left - right);
  const rows = rowsOf(reports, say);
  const height = top + rows.length * rowHeight + 30;
  const bottom = top + rows.length * rowHeight;
  const step = steps.find((each) => (until - from) / each <= mostTicks) ?? until - from;
  const ticks = Array.from(
    { length: Math.floor((until - from) / step) + 1 },
    (_, at) => Math.ceil(from / hour) * hour + at * step,
  ).filter((at) => at >= from && at <= until);
  const publishers = new Set(reports.map(({ publisher }) => publisher)).size;
  const summary =
    reports.length === 1
      ? say('timelineOne', { first: moment(new Date(from), language, zone) })
      : say('timelineText', {
          reports: String(reports.length),
          publishers: String(publishers),
          first: moment((reports[0] as Report).at, language, zone),
          last: moment((reports.at(-1) as Report).at, language, zone),
        });
  return (
    <div class={`timeline ${shape}`}>
      <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summary}>
        {ticks.map((at) => (
          <>
            <line class="tick" x1={x(at)} x2={x(at)} y1={top - 6} y2={bottom} />
            <text
              class="when"
              x={x(at)}
              y={bottom + 20}
              text-anchor={!isBelow ? 'middle' : x(at) > width - 70 ? 'end' : 'start'}
            >
              {moment(
                new Date(at),
                language,
                zone,
                step >= 24 * hour
                  ? { hour: undefined, minute: undefined }
                  : { month: undefined, day: undefined },
              )}
            </text>
          </>
        ))}
        {rows.map(({ name, at }, row) => {
          const y = top + row * rowHeight + (isBelow ? rowHeight - 12 : rowHeight / 2);
          return (
            <>
              <text
                class="name"
                x={isBelow ? left - 6 : left - 14}
                y={isBelow ? y - 12 : y + 4}
                text-anchor={isBelow ? 'start' : 'end'}
              >
                {name.length > 26 ? `${name.slice(0, 25)}…` : name}
              </text>
              <line class="span" x1={left} x2={width - right} y1={y} y2={y} />
              {at.map((each) => (
                <circle
                  class={each === from ? 'first' : 'report'}
                  cx={x(each)}
                  cy={y}
                  r={each === from ? 6 : 5}
                />
              ))}
            </>
          );
        })}
      </svg>
    </div>
  );
}

function rowsOf(reports: Report[], say: Say): { name: string; at: number[] }[] {
  const byPublisher = new Map<string, number[]>();
  for (const { publisher, at } of reports) {
    const times = byPublisher.get(publisher) ?? [];
    times.push(at.getTime());
    byPublisher.set(publisher, times);
  }
  const all = [...byPublisher].map(([name, at]) => ({ name, at }));
  if (all.length <= mostRows) return all;
  const further = all.slice(mostRows - 1);
  return [
    ...all.slice(0, mostRows - 1),
    { name: say('further', { count: further.length }), at: further.flatMap(({ at }) => at) },
  ];
}

const sparkWidth = 160;
const sparkHeight = 28;
const buckets = 24;

/** How many stories came when, small. @param times seconds since 1970 @param from and until, milliseconds: what the whole width is */
export function Spark({
  times,
  from,
  until,
  label,
}: {
  times: number[];
  from: number;
  until: number;
  label: string;
}) {
  const counts = new Array<number>(buckets).fill(0);
  for (const seconds of times) {
    const at = Math.floor(((seconds * 1000 - from) / (until - from)) * buckets);
    if (at >= 0 && at < buckets) counts[at] = (counts[at] ?? 0) + 1;
  }
  return <Bars counts={counts} label={label} />;
}

/** Counts as small columns beside each other. */
export function Bars({ counts, label }: { counts: number[]; label: string }) {
  const most = Math.max(1, ...counts);
  const wide = sparkWidth / counts.length;
  const tenth = (value: number) => Math.round(value * 10) / 10;
  // One shape for all: a list of sources has hundreds of these.
  const bars = counts
    .map((count, at) => {
      if (count === 0) return '';
      const high = tenth(Math.max(2, (count / most) * (sparkHeight - 2)));
      return `M${tenth(at * wide + 0.5)} ${sparkHeight}v-${high}h${tenth(Math.max(1.5, wide - 1.5))}v${high}z`;
    })
    .join('');
  return (
    <svg
      class="spark"
      width={sparkWidth}
      height={sparkHeight}
      viewBox={`0 0 ${sparkWidth} ${sparkHeight}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <line class="ground" x1={0} x2={sparkWidth} y1={sparkHeight - 0.5} y2={sparkHeight - 0.5} />
      <path class="bars" d={bars} />
    </svg>
  );
}
