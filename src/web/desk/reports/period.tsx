/** @jsxImportSource hono/jsx */
import type { DeskCall } from '../env.ts';
import type { Say } from './parts.tsx';

/** The times that reports are about, in days. */
export const periods = [30, 90, 365] as const;
export type Period = (typeof periods)[number];

/** Which one is asked for; 30 days if none is. */
export const periodOf = (c: DeskCall): Period =>
  periods.find((days) => String(days) === c.req.query('period')) ?? 30;

/** The choice among them, each a page. */
export function PeriodChoice({ at, days, say }: { at: string; days: number; say: Say }) {
  return (
    <nav class="segments" aria-label={say('period')}>
      {periods.map((each) => (
        <a class="button" href={`${at}?period=${each}`} aria-current={each === days ? 'page' : undefined}>
          {say(`days${each}`)}
        </a>
      ))}
    </nav>
  );
}
