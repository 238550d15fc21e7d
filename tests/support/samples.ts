import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Feedback } from '../../src/feedback/feedback.ts';
import type { Sample } from './bounce-forms/report.ts';
import { inForm } from './bounce-forms.ts';

/**
 * The made-up messages of tests/feedback/fixtures/samples/NAME.txt. Each begins with a line `== FORM | REASON | KEY=VALUE ...`;
 * what was said follows. Keys: to, host, stage, status, action. The reason `none` is of a message that is no bounce
 * and nothing else that is acted on.
 */
export function readSamples(name: string): (Sample & { name: string; message: Buffer })[] {
  const path = join(import.meta.dirname, '../feedback/fixtures/samples', `${name}.txt`);
  return readFileSync(path, 'utf8')
    .split(/^== /m)
    .slice(1)
    .map((block, index) => {
      const [line = '', ...words] = block.trimEnd().split('\n');
      const [form = '', reason = '', keys = ''] = line.split('|').map((part) => part.trim());
      const given = Object.fromEntries(keys.split(/\s+/).map((pair) => pair.split('=', 2)));
      const first = /^[45](?:\.\d{1,3}){2}(?= )/.exec(words.join(' ').replace(/^\d{3}[ -]/, ''))?.[0];
      const sample: Sample = {
        form,
        reason,
        to: 'kim.berger@verein.test',
        host: 'mx1.verein.test',
        stage: 'rcpt',
        status: first ?? (words[0]?.startsWith('4') ? '4.0.0' : '5.0.0'),
        action: 'failed',
        words,
        ...given,
      };
      return {
        ...sample,
        name: `${name} ${index + 1} ${form}: ${words[0]?.slice(0, 60)}`,
        message: inForm(sample),
      };
    });
}

/** What was understood of the first recipient, or "nothing" where the message was not taken for a bounce. */
export function understoodReason(feedback: Feedback): string {
  return feedback.recipients[0]?.reason ?? feedback.reason ?? 'nothing';
}
