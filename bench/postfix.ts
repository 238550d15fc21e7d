import { setTimeout as sleep } from 'node:timers/promises';
import { deliveryReport } from '../src/delivery/report.ts';
import { UserError } from '../src/errors.ts';
import { listenForBounces } from '../src/feedback/listen.ts';
import { linkSigner } from '../src/links.ts';
import { type BenchContext, withOwnDatabase } from './database.ts';
import { seedAudience, seedEdition } from './edition.ts';
import { type Habit, type Mailbox, type Mailboxes, startMailboxes } from './mailboxes.ts';
import { type Measurement, type MeasureOptions, median, rounded } from './measure.ts';
import { type Postfix, programOfPostfix, startPostfix } from './postfix-instance.ts';
import { rateOfSmtpSource, runRound, smtpSource } from './send-setup.ts';

const connections = 16;
/** Nothing moves for so long: something is lost. */
const stalledMs = 60_000;

/** Of twenty readers one has a dead address, one a full mailbox, and one a server that blocks us. */
function habitOf(address: string): Habit {
  const number = Number(/^reader(\d+)@/.exec(address)?.[1]);
  return ({ 3: 'gone', 7: 'full', 13: 'blocks' } as const)[number % 20] ?? 'takes';
}

/**
 * The whole loop through a real Postfix: a worker sends an edition to it, it relays to the readers' mail server, which
 * refuses some, and its bounces come back to our own listener, which suppresses the dead addresses; the next edition goes to
 * the others. The reference is Postfix's `smtp-source`, handing messages of the same size to the same Postfix.
 * @throws UserError if Postfix is not installed; Error if a message, a bounce or a suppression is missing or one too many
 */
export async function measurePostfix({ rows = 500, say }: MeasureOptions): Promise<Measurement> {
  const program = programOfPostfix();
  return withOwnDatabase(async (context) => {
    const signer = await linkSigner(context);
    const newsletterId = await seedAudience(context, rows);
    const mailboxes = await startMailboxes(signer, habitOf);
    const listener = await listenForBounces(context, signer, { host: '127.0.0.1', port: 0 });
    try {
      const bounceDomain = context.config.returnPath?.split('@')[1] ?? '';
      const relaying = { mailboxPort: mailboxes.port, bounceDomain, bouncePort: listener.port };
      const postfix = await startPostfix(program, relaying);
      try {
        return await measureLoop({ context, newsletterId, mailboxes, postfix, say });
      } finally {
        postfix.stop();
      }
    } finally {
      await Promise.all([listener.close(), mailboxes.close()]);
    }
  });
}

interface Loop {
  context: BenchContext;
  newsletterId: number;
  mailboxes: Mailboxes;
  postfix: Postfix;
  say: MeasureOptions['say'];
}

async function measureLoop(loop: Loop): Promise<Measurement> {
  const { say, postfix } = loop;
  const emails = await emailsOf(loop.context);
  const first = await sendAndWait(loop, emails);
  say(`first edition: ${told(first)}`);
  const before = await bySmtpSource(loop, emails.length);
  const second = await sendAndWait(
    loop,
    emails.filter((email) => habitOf(email) !== 'gone'),
  );
  say(`second edition: ${told(second)}`);
  const after = await bySmtpSource(loop, emails.length);
  const ours = median([first.rate, second.rate]);
  const reference = before === undefined || after === undefined ? Number.NaN : median([before, after]);
  const { planned, delivered, events, secondsToLastMailbox } = first;
  return {
    name: 'postfix',
    ours: rounded(ours),
    oursUnit: 'messages a second, each planned, sent to Postfix and recorded',
    reference: rounded(reference),
    referenceUnit: smtpSource
      ? 'messages a second, smtp-source to the same Postfix'
      : 'smtp-source is not installed',
    ratio: rounded(ours / reference),
    verdict: [
      `Of ${planned} messages ${delivered} arrived, each once, and ${events.hard + events.block} came back.`,
      `${first.suppressed} dead addresses were suppressed, the last ${first.secondsToLastSuppression} s after planning, and none of the ${events.block} who blocked us.`,
      `The next edition went to the other ${second.planned}.`,
      ...(smtpSource ? [`Sending was at ${rounded(ours / reference)} of smtp-source's speed.`] : []),
    ].join(' '),
    secondsToLastSuppression: first.secondsToLastSuppression,
    secondsToLastMailbox,
    readers: planned,
    delivered,
    putOffAtFirst: first.putOff,
    hardBounces: events.hard,
    blocks: events.block,
    suppressed: first.suppressed,
    nextEdition: { planned: second.planned, delivered: second.delivered, blocks: second.events.block },
    messageKilobytes: rounded(kilobytesOf(loop.mailboxes)),
    postfix: postfix.version,
    connections,
  };
}

