import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable, Writable } from 'node:stream';
import { execute } from '../../src/cli/execute.ts';

/** What a command that runs in this process sees of it. */
interface Place {
  env: NodeJS.ProcessEnv;
  stdin: Readable;
  stdout: Writable;
  stderr: Writable;
  exit(code?: number): void;
}

const places = new AsyncLocalStorage<Place>();
let before: Promise<unknown> = Promise.resolve();

/**
 * Runs a command as a process of its own would, in this one, which has loaded it already: what it reads of `process` (settings,
 * standard input) and does to it (what it prints, how it ends) is its own. One after the other, as Node lets nothing stand in for the
 * exit code. Signals, and that the process ends when the command does, are for tests that start the program itself.
 * @param input what comes by standard input
 */
export function runCommand(
  environment: Record<string, string>,
  args: readonly string[],
  input = '',
): Promise<{ code: number; out: string; err: string }> {
  const running = before.then(() => runAlone(environment, args, input));
  before = running.catch(() => {});
  return running;
}

async function runAlone(
  environment: Record<string, string>,
  args: readonly string[],
  input: string,
): Promise<{ code: number; out: string; err: string }> {
  const said = { out: '', err: '' };
  const collect = (into: keyof typeof said) =>
    new Writable({
      decodeStrings: false,
      write(text: string | Buffer, _encoding, done) {
        said[into] += text.toString();
        done();
      },
    });
  const { promise: exited, resolve: exit } = Promise.withResolvers<number | undefined>();
  const place: Place = {
    env: { PATH: process.env.PATH, NO_COLOR: '1', ...environment },
    stdin: Readable.from(input ? [Buffer.from(input)] : []),
    stdout: collect('out'),
    stderr: collect('err'),
    exit,
  };
  const exitCode = process.exitCode;
  process.exitCode = undefined;
  try {
    const code = await places.run(place, () => Promise.race([execute(args), exited]));
    return { code: code ?? Number(process.exitCode ?? 0), ...said };
  } finally {
    process.exitCode = exitCode;
  }
}

for (const name of ['env', 'stdin', 'stdout', 'stderr', 'exit'] as const) stand(name);

/** Has a property of `process` be the one of the command at hand; without one it is what it was. */
function stand(name: keyof Place): void {
  const own = Object.getOwnPropertyDescriptor(process, name);
  if (!own) throw new Error(`This Node has no process.${name}`);
  let value = own.value as unknown;
  const get = own.get?.bind(process) ?? (() => value);
  const set =
    own.set?.bind(process) ??
    ((given: unknown) => {
      value = given;
    });
  Object.defineProperty(process, name, {
    configurable: true,
    enumerable: own.enumerable ?? true,
    get() {
      const place = places.getStore();
      return place ? place[name] : get();
    },
    set(given: unknown) {
      const place = places.getStore();
      if (place) Object.assign(place, { [name]: given });
      else set(given);
    },
  });
}
