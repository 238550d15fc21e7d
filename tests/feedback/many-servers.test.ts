import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseFeedback } from '../../src/feedback/parse.ts';

// Invented messages in the forms of many servers; what each says stands in expected.json.
const folder = join(import.meta.dirname, 'fixtures/servers');
const expected = JSON.parse(readFileSync(join(folder, 'expected.json'), 'utf8')) as Record<
  string,
  { kind: string; recipients: { address: string; reason: string; hard: boolean }[] }
>;

test.each(Object.entries(expected))('%s', (name, { kind, recipients }) => {
  const feedback = parseFeedback(readFileSync(join(folder, `${name}.eml`)));
  expect(feedback.kind).toBe(kind);
  if (kind === 'bounce')
    expect(feedback.recipients.map(({ address, reason, hard }) => ({ address, reason, hard }))).toEqual(
      recipients,
    );
});

test.each(['tom', 'to', 'address', 'recipient.x', 'to-day', 'delivered'])(
  'an address that begins with "%s" is read whole',
  (local) => {
    const notice = readFileSync(join(folder, 'exim-multi.eml'), 'utf8').replaceAll('tomas@', `${local}@`);
    expect(parseFeedback(Buffer.from(notice)).recipients[1]?.address).toBe(`${local}@other.test`);
  },
);
