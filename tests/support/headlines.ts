import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { packageRoot } from '../../src/package-root.ts';

/** A headline of which it is known what event it reports. */
export interface Headline {
  title: string;
  url: string;
  publisher: string;
  event: string;
  publishedAt: Date;
}

/** Real headlines, which lie beside a developer's checkout; they are not part of the project. */
const realFile = join(packageRoot, '../shared/eval/headlines-dev.csv');
export const hasRealHeadlines: boolean = existsSync(realFile);

/** Real headlines where they are there, else invented ones of the same kind. */
export function headlines(): Headline[] {
  if (!hasRealHeadlines) return inventedHeadlines();
  const rows: Record<string, string>[] = parse(readFileSync(realFile), { columns: true });
  return rows.map((row) => ({
    title: row.TITLE ?? '',
    url: row.URL ?? '',
    publisher: row.PUBLISHER ?? '',
    event: row.STORY ?? '',
    publishedAt: new Date(Number(row.TIMESTAMP)),
  }));
}

const subjects = [
  ['Storm Odile', 'floods', 'Marlow Bay harbour', 'hundreds flee', 'tide'],
  ['Tessaly quantum clock', 'keeps', 'a whole year', 'physicists cheer', 'second'],
  ['Conductor Ines Kato', 'joins', 'Vellmar orchestra', 'youngest ever', 'baton'],
  ['Dunhaven rail strike', 'ends after', 'pay talks', 'drivers accept', 'trains'],
  ['Orange lynx', 'photographed at', 'Lake Ostrava', 'rangers surprised', 'coat'],
  ['Glider pilot', 'lands on', 'Brixholm motorway', 'nobody hurt', 'traffic'],
  ['Bakery oven', 'reopens in', 'Aldermoor square', 'rye returns', 'bread'],
  ['Chess master Pell', 'wins', 'Pellworth island cup', 'final upset', 'gambit'],
  ['Solar ferry', 'crosses', 'Kelder strait', 'first passage', 'battery'],
  ['Meteor shower', 'lights', 'Norrland sky', 'thousands watch', 'comet'],
  ['Museum heist', 'foiled at', 'Quillon gallery', 'guard praised', 'painting'],
  ['Vaccine trial', 'succeeds in', 'Ombria clinics', 'doctors relieved', 'measles'],
] as const;

const shapes = [
  (s: readonly string[]) => `${s[0]} ${s[1]} ${s[2]}`,
  (s: readonly string[]) => `${s[2]}: ${s[3]} as ${s[0]} makes news`,
  (s: readonly string[]) => `${s[0]} and the ${s[4]}: what we know about ${s[2]}`,
  (s: readonly string[]) => `${s[3]} after ${s[0]} ${s[1]} ${s[2]}`,
  (s: readonly string[]) => `Video: ${s[0]} ${s[1]} ${s[2]}, ${s[4]} in focus`,
];

function inventedHeadlines(): Headline[] {
  const start = Date.parse('2026-11-20T06:00:00Z');
  return subjects.flatMap((subject, event) =>
    Array.from({ length: 24 - event }, (_, copy) => {
      const publisher = `Paper ${((event * 7 + copy) % 40) + 1}`;
      return {
        title: shapes[copy % shapes.length]?.(subject) ?? '',
        url: `https://paper.example.com/${event}/${copy}`,
        publisher,
        event: `event-${event}`,
        publishedAt: new Date(start + (event * 24 + copy) * 600_000),
      };
    }),
  );
}