interface Outcome {
  /** Messages a second, from planning until the last was recorded. */
  rate: number;
  planned: number;
  delivered: number;
  /** Messages that a mailbox took at the second try. */
  putOff: number;
  events: { hard: number; block: number };
  /** All that are suppressed by now. */
  suppressed: number;
  secondsToLastMailbox: number;
  secondsToLastSuppression: number;
}

const told = ({ rate, delivered, events, suppressed, secondsToLastMailbox }: Outcome) =>
  `${Math.round(rate)} a second; ${delivered} delivered within ${secondsToLastMailbox} s, ${events.hard} hard bounces, ${events.block} blocks, ${suppressed} suppressed`;

/**
 * Sends an edition and waits until Postfix has delivered, or bounced, everything.
 * @param audience the addresses that are to get it
 */
async function sendAndWait(loop: Loop, audience: string[]): Promise<Outcome> {
  const { context, mailboxes, postfix } = loop;
  const editionId = await seedEdition(context, loop.newsletterId);
  const [round] = await runRound({
    who: 'ours',
    socketFolder: String(context.database.connection.host),
    home: context.config.home,
    smtpUrl: `smtp://127.0.0.1:${postfix.port}`,
    connections,
    editionId,
    plans: true,
  });
  const refusing = audience.filter((email) => ['gone', 'blocks'].includes(habitOf(email))).length;
  await untilDone(
    loop,
    async () => sumOf(mailboxes.of(editionId)) + (await eventsOf(context, editionId)).length,
    // Each is taken once, or refused and bounced.
    audience.length + refusing + audience.filter((email) => habitOf(email) === 'full').length,
  );
  const outcome = await checkEdition(loop, editionId, audience);
  return { ...outcome, rate: audience.length / (round?.seconds ?? Number.NaN) };
}

