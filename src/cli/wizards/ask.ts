import { confirm, isCancel, multiselect, password, select, text } from '@clack/prompts';
import { messageOf, UserError } from '../../errors.ts';
import { Interrupted } from '../interrupt.ts';
import type { Asking } from '../terminal.ts';

/** One of several answers. */
export interface Choice {
  value: string;
  label: string;
  hint?: string;
}

/** How a line of text is asked for. */
export interface TextQuestion {
  /** What stands there already. */
  initial?: string;
  /** An example. */
  example?: string;
  /** Whether nothing is an answer, too. */
  optional?: boolean;
  /** Throws an error that says what is wrong with the answer. */
  check?: (answer: string) => unknown;
}

/** Asks a person on a terminal, one question after the other. Each throws Interrupted at Ctrl-C or Escape. */
export interface Ask {
  /** A line, trimmed; empty only where that is an answer. */
  text(message: string, question?: TextQuestion): Promise<string>;
  /** A line that is not shown. */
  secret(message: string): Promise<string>;
  one(message: string, choices: readonly Choice[], initial?: string): Promise<string>;
  /** Any number of them; at least one if `needed`. */
  some(
    message: string,
    choices: readonly Choice[],
    options?: { initial?: readonly string[]; needed?: boolean },
  ): Promise<string[]>;
  yes(message: string): Promise<boolean>;
}

/** The questions as @clack/prompts asks them. */
export function askAt({ input, output }: Required<Asking>): Ask {
  const at = { input, output };
  const answered = <Value>(answer: Value): Exclude<Value, symbol> => {
    if (isCancel(answer)) throw new Interrupted('Nothing was done.');
    return answer as Exclude<Value, symbol>;
  };
  return {
    async text(message, { initial, example, optional = false, check } = {}) {
      const validate = (answer: string | undefined) => {
        const said = (answer ?? '').trim();
        if (said === '') return optional ? undefined : 'This needs an answer.';
        return check && complaint(() => check(said));
      };
      const answer = await text({ ...at, message, initialValue: initial, placeholder: example, validate });
      return (answered(answer) ?? '').trim();
    },
    async secret(message) {
      return answered(await password({ ...at, message }));
    },
    async one(message, choices, initial) {
      return answered(await select({ ...at, message, options: [...choices], initialValue: initial }));
    },
    async some(message, choices, { initial = [], needed = false } = {}) {
      const chosen = await multiselect({
        ...at,
        message,
        options: [...choices],
        initialValues: [...initial],
        required: needed,
      });
      return answered(chosen);
    },
    async yes(message) {
      return answered(await confirm({ ...at, message, initialValue: true }));
    },
  };
}

/** What a check says of an answer; undefined: nothing. */
function complaint(check: () => unknown): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return [messageOf(error), error instanceof UserError ? error.hint : undefined].filter(Boolean).join(' ');
  }
}

/** Throws an error with these words unless a condition holds; for checks. */
export function must(holds: boolean, words: string): void {
  if (!holds) throw new Error(words);
}
