import type { Context } from '../context.ts';
import { messageOf } from '../errors.ts';
import { scrubAll } from '../observe/scrub.ts';
import { type AlertAbout, alert } from './alert.ts';

/** Something that needs a person, and lasts. */
export interface Trouble {
  /** What is wrong with what, such as `late:12`: it is told once, however many processes find it, until it has ended. */
  key: string;
  about: AlertAbout;
}

/** For so long a process that tells has it for itself. Mail servers are given up sooner. */
const tellingMs = 2 * 60_000;

/**
 * Notes troubles, and tells those that are new, in one message. Never throws: what cannot be noted is in the log, and is found again.
 * @returns when all is noted; telling goes on beside
 */
export async function raiseTroubles(context: Context, troubles: Trouble[]): Promise<void> {
  if (troubles.length === 0) return;
  try {
    const fresh = await noted(context, troubles);
    for (const { about } of fresh)
      context.log.error({ title: about.title, what: about.what }, 'this needs a person');
    if (fresh.length > 0) void tellTroubles(context);
  } catch (error) {
    context.log.error(
      { error: messageOf(error), keys: troubles.map(({ key }) => key) },
      'a trouble could not be noted',
    );
  }
}

/**
 * Tells what has not been told yet, of all processes: what is new in one message, what is over in another. What cannot be sent now is told by
 * whoever looks next. Never throws.
 * @returns when it was sent, or could not be
 */
export async function tellTroubles(context: Context): Promise<void> {
  await Promise.all([
    tell(context, true, (found) => together(found.map(({ about }) => about))),
    tell(context, false, over),
  ]);
}

interface Told {
  about: AlertAbout;
  since: Date;
}

async function tell(context: Context, isOpen: boolean, words: (found: Told[]) => AlertAbout): Promise<void> {
  const { db, clock, log } = context;
  try {
    const now = clock.now();
    const stale = new Date(now.getTime() - tellingMs);
    const found = await db
      .updateTable('troubles')
      .set({ telling_at: now })
      .where('told_at', 'is', null)
      .where('ended_at', isOpen ? 'is' : 'is not', null)
      .where((e) => e.or([e('telling_at', 'is', null), e('telling_at', '<', stale)]))
      .returning(['key', 'about', 'since'])
      .execute();
    if (found.length === 0) return;
    const wasTold = await alert(
      context,
      words(found.map(({ about, since }) => ({ about: about as unknown as AlertAbout, since }))),
    );
    await db
      .updateTable('troubles')
      .set(wasTold ? { told_at: clock.now(), telling_at: null } : { telling_at: null })
      .where(
        'key',
        'in',
        found.map(({ key }) => key),
      )
      // What ended or began again meanwhile is to be told by itself.
      .where('ended_at', isOpen ? 'is' : 'is not', null)
      .execute();
  } catch (error) {
    log.error({ error: messageOf(error) }, 'what needs a person could not be told for now');
  }
}

/** @returns those that no process knew */
async function noted({ db, clock }: Context, troubles: Trouble[]): Promise<Trouble[]> {
  const now = clock.now();
  const known = await db
    .updateTable('troubles')
    .set({ seen_at: now })
    .where(
      'key',
      'in',
      troubles.map(({ key }) => key),
    )
    .where('ended_at', 'is', null)
    .returning('key')
    .execute();
  const others = troubles.filter(({ key }) => !known.some((each) => each.key === key));
  if (others.length === 0) return [];
  const added = await db
    .insertInto('troubles')
    // A server's words may name who was written to.
    .values(
      others.map(({ key, about }) => ({
        key,
        about: JSON.stringify(scrubAll(about)),
        since: now,
        seen_at: now,
        told_at: null,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .column('key')
        .doUpdateSet((e) => ({
          about: e.ref('excluded.about'),
          since: now,
          seen_at: now,
          ended_at: null,
          told_at: null,
          telling_at: null,
        }))
        // Another process was first, and tells.
        .where('troubles.ended_at', 'is not', null),
    )
    .returning('key')
    .execute();
  return others.filter(({ key }) => added.some((each) => each.key === key));
}

/**
 * Ends troubles, and tells that they are over, in one message.
 * @param keys those that have ended already are left
 * @returns when it is noted; telling goes on beside
 */
export async function endTroubles(context: Context, keys: string[]): Promise<void> {
  if (keys.length === 0) return;
  const { numUpdatedRows } = await context.db
    .updateTable('troubles')
    .set({ ended_at: context.clock.now(), told_at: null, telling_at: null })
    .where('key', 'in', keys)
    .where('ended_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows > 0n) void tellTroubles(context);
}

function over(ended: Told[]): AlertAbout {
  const titles = ended.map(({ about }) => about.title);
  return {
    title: `Over: ${ended.length === 1 ? titles[0] : `${ended.length} troubles`}`,
    what: 'What was told before has ended.',
    facts: ended.map(({ since }, at) => ({ name: titles[at] ?? '', value: `since ${since.toISOString()}` })),
    todo: 'Nothing needs to be done.',
  };
}

function together(abouts: AlertAbout[]): AlertAbout {
  const [first] = abouts;
  if (first && abouts.length === 1) return first;
  return {
    title: `${abouts.length} things need a person`,
    what: `${abouts.map(({ title }) => title).join('; ')}.`,
    facts: abouts.map(({ title, what }) => ({ name: title, value: what })),
    todo: [...new Set(abouts.map(({ todo }) => todo))].join(' '),
  };
}
