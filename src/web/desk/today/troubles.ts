import type { Progress } from '../../../delivery/progress.ts';
import { classify } from '../../../feedback/classify.ts';
import type { Reason } from '../../../feedback/reasons.ts';

/** Messages that failed or were put off for one reason. */
export interface Trouble {
  state: 'failed' | 'deferred';
  reason: Reason;
  /** What a server said, as one of them said it. */
  words: string;
  count: number;
}

const most = 6;

/** What failed or was put off, by reason: servers say the same in many words. */
export function troublesOf({ troubles }: Pick<Progress, 'troubles'>): Trouble[] {
  const byReason = new Map<string, Trouble>();
  for (const { state, code, words, count } of troubles) {
    const said = words.replace(/^(?:given up after|sent again)[^:]{0,40}: /, '');
    const reason = classify({
      texts: [said],
      status: /\b[245]\.\d{1,3}\.\d{1,3}\b/.exec(said)?.[0] ?? null,
      reply: code,
      isStated: said !== '',
      action: null,
    });
    const known = byReason.get(`${state} ${reason}`);
    if (known) known.count += count;
    else byReason.set(`${state} ${reason}`, { state, reason, words: said, count });
  }
  return [...byReason.values()].sort((a, b) => b.count - a.count).slice(0, most);
}
