import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../../../context.ts';
import { countFigures } from '../../../feedback/edition-figures.ts';
import { countReport, reportsDue } from '../../../feedback/edition-report.ts';
import { countListReport, listReportsDue } from '../../../subscribers/list-report.ts';
import type { DeskSite } from '../env.ts';

// A page does not wait longer for something to be counted.
const patienceMs = 120;

/** Counts what reports show, after pages have asked for it, one edition or list at a time. */
export class ReportsKeeper {
  readonly #context: Context;
  readonly #background: DeskSite['background'];
  readonly #waiting = new Map<string, () => Promise<void>>();
  #running: Promise<void> | undefined;

  constructor(context: Context, background: DeskSite['background']) {
    this.#context = context;
    this.#background = background;
  }

  /** Has editions counted whose figures are old, and a newsletter's lists. Waits a moment: few are counted at once. */
  async refresh({
    editions = [],
    newsletterId,
  }: {
    editions?: number[];
    newsletterId?: number;
  }): Promise<void> {
    const [due, lists] = await Promise.all([
      editions.length > 0 ? reportsDue(this.#context, editions) : [],
      newsletterId === undefined ? [] : listReportsDue(this.#context, newsletterId),
    ]);
    for (const id of due)
      this.#waiting.set(`edition ${id}`, async () => {
        await countReport(this.#context, id);
        await countFigures(this.#context, id);
      });
    for (const id of lists) this.#waiting.set(`list ${id}`, () => countListReport(this.#context, id));
    if (this.#waiting.size === 0) return;
    if (!this.#running) {
      this.#running = this.#work().finally(() => {
        this.#running = undefined;
      });
      const running = this.#running;
      this.#background.run('counting for reports', () => running);
    }
    await Promise.race([this.#running.catch(() => {}), sleep(patienceMs, undefined, { ref: false })]);
  }

  async #work(): Promise<void> {
    for (;;) {
      const [next] = this.#waiting;
      if (!next) return;
      const [name, count] = next;
      this.#waiting.delete(name);
      await count();
    }
  }
}
