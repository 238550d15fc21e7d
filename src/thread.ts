import { Worker } from 'node:worker_threads';

/** A thread's script, and its bounds. */
export interface ThreadOptions {
  /** The URL of the module that starts it, without the script's ending: `new URL('./template-worker', import.meta.url)`. */
  script: URL;
  memoryMb?: number;
  /** What the script sees of the environment; all, if not given. */
  env?: Record<string, string>;
  /** After so long without a request it ends, and gives its memory back. */
  idleMs?: number;
  /** What those who wait are told when the thread ends by itself. */
  ended(error: Error): Error;
}

interface Waiting<Answer> {
  resolve(answer: Answer): void;
  reject(error: Error): void;
}

/**
 * A thread that answers requests: started when it is first asked, stopped when it takes too long, and started anew for the
 * next request. It keeps no process from ending while nobody waits.
 */
export class Thread<Request extends object, Answer extends { id: number }> {
  readonly #options: ThreadOptions;
  readonly #waiting = new Map<number, Waiting<Answer>>();
  #worker: Worker | undefined;
  #idle: NodeJS.Timeout | undefined;
  #nextId = 0;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /**
   * Asks for one answer.
   * @param late what all who wait are told if it does not come in time: the thread is stopped then
   */
  async ask(request: Request, timeoutMs: number, late: () => Error): Promise<Answer> {
    this.#worker ??= this.#start();
    const current = this.#worker;
    clearTimeout(this.#idle);
    current.ref();
    const id = ++this.#nextId;
    const timer = setTimeout(() => this.#stop(current, late()), timeoutMs);
    try {
      return await new Promise<Answer>((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject });
        current.postMessage({ ...request, id });
      });
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#rest(current);
    }
  }

  #rest(current: Worker): void {
    current.unref();
    const { idleMs, ended } = this.#options;
    if (idleMs === undefined) return;
    this.#idle = setTimeout(() => this.#stop(current, ended(new Error('it was idle'))), idleMs);
    this.#idle.unref();
  }

  #start(): Worker {
    const { script, memoryMb, env, ended } = this.#options;
    // The script is what this file is: TypeScript in a checkout, JavaScript when it is built.
    const ending = import.meta.filename.endsWith('.ts') ? '.ts' : '.js';
    const started = new Worker(new URL(script.href + ending), {
      execArgv: ['--disable-warning=ExperimentalWarning'],
      ...(memoryMb ? { resourceLimits: { maxOldGenerationSizeMb: memoryMb } } : {}),
      ...(env ? { env } : {}),
    });
    started.on('message', (answer: Answer) => this.#waiting.get(answer.id)?.resolve(answer));
    // Without a listener an error between two requests would end the process.
    started.on('error', (error) => this.#stop(started, ended(error)));
    return started;
  }

  #stop(stopped: Worker, error: Error): void {
    if (this.#worker === stopped) {
      this.#worker = undefined;
      for (const each of [...this.#waiting.values()]) each.reject(error);
    }
    void stopped.terminate();
  }
}
