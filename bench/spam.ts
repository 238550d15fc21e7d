import { spawn } from 'node:child_process';
import { UserError } from '../src/errors.ts';
import { assembleMessage } from '../src/rendering/assemble.ts';
import { largestChoice } from '../src/rendering/checks/largest-digest.ts';
import { compileEdition, readerTexts } from '../src/rendering/compile.ts';
import { listThemes } from '../src/rendering/theme.ts';
import { benchContent } from './edition.ts';
import { type Measurement, type MeasureOptions, rounded } from './measure.ts';

/** From this score on SpamAssassin takes a message for spam, as it comes. */
const spamScore = 5;

// What a message that was never sent cannot have: relays, and names that a server could look up.
const ofTransport =
  /^(NO_RELAYS|NO_RECEIVED|ALL_TRUSTED|UNPARSEABLE_RELAY|RCVD_|RDNS_|HELO_|SPF_|T_SPF_|DKIM|T_DKIM|DMARC_|ARC_|URIBL_|DNS_|TO_EQ_FM_|KHOP_HELO|T_SCC_BODY_TEXT_LINE)/;

/** A rule that a message met. */
interface Hit {
  points: number;
  rule: string;
  description: string;
}

/**
 * What SpamAssassin, with its local rules only, makes of one message of each theme: points above 0 speak for spam.
 * Rules about relays and DNS are left out of the score, as the message was not sent.
 * @throws UserError if the program is not installed
 */
export async function measureSpam({ say }: MeasureOptions): Promise<Measurement> {
  const scores: Record<string, number> = {};
  for (const { name } of listThemes()) {
    const hits = (await hitsOf(await messageIn(name))).filter(({ rule }) => !ofTransport.test(rule));
    const score = rounded(hits.reduce((sum, { points }) => sum + points, 0));
    scores[name] = score;
    say(`${name}: ${score}`);
    for (const { points, rule, description } of hits) say(`  ${points.toFixed(1)} ${rule} ${description}`);
  }
  const worst = Math.max(...Object.values(scores));
  return {
    name: 'spam',
    ours: worst,
    oursUnit: 'points at the most, without rules about relays and DNS',
    reference: spamScore,
    referenceUnit: 'points, from which on a message is spam',
    ratio: rounded(worst / spamScore),
    verdict:
      worst <= 0
        ? 'no theme has a point against it'
        : `themes with points against them: ${Object.keys(scores)
            .filter((name) => scores[name]! > 0)
            .join(', ')}`,
    scores,
  };
}

async function messageIn(theme: string): Promise<Buffer> {
  const content = benchContent(40);
  content.theme = theme;
  content.newsletter.brand = { footer: 'The Harbour Post, Quay Lane 1, 12345 Harbour' };
  const compiled = await compileEdition(content);
  const page = 'https://news.example.com';
  const values = {
    ...readerTexts(compiled, { name: 'Alexandra Whitfield', email: 'alexandra@mail.test' }),
    unsubscribeUrl: `${page}/unsubscribe/1-2-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`,
    preferencesUrl: `${page}/preferences/1-2-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`,
    viewUrl: `${page}/view/1-2-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`,
    token: '1-2-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
  };
  return Buffer.concat(
    assembleMessage(compiled, largestChoice(compiled), values, {
      to: 'alexandra@mail.test',
      toName: 'Alexandra Whitfield',
      messageId: '<1-2-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@news.example.com>',
      // Rules compare it with the time of the test.
      date: new Date(),
      unsubscribeMail: 'bounces+u1-2-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@news.example.com',
    }),
  );
}

async function hitsOf(message: Buffer): Promise<Hit[]> {
  const report = await spamAssassin(message);
  const details = /Content analysis details:.*$/s.exec(report)?.[0];
  if (details === undefined)
    throw new UserError('SpamAssassin answered without a report.', {
      hint: 'Run "spamassassin --local -t" on any mail by hand, to see what it says.',
    });
  return [...details.matchAll(/^\s*(-?\d+\.\d+)\s+([A-Z][A-Z0-9_]+)\s+(.*)$/gm)].map(
    ([, points, rule = '', description = '']) => ({
      points: Number(points),
      rule,
      description: description.trim(),
    }),
  );
}

function spamAssassin(message: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('spamassassin', ['--local', '--test-mode', '--nocreate-prefs'], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const problems: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => problems.push(chunk));
    // It may end before it has read everything; the exit code tells.
    child.stdin.on('error', () => {});
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'ENOENT'
          ? new UserError(
              'SpamAssassin is not installed, so nothing was measured: the program "spamassassin" was not found (Debian’s package has the same name).',
            )
          : error,
      ),
    );
    child.once('close', (code) =>
      code === 0
        ? resolve(Buffer.concat(out).toString())
        : reject(
            new UserError(
              `SpamAssassin failed with exit code ${code}: ${Buffer.concat(problems).toString().trim().slice(0, 500)}`,
            ),
          ),
    );
    child.stdin.end(message);
  });
}
