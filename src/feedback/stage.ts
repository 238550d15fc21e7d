import type { Stage } from './wording.ts';

// From the most explicit to the least. qmail describes the stage instead of naming the command.
const signs: [Stage, RegExp][] = [
  [
    'connect',
    /initial (?:connection|server greeting|greeting)|server for greeting|refused to talk to me|after connect|in greeting|greeting wait|during (?:the )?(?:connection|greeting)/,
  ],
  [
    'rcpt',
    /does not like recipient|rcpt to response|(?:after|to|in|for|our|>>>|-->|<<<|command:?|\[|error|sending|sent:?|smtp[:;]) ?(?:the )?rcpt(?:[_ ]to)?\b(?! command (?:error|first))|\bsmtp:rcpt\b|\(state 14\)|our rcpt/,
  ],
  [
    'mail',
    /sender was rejected|(?:after|to|in|for|our|sending|>>>|-->|\[|command:?) ?(?:the )?mail[_ ]from\b/,
  ],
  [
    'data',
    /end of (?:the )?(?:data|message)|final data|after i sent the message|(?:after|to|in|for|our|on|sending|>>>|-->|\(|command:?|\[) ?(?:the )?(?:(?:end of )?data\b|text command)|\(state 1[78]\)|failed on data|(?:>>>|-->) \.(?:\s|$)/,
  ],
  [
    'helo',
    /(?:after|to|in|for|our|sending|>>>|-->|\[) ?(?:e|l)?(?:helo|hlo)\b|\behlo \S{1,200}:|\(state [89]\)/,
  ],
  ['auth', /(?:after|to|in|our|sending|>>>) ?auth\b/],
];

/** The stage of the SMTP conversation that a report names, such as `in reply to RCPT TO`, or undefined. */
export function stageIn(text: string): Stage | undefined {
  const lower = text.slice(0, 8_000).toLowerCase().replace(/\s+/g, ' ');
  let first: { stage: Stage; at: number } | undefined;
  for (const [stage, words] of signs) {
    const at = lower.search(words);
    // What is named first is what was answered; later commands fail because it did.
    if (at >= 0 && (!first || at < first.at)) first = { stage, at };
  }
  // Servers that say so look at recipients only.
  return first?.stage ?? (/recipient address rejected/.test(lower) ? 'rcpt' : undefined);
}
