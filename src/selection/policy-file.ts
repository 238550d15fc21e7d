import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { messageOf, UserError } from '../errors.ts';
import { type Policy, policySchema } from './policy.ts';

type Path = (string | number)[];

/**
 * Reads a selection policy.
 * @returns the document as it is written, and the policy with defaults for what it leaves out
 * @throws UserError naming the file and the line of each thing that is wrong
 */
export function readPolicyFile(file: string): { document: Record<string, unknown>; policy: Policy } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UserError(`The policy ${file} cannot be read: ${messageOf(error)}.`, { code: 'policy' });
  }
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const line = lineAt(text, placesIn(text).end);
    throw new UserError(`The policy ${file} is no JSON, in line ${line}: ${messageOf(error)}.`, {
      code: 'policy',
      details: { file, line },
    });
  }
  const parsed = policySchema.safeParse(document);
  if (parsed.success) return { document: document as Record<string, unknown>, policy: parsed.data };
  const { places } = placesIn(text);
  const problems = parsed.error.issues.map((issue) => {
    const path = pathOf(issue);
    const at = places.get(keyOf(path)) ?? places.get(keyOf(path.slice(0, -1))) ?? 0;
    return { line: lineAt(text, at), path: path.join('.') || 'policy', reason: issue.message };
  });
  throw new UserError(
    `The selection policy ${file} is wrong:\n${problems.map(({ line, path, reason }) => `  line ${line}, ${path}: ${reason}`).join('\n')}`,
    { code: 'policy', hint: 'docs/selection.md lists what a policy may say.', details: { file, problems } },
  );
}

function pathOf(issue: z.core.$ZodIssue): Path {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  // An unknown name is reported where it would stand.
  return issue.code === 'unrecognized_keys' ? [...path, issue.keys[0] ?? ''] : path;
}

const keyOf = (path: Path) => JSON.stringify(path.map(String));
const lineAt = (text: string, at: number) => text.slice(0, at).split('\n').length;

const patterns = {
  blank: /\s*/y,
  string: /"(?:[^"\\\p{Cc}]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/uy,
  scalar: /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y,
};

/**
 * Where each value of a JSON text begins, by its path, and where the text stops being JSON: JSON.parse says the one never,
 * the other not always.
 */
function placesIn(text: string): { places: Map<string, number>; end: number } {
  const places = new Map<string, number>();
  let at = 0;
  const take = (kind: keyof typeof patterns): string | undefined => {
    const pattern = patterns[kind];
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    at += found?.length ?? 0;
    return found;
  };
  const sign = (expected: string): boolean => {
    take('blank');
    if (text[at] !== expected) return false;
    at++;
    return true;
  };
  /** What stands between brackets, separated by commas. */
  const items = (close: string, item: (index: number) => boolean): boolean => {
    if (sign(close)) return true;
    for (let index = 0; item(index); index++) {
      if (sign(close)) return true;
      if (!sign(',')) return false;
    }
    return false;
  };
  const value = (path: Path): boolean => {
    take('blank');
    if (!places.has(keyOf(path))) places.set(keyOf(path), at);
    if (sign('[')) return items(']', (index) => value([...path, index]));
    if (sign('{'))
      return items('}', () => {
        take('blank');
        const begin = at;
        const name = take('string');
        if (name === undefined) return false;
        const inner = [...path, JSON.parse(name) as string];
        places.set(keyOf(inner), begin);
        return sign(':') && value(inner);
      });
    return (take('string') ?? take('scalar')) !== undefined;
  };
  if (value([])) take('blank');
  return { places, end: at };
}
