/** Shows a person how far a long command is. On standard error, and only if that is a terminal. */
export interface Progress {
  /** So many are done in all, of so many if that is known by now. Cheap: it is drawn a few times a second at most. */
  update(done: number, total?: number): void;
  /** Takes the line away. Call it before anything is printed, and when all is done. */
  end(): void;
}

/** How a progress is shown; the defaults are the terminal's. */
export interface ProgressOptions {
  /** How many there are to do; unknown if not given. */
  total?: number;
  /** How many an earlier run had done: they count as done, but not for the rate. */
  before?: number;
  stream?: Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;
  /** Milliseconds that only grow. */
  now?: () => number;
}

const drawEveryMs = 200;
/** A rate says something only after so long. */
const settledMs = 1_000;

/**
 * Begins to show progress.
 * @param what the things that are counted, in the plural: "rows", "messages"
 */
export function startProgress(what: string, options: ProgressOptions = {}): Progress {
  const { before = 0, stream = process.stderr, now = () => performance.now() } = options;
  if (!stream.isTTY) return { update() {}, end() {} };
  const began = now();
  let total = options.total;
  let drawnAt = Number.NEGATIVE_INFINITY;
  return {
    update(done, newTotal) {
      total = newTotal ?? total;
      const at = now();
      if (at - drawnAt < drawEveryMs) return;
      drawnAt = at;
      const line = progressLine(what, { done, total, before, elapsedMs: at - began });
      // A line that wraps could not be overwritten.
      stream.write(`\r\u001b[K${line.slice(0, (stream.columns || 80) - 1)}`);
    },
    end() {
      if (drawnAt > Number.NEGATIVE_INFINITY) stream.write('\r\u001b[K');
      drawnAt = Number.NEGATIVE_INFINITY;
    },
  };
}

/** Such as "12,400 of 100,000 rows, 3,100 a second, 28 s left". Rate and time left come when a second has passed. */
export function progressLine(
  what: string,
  { done, total, before, elapsedMs }: { done: number; total?: number; before: number; elapsedMs: number },
): string {
  const count = (number: number) => number.toLocaleString('en');
  const parts = [
    total === undefined ? `${count(done)} ${what}` : `${count(done)} of ${count(total)} ${what}`,
  ];
  const perSecond = ((done - before) * 1000) / elapsedMs;
  if (elapsedMs >= settledMs && perSecond > 0) {
    parts.push(
      perSecond >= 1
        ? `${count(Math.round(perSecond))} a second`
        : `${count(round(perSecond * 60))} a minute`,
    );
    if (total !== undefined && total > done) parts.push(`${timeLeft((total - done) / perSecond)} left`);
  }
  return parts.join(', ');
}

const round = (number: number) => Math.max(1, Math.round(number));

function timeLeft(seconds: number): string {
  if (seconds < 90) return `${round(seconds)} s`;
  if (seconds < 90 * 60) return `${round(seconds / 60)} min`;
  return `${round(seconds / 3600)} h`;
}
