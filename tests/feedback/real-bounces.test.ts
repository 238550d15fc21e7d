import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseFeedback } from '../../src/feedback/parse.ts';
import { packageRoot } from '../../src/package-root.ts';

// Real bounces lie beside a developer's checkout; they are not part of the project.
const folder = join(packageRoot, '../shared/eval/bounces-dev');
const isThere = existsSync(folder);

test.skipIf(!isThere)('real bounces are understood (skipped where the collection is missing)', () => {
  const rows = readFileSync(join(folder, 'labels.tsv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'));
  const seen = new Map<string, number>();
  let hardRight = 0;
  let reasonRight = 0;
  const falseBounces: string[] = [];
  for (const [file = '', , , reason = '', hard] of rows) {
    const feedback = parseFeedback(readFileSync(join(folder, file)));
    const index = seen.get(file) ?? 0;
    seen.set(file, index + 1);
    const recipient = feedback.recipients[index] ?? feedback;
    if (recipient.hard === (hard === 'true')) hardRight += 1;
    if (recipient.reason === reason) reasonRight += 1;
    if (/^(?:feedback|vacation|delivered)$/.test(reason) && feedback.kind === 'bounce')
      falseBounces.push(file);
  }
  expect(hardRight / rows.length).toBeGreaterThanOrEqual(0.97);
  expect(reasonRight / rows.length).toBeGreaterThanOrEqual(0.9);
  expect(falseBounces).toEqual([]);
});
