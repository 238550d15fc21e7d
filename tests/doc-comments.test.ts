import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../src/package-root.ts';

const exported =
  /^export (?:default )?(?:async )?(?:function\*? (?<name>\w+)|(?:abstract )?class |(?:const|let) )/;
/** Whether a constant is a function: a value in brackets begins like one. */
const isFunction =
  /^export (?:const|let) \w+(?:: [^=]+)? =\s+(?:async )?(?:<.+?>)?(?:\w+|\([^()]*(?:\([^()]*\)[^()]*)*\)(?:: [^=]+(?:=> [^=]+)?)?) =>/;
const method = /^ {2}(?:static |override |async |get |set |\*)*(?!constructor\b|if\b|for\b)\w+(?:<[^(]+>)?\(/;

/**
 * The exported functions and classes of a file, and the methods that others may call, that no doc comment explains. Methods of a
 * class that implements an interface are explained there. Reads lines, as the formatter lays them out.
 */
function unexplained(text: string): string[] {
  const lines = text.split('\n');
  const isExplained = (at: number): boolean => {
    const above = lines[at - 1] ?? '';
    return above.trimStart().startsWith('// biome-ignore') ? isExplained(at - 1) : above.endsWith('*/');
  };
  const found: string[] = [];
  let inClass = false;
  let before = '';
  for (const [at, line] of lines.entries()) {
    if (/^export (?:default )?(?:abstract )?class /.test(line)) inClass = !/ implements /.test(line);
    else if (/^\S/.test(line) && !/^[})]/.test(line)) inClass = false;
    const match = exported.exec(line);
    const isOwn =
      match && (!/^export (?:const|let)/.test(line) || isFunction.test(lines.slice(at, at + 12).join('\n')));
    // Of several forms of one function the first is explained.
    const isAnotherForm = match?.groups?.name !== undefined && match.groups.name === before;
    if (isOwn) before = match.groups?.name ?? '';
    if ((isOwn && !isAnotherForm) || (inClass && method.test(line))) {
      if (!isExplained(at)) found.push(`${at + 1}: ${line.trim()}`);
    }
  }
  return found;
}

test('every function, class and method of src that others may call is explained', () => {
  const files = globSync('src/**/*.{ts,tsx}', { cwd: packageRoot });
  expect(files.length).toBeGreaterThan(500);
  const missing = files.flatMap((file) =>
    unexplained(readFileSync(join(packageRoot, file), 'utf8')).map((each) => `${file}:${each}`),
  );
  expect(missing).toEqual([]);
});

test.each([
  ['export function a() {}', 1],
  ['/** Does it. */\nexport function a() {}', 0],
  ['// Does it.\nexport async function a() {}', 1],
  ['export const a = (b: () => void, c = f(1)): string =>\n  b;', 1],
  ['export const a = async <T>(\n  b: T,\n): Promise<T> => b;', 1],
  ['export const a = b => b;', 1],
  ['/** A. */\n// biome-ignore lint: because\nexport function a() {}', 0],
  ['export const a: Loader = (b) => b;', 1],
  ['export const a = (1 + 2) * 3;\nexport const b = [1].map((c) => c);', 0],
  ["export const a =\n  'text';\nexport const b = { c: (d) => d };", 0],
  ['/** A. */\nexport function a(b: string): void;\nexport function a(b: number): void;', 0],
  ['export class A {\n  b(): void {}\n  #c(): void {}\n  constructor() {}\n}', 2],
  ['/** A. */\nexport class A implements B {\n  b(): void {}\n}', 0],
  [
    '/** A. */\nexport class A {\n  /** B. */\n  async b(): Promise<void> {\n    if (c) d();\n  }\n}\nfunction e() {\n  f();\n}',
    0,
  ],
])('%j has %i without', (text, count) => {
  expect(unexplained(text)).toHaveLength(count);
});
