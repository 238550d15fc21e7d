import { expect, test } from 'vitest';
import { parseFeedback } from '../../src/feedback/parse.ts';
import { isHard, type Reason } from '../../src/feedback/reasons.ts';
import { readSamples, understoodReason } from '../support/samples.ts';

test.each(['first', 'second', 'third', 'fourth'])('messages of many servers are understood: %s', (name) => {
  const samples = readSamples(name);
  expect(samples.length).toBeGreaterThan(20);
  const found = samples.map(({ name, message, reason }) => {
    const feedback = parseFeedback(message);
    if (reason === 'none') return `${name}: ${feedback.kind === 'bounce' ? 'bounce' : 'none'}`;
    return `${name}: ${understoodReason(feedback)}${(feedback.recipients[0]?.hard ?? false) ? ', hard' : ''}`;
  });
  expect(found).toEqual(
    samples.map(({ name, reason }) => `${name}: ${reason}${isHard(reason as Reason) ? ', hard' : ''}`),
  );
});
