import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { classify } from '../../src/feedback/classify.ts';
import { type Reason, reasons } from '../../src/feedback/reasons.ts';
import { codesIn } from '../../src/feedback/status.ts';
import type { Stage } from '../../src/feedback/wording.ts';

// What servers of many makes and countries write, each with the stage of the conversation (empty: in a report, without one).
const rows = readFileSync(join(import.meta.dirname, 'fixtures/sentences.tsv'), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split('\t') as [Reason, Stage | '', string]);
const byReason = Map.groupBy(rows, ([reason]) => reason);

test.each([...byReason.keys()])('%s is understood', (reason) => {
  expect(reasons).toHaveProperty(reason);
  const found = (byReason.get(reason) ?? []).map(([, stage, words]) => [
    words,
    classify({ texts: [words], ...codesIn(words), stage: stage || undefined, isStated: true, action: null }),
  ]);
  expect(found).toEqual(found.map(([words]) => [words, reason]));
});
