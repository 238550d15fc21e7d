// `npm run eval:bounces -- FOLDER [--json]`: how well bounces are understood, on a folder of messages with a labels.tsv
// (columns file, status, reply_code, reason, hard; one line a recipient, in the message's order).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../src/errors.ts';
import type { Feedback, RecipientReport } from '../src/feedback/feedback.ts';
import { parseFeedback } from '../src/feedback/parse.ts';

interface Label {
  status: string;
  reply: string;
  reason: string;
  hard: boolean;
}

const [folder, ...flags] = process.argv.slice(2);
if (!folder || folder.startsWith('--')) {
  console.error('Usage: npm run eval:bounces -- FOLDER [--json]');
  process.exit(2);
}

const labels = new Map<string, Label[]>();
try {
  for (const line of readFileSync(join(folder, 'labels.tsv'), 'utf8').split(/\r?\n/).slice(1)) {
    if (!line.trim()) continue;
    const [file = '', status = '', reply = '', reason = '', hard = ''] = line.split('\t');
    labels.set(file, [...(labels.get(file) ?? []), { status, reply, reason, hard: hard === 'true' }]);
  }
} catch (error) {
  console.error(`${join(folder, 'labels.tsv')} cannot be read: ${messageOf(error)}`);
  process.exit(1);
}

const noBounce = new Set(['feedback', 'vacation', 'delivered']);
const right = { hard: 0, reason: 0, status: 0, reply: 0 };
let total = 0;
let stated = { status: 0, reply: 0 };
const falseBounces: string[] = [];
const missedBounces: string[] = [];
const confusions = new Map<string, string[]>();
const hardErrors: string[] = [];
const started = performance.now();
for (const [file, expected] of labels) {
  const parsed = parseFeedback(readFileSync(join(folder, file)));
  const isBounce = expected.some(({ reason }) => !noBounce.has(reason));
  if (!isBounce && parsed.kind === 'bounce') falseBounces.push(file);
  if (isBounce && parsed.kind !== 'bounce') missedBounces.push(file);
  for (const [index, label] of expected.entries()) {
    const found = understood(parsed, index);
    total += 1;
    if (found.hard === label.hard) right.hard += 1;
    else hardErrors.push(file);
    if (found.reason === label.reason) right.reason += 1;
    else {
      const key = `${label.reason} taken for ${found.reason ?? 'nothing'}`;
      confusions.set(key, [...(confusions.get(key) ?? []), file]);
    }
    // Codes such as 5.0.911 are made by the labels' own parser; no message states them.
    if (label.status && !/^[45]\.0\.9\d\d$/.test(label.status)) {
      stated = { ...stated, status: stated.status + 1 };
      if (found.status === label.status) right.status += 1;
    }
    if (label.reply) {
      stated = { ...stated, reply: stated.reply + 1 };
      if (String(found.reply ?? '') === label.reply) right.reply += 1;
    }
  }
}
const seconds = Math.round(performance.now() - started) / 1000;

/** What is said of the recipient at a place; of the message, if it names no recipients. */
function understood(
  parsed: Feedback,
  index: number,
): Pick<RecipientReport, 'hard' | 'status' | 'reply'> & { reason: string | null } {
  return (
    parsed.recipients[index] ?? {
      hard: parsed.recipients.length === 0 && parsed.hard,
      status: null,
      reply: null,
      reason: parsed.recipients.length === 0 ? parsed.reason : null,
    }
  );
}

const share = (count: number, of: number) => (of === 0 ? 1 : count / of);
const result = {
  folder,
  messages: labels.size,
  recipients: total,
  hardAccuracy: share(right.hard, total),
  reasonAccuracy: share(right.reason, total),
  statusAccuracy: share(right.status, stated.status),
  replyAccuracy: share(right.reply, stated.reply),
  falseBounces,
  missedBounces,
  hardErrors,
  confusions: Object.fromEntries([...confusions].sort((a, b) => b[1].length - a[1].length)),
  seconds,
};
if (flags.includes('--json')) console.log(JSON.stringify(result));
else {
  const percent = (value: number) => `${(value * 100).toFixed(1)} %`;
  console.log(`${result.messages} messages, ${total} recipients, in ${seconds} s`);
  console.log(
    `hard or not ${percent(result.hardAccuracy)}, reason ${percent(result.reasonAccuracy)}, status code ${percent(result.statusAccuracy)}, reply code ${percent(result.replyAccuracy)}`,
  );
  console.log(
    `taken for bounces: ${falseBounces.join(', ') || 'none'}; not taken for bounces: ${missedBounces.join(', ') || 'none'}`,
  );
  if (hardErrors.length > 0) console.log(`wrong on hard: ${hardErrors.join(', ')}`);
  for (const [key, files] of Object.entries(result.confusions)) console.log(`  ${key}: ${files.join(', ')}`);
}
