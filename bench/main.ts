// `npm run bench` lists the measured claims; `npm run bench -- NAME [--json] [--rows N] [--rounds N]` measures one.
import { parseArgs } from 'node:util';
import { messageOf } from '../src/errors.ts';
import type { Claim } from './measure.ts';

// React renders several times slower in its development build, which would flatter us.
process.env.NODE_ENV = 'production';

const claims: Record<string, { says: string; load: () => Promise<Claim> }> = {
  render: {
    says: 'one reader’s message from a compiled edition, against rendering the template for each reader',
    load: async () => (await import('./render.ts')).measureRender,
  },
  send: {
    says: 'an edition planned, sent and recorded, against Nodemailer composing each message; --rows messages',
    load: async () => (await import('./send.ts')).measureSend,
  },
  dkim: {
    says: 'an edition signed by RSA and by Ed25519, against the same unsigned; --rows messages',
    load: async () => (await import('./send.ts')).measureDkim,
  },
  workers: {
    says: 'an edition sent by two and by four processes against one, with a sink that waits and one that does not; --rows messages',
    load: async () => (await import('./send.ts')).measureWorkers,
  },
  import: {
    says: 'a CSV file of subscribers taken in, against COPY and one upsert of the same file; --rows subscribers',
    load: async () => (await import('./import.ts')).measureImport,
  },
  export: {
    says: 'subscribers written to a CSV file, plain and by gzip, against COPY of the same columns; --rows subscribers',
    load: async () => (await import('./export.ts')).measureExport,
  },
  'beside-import': {
    says: 'an edition being sent while an import and an export run beside it, against sending it alone; --rows imported',
    load: async () => (await import('./beside-import.ts')).measureBesideImport,
  },
  plan: {
    says: 'the deliveries of an edition planned, against a plain INSERT … SELECT; --rows subscribers',
    load: async () => (await import('./plan.ts')).measurePlan,
  },
  intake: {
    says: 'stories parsed, recognised, grouped and labelled, against plain INSERTs of the same rows; --rows stories',
    load: async () => (await import('./intake.ts')).measureIntake,
  },
  copies: {
    says: 'copies found among stories, against hashing whole texts, and how the cost grows; --rows stories',
    load: async () => (await import('./copies.ts')).measureCopies,
  },
  choose: {
    says: 'an edition chosen from a window of stories, against reading their columns; --rows stories',
    load: async () => (await import('./choose.ts')).measureChoose,
  },
  related: {
    says: 'what is related to one story of many, against a full-text search; --rows stories',
    load: async () => (await import('./choose.ts')).measureRelated,
  },
  personal: {
    says: 'one reader’s stories chosen from 40 candidates, against filtering and sorting them; --rows readers',
    load: async () => (await import('./personal.ts')).measurePersonal,
  },
  readers: {
    says: 'readers loaded with wishes, clicks and what they had, against their addresses alone; --rows readers',
    load: async () => (await import('./readers.ts')).measureReaders,
  },
  replay: {
    says: 'four weeks of daily editions chosen again by another policy, against reading the stories once; --rows stories',
    load: async () => (await import('./replay.ts')).measureReplay,
  },
  engagement: {
    says: 'clicks and openings answered and recorded by one process, against an INSERT for each; --rows requests',
    load: async () => (await import('./engagement.ts')).measureEngagement,
  },
  desk: {
    says: 'the first byte of the desk’s pages, against a bare page of the same size, and a change until it is shown; --rows stories',
    load: async () => (await import('./desk.ts')).measureDesk,
  },
  grow: {
    says: 'what is done with 10,000 to 1,000,000 subscribers and stories; --subscribers 10000,100000 --stories 10000 (0: none)',
    load: async () => (await import('./grow.ts')).measureGrow,
  },
  postfix: {
    says: 'an edition through a real Postfix, its bounces back to us, and the dead suppressed; must be installed; --rows readers',
    load: async () => (await import('./postfix.ts')).measurePostfix,
  },
  spam: {
    says: 'what SpamAssassin’s local rules make of a message of each theme; the program must be installed',
    load: async () => (await import('./spam.ts')).measureSpam,
  },
};

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      ...{ rows: { type: 'string' }, rounds: { type: 'string' } },
      ...{ subscribers: { type: 'string' }, stories: { type: 'string' } },
    },
  });
  const [name] = positionals;
  const claim = name ? claims[name] : undefined;
  if (!name) {
    for (const [each, { says }] of Object.entries(claims)) console.log(`${each.padEnd(15)}${says}`);
  } else if (!claim) {
    console.error(`There is no benchmark ${name}; there are ${Object.keys(claims).join(', ')}.`);
    process.exitCode = 2;
  } else {
    const measure = await claim.load();
    const result = await measure({
      rows: wholeNumber('--rows', values.rows),
      rounds: wholeNumber('--rounds', values.rounds),
      subscribers: wholeNumbers('--subscribers', values.subscribers),
      stories: wholeNumbers('--stories', values.stories),
      say: values.json ? () => {} : (line) => console.log(line),
    });
    if (values.json) console.log(JSON.stringify(result));
    else {
      const { ours, oursUnit, reference, referenceUnit, ratio } = result;
      console.log(`ours ${ours} ${oursUnit}, reference ${reference} ${referenceUnit}`);
      // Not everything that is measured is a speed.
      console.log(
        result.verdict ??
          `ours is ${ratio >= 1 ? `${ratio} times as fast` : `at ${ratio} of the reference's speed`}`,
      );
    }
  }
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = error instanceof TypeError ? 2 : 1;
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,8}$/.test(text))
    throw new TypeError(`${option} takes a whole number above 0, not "${text}".`);
  return Number(text);
}

/** Numbers with commas between; a 0 alone: none. */
function wholeNumbers(option: string, text: string | undefined): number[] | undefined {
  if (text === '0') return [];
  return text?.split(',').flatMap((part) => wholeNumber(option, part) ?? []);
}
