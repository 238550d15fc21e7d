import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { classify } from '../../src/feedback/classify.ts';
import { isHard, type Reason, reasons } from '../../src/feedback/reasons.ts';
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

// A mailbox that is taken for dead gets nothing any more.
test.each<[Stage | undefined, string]>([
  ['rcpt', '550 5.7.1 recipient does not accept mail from unknown senders'],
  ['mail', '550 sender not found in address book'],
  ['rcpt', '451 4.3.0 user database not available'],
  ['rcpt', '550 5.7.1 user not authorized to receive mail from outside'],
  ['rcpt', '550 Your account is not valid for sending here'],
  ['data', '550 The message has no valid recipient header found'],
  ['mail', '550 sender address could not be verified: user unknown'],
  ['rcpt', '550 You are not a known user of this relay'],
  ['mail', '530 user not logged in; account not recognized'],
  ['rcpt', '554 5.7.1 the recipient is not accepting mail at this time'],
  ['data', '550 5.6.0 message has an address that is not valid in the To header'],
  ['rcpt', '550 5.7.1 This person is not here to receive spam'],
  ['connect', '550 Your host is unknown, no PTR record found'],
  ['rcpt', '450 could not find user database entry, please try again later'],
  [undefined, 'the certificate of the mail server was not found valid for this address'],
  ['rcpt', '550 5.1.7 the sender address is not valid'],
])('%s: "%s" does not say that the mailbox is dead', (stage, words) => {
  const reason = classify({ texts: [words], ...codesIn(words), stage, isStated: true, action: null });
  expect(isHard(reason), reason).toBe(false);
});