/** Compares what is in the mailboxes, the ledger, the events and the suppressions with what has to be there. */
async function checkEdition(
  { context, mailboxes }: Loop,
  editionId: number,
  audience: string[],
): Promise<Omit<Outcome, 'rate'>> {
  const seen = mailboxes.of(editionId);
  const events = await eventsOf(context, editionId);
  const suppressions = await context.db
    .selectFrom('suppressions')
    .select(['email', 'reason', 'created_at'])
    .execute();
  const report = await deliveryReport(context, editionId);
  const { planned_at: plannedAt } = await context.db
    .selectFrom('editions')
    .select('planned_at')
    .where('id', '=', editionId)
    .executeTakeFirstOrThrow();
  const wrong: string[] = [];
  const same = (what: string, found: (string | null)[], expected: string[]) => {
    const lists = [found, expected].map((list) => list.toSorted().join(', '));
    if (lists[0] !== lists[1])
      wrong.push(`${what}: found ${lists[0] || 'nothing'}; expected ${lists[1] || 'nothing'}`);
  };
  const byHabit = (emails: string[], habit: Habit) => emails.filter((email) => habitOf(email) === habit);
  const of = (kind: string, action: string) =>
    events
      .filter((event) => event.source === 'smtp' && event.kind === kind && event.action === action)
      .map(({ email }) => email);

  same('recipients at the mail server', [...seen.keys()], audience);
  for (const [email, { taken, refused }] of seen) {
    const habit = habitOf(email);
    const takesNone = habit === 'gone' || habit === 'blocks';
    if (taken !== (takesNone ? 0 : 1) || refused !== (habit === 'takes' ? 0 : 1))
      wrong.push(`${email}, which ${habit}, took ${taken} and refused ${refused}`);
  }
  same('hard bounces that suppressed', of('hard', 'suppressed'), byHabit(audience, 'gone'));
  same('blocks that did nothing', of('block', 'nothing'), byHabit(audience, 'blocks'));
  if (events.length !== byHabit(audience, 'gone').length + byHabit(audience, 'blocks').length)
    wrong.push(`${events.length} events came back`);
  same(
    'suppressed addresses',
    suppressions.map(({ email, reason }) => `${email} (${reason})`),
    byHabit(await emailsOf(context), 'gone').map((email) => `${email} (bounce)`),
  );
  if (report.planned !== audience.length || report.accepted !== audience.length || !report.sums)
    wrong.push(`of ${report.planned} planned ${report.accepted} were accepted`);
  if (wrong.length > 0) throw new Error(`The loop did not close:\n${wrong.slice(0, 20).join('\n')}`);

  const since = (at: number) => rounded(Math.max(0, at - (plannedAt?.getTime() ?? Number.NaN)) / 1000);
  return {
    planned: report.planned,
    delivered: [...seen.values()].reduce((sum, { taken }) => sum + taken, 0),
    putOff: byHabit(audience, 'full').length,
    events: { hard: of('hard', 'suppressed').length, block: of('block', 'nothing').length },
    suppressed: suppressions.length,
    secondsToLastMailbox: since(mailboxes.lastTakenAt),
    secondsToLastSuppression: since(Math.max(...suppressions.map(({ created_at: at }) => at.getTime()), 0)),
  };
}

/** Messages a second that `smtp-source` hands to Postfix, and waits until they are relayed; undefined without it. */
async function bySmtpSource(loop: Loop, messages: number): Promise<number | undefined> {
  if (!smtpSource) return undefined;
  const { mailboxes, postfix, say } = loop;
  const bytes = Math.round(kilobytesOf(mailboxes) * 1000);
  const before = mailboxes.others;
  const server = { port: postfix.port, url: '', describe: 'Postfix', stop: () => {} };
  const rate = await rateOfSmtpSource(smtpSource, server, { messages, bytes, connections });
  await untilDone(loop, () => mailboxes.others, before + messages);
  say(`smtp-source: ${Math.round(rate)} a second`);
  return rate;
}

/**
 * Waits until so much was seen, and nothing is left in Postfix's queue.
 * @throws UserError with Postfix's own words if nothing moves for a minute
 */
async function untilDone(
  { postfix }: Loop,
  seen: () => number | Promise<number>,
  expected: number,
): Promise<void> {
  let last = { seen: -1, at: Date.now() };
  for (;;) {
    const now = await seen();
    if (now >= expected && (await postfix.queue()).length === 0) return;
    if (now !== last.seen) last = { seen: now, at: Date.now() };
    if (Date.now() - last.at > stalledMs) {
      const queue = await postfix.queue();
      throw new UserError(
        `Nothing has moved for a minute: ${now} of ${expected} were seen, and ${queue.length} messages are in Postfix's queue. The end of its log:\n${postfix.logTail(20)}`,
      );
    }
    await sleep(100);
  }
}

const sumOf = (mailboxes: ReadonlyMap<string, Mailbox>) =>
  [...mailboxes.values()].reduce((sum, { taken, refused }) => sum + taken + refused, 0);

const kilobytesOf = ({ bytes, messages }: Mailboxes) => bytes / messages / 1000;

async function emailsOf({ db }: BenchContext): Promise<string[]> {
  const rows = await db.selectFrom('subscribers').select('email').execute();
  return rows.map(({ email }) => String(email));
}

async function eventsOf({ db }: BenchContext, editionId: number) {
  return db
    .selectFrom('feedback_events')
    .leftJoin('subscribers', 'subscribers.id', 'feedback_events.subscriber_id')
    .select(['source', 'kind', 'action', 'email'])
    .where('edition_id', '=', editionId)
    .execute();
}
