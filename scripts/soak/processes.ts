import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What runs under one name: a process, and after its end the next one. */
interface Place {
  name: string;
  arguments: string[];
  child: ChildProcess | undefined;
  ended: Promise<number | null>;
  startedAt: number;
  /** We have ended it, or asked it to end. */
  isExpected: boolean;
}

const endsWithinMs = 75_000;
/** Asked to end while it starts, a process ends at once, as any command does. */
const startsWithinMs = 120_000;
const interruptedCode = 130;

/** The processes of the program while it is soaked: each runs under a name, is killed or stopped, and started again. */
export class Processes {
  kills = 0;
  stops = 0;
  /** Of those stopped, how many ended with something still out, as STOP_SECONDS had passed. */
  slowStops = 0;
  /** What should not have been: a process that ended by itself, or did not end as it was asked to. */
  readonly wrong: string[] = [];
  readonly #main: string;
  readonly #environment: Record<string, string>;
  readonly #logs: string;
  readonly #places = new Map<string, Place>();

  /** @param logs a folder: each name has a file of all that its processes log */
  constructor(main: string, environment: Record<string, string>, logs: string) {
    this.#main = main;
    this.#environment = environment;
    this.#logs = logs;
  }

  /** Starts what runs under a name, or starts it again. */
  start(name: string, given?: string[]): void {
    const before = this.#places.get(name);
    const args = given ?? before?.arguments ?? [];
    const log = openSync(join(this.#logs, `${name}.log`), 'a');
    const child = spawn(process.execPath, ['--max-semi-space-size=8', this.#main, ...args], {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, NODE_ENV: 'production', ...this.#environment },
      stdio: ['ignore', log, log],
    });
    closeSync(log);
    const ended = new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(null));
      child.once('exit', (code) => resolve(code));
    });
    const place = { name, arguments: args, child, ended, startedAt: Date.now(), isExpected: false };
    this.#places.set(name, place);
    void ended.then((code) => {
      place.child = undefined as unknown as ChildProcess;
      if (!place.isExpected) this.wrong.push(`${name} ended by itself (${code})`);
    });
  }

  /** Those that run now: their names, process ids, and when they were started (milliseconds). */
  running(): { name: string; pid: number; startedAt: number }[] {
    return [...this.#places.values()].flatMap(({ name, child, startedAt }) =>
      child?.pid === undefined ? [] : [{ name, pid: child.pid, startedAt }],
    );
  }

  /** SIGKILL, at whatever it is. */
  async kill(name: string): Promise<void> {
    const place = this.#places.get(name);
    if (!place?.child) return;
    this.kills++;
    place.isExpected = true;
    place.child.kill('SIGKILL');
    await place.ended;
  }

  /** SIGTERM, as for an upgrade: it has to end by itself, with 0. */
  async stop(name: string): Promise<void> {
    const place = this.#places.get(name);
    if (!place?.child) return;
    this.stops++;
    place.isExpected = true;
    place.child.kill('SIGTERM');
    const code = await Promise.race([place.ended, sleep(endsWithinMs, 'not' as const, { ref: false })]);
    if (code === 0 || (code === interruptedCode && Date.now() - place.startedAt < startsWithinMs)) return;
    if (code === 1 && /\(STOP_SECONDS\): ending without it"\}\s*$/.test(this.lastWords(name))) {
      this.slowStops++;
      return;
    }
    this.wrong.push(
      code === 'not' ? `${name} did not end within ${endsWithinMs / 1000} s` : `${name} ended with ${code}`,
    );
    place.child?.kill('SIGKILL');
    await place.ended;
  }

  async stopAll(): Promise<void> {
    await Promise.all([...this.#places.keys()].map((name) => this.stop(name)));
  }

  /** Whatever else happens, none of ours stays. */
  killAll(): void {
    for (const place of this.#places.values()) {
      place.isExpected = true;
      place.child?.kill('SIGKILL');
    }
  }

  /** The end of what a process said. */
  lastWords(name: string): string {
    return readFileSync(join(this.#logs, `${name}.log`), 'utf8')
      .slice(-1000)
      .trim();
  }

  /** How many runs of newsletters the log says were missed. */
  missedRuns(): number {
    let missed = 0;
    for (const line of this.#lines()) {
      const entry = parsed(line);
      if (entry && /^runs were missed/.test(entry.msg)) missed += Number(JSON.parse(line).missed);
    }
    return missed;
  }

  /** What was logged from a level on, by its message: how often, and an example. */
  logged(level: number): Map<string, { level: number; count: number; example: string }> {
    const found = new Map<string, { level: number; count: number; example: string }>();
    for (const line of this.#lines()) {
      const entry = parsed(line);
      if (!entry || entry.level < level) continue;
      const known = found.get(entry.msg);
      if (known) known.count++;
      else found.set(entry.msg, { level: entry.level, count: 1, example: line });
    }
    return found;
  }

  #lines(): string[] {
    return [...this.#places.keys()].flatMap((name) =>
      readFileSync(join(this.#logs, `${name}.log`), 'utf8').split('\n'),
    );
  }
}

/** A line of the log; undefined: what a process was cut off in, or what is for people. Text of others (a compiler that lost us) is told as a warning. */
function parsed(line: string): { level: number; msg: string } | undefined {
  if (line.trim() === '') return undefined;
  try {
    const { level, msg } = JSON.parse(line);
    return { level: Number(level), msg: String(msg) };
  } catch {
    if (/^(Serving|Working|No SMTP|Stop with|Interrupted)/.test(line) || line.startsWith('{'))
      return undefined;
    return { level: 40, msg: 'text that is none of the log' };
  }
}
