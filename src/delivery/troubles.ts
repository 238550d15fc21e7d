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

/**
 * Notes troubles, and tells those that are new, in one message. Never throws: what cannot be noted is in the log, and is found again.
 * @returns when all is noted; telling goes on beside
 */
export async function raiseTroubles(context: Context, troubles: Trouble[]): Promise<void> {
  if (troubles.length === 0) return;
  try {
    const fresh = await noted(context, troubles);
    if (fresh.length > 0) void alert(context, together(fresh.map(({ about }) => about)));
  } catch (error) {
    context.log.error(
      { error: messageOf(error), keys: troubles.map(({ key }) => key) },
      'a trouble could not be noted',
    );
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
        }))
        // Another process was first, and tells.
        .where('troubles.ended_at', 'is not', null),
    )
    .returning('key')
    .execute();
  return others.filter(({ key }) => added.some((each) => each.key === key));
}

/** Ends troubles, and tells that they are over, in one message. @param keys those that have ended already are left */
export async function endTroubles(context: Context, keys: string[]): Promise<void> {
  if (keys.length === 0) return;
  const ended = await context.db
    .updateTable('troubles')
    .set({ ended_at: context.clock.now() })
    .where('key', 'in', keys)
    .where('ended_at', 'is', null)
    .returning(['about', 'since'])
    .execute();
  if (ended.length === 0) return;
  const titles = ended.map(({ about }) => (about as unknown as AlertAbout).title);
  void alert(context, {
    title: `Over: ${ended.length === 1 ? titles[0] : `${ended.length} troubles`}`,
    what: 'What was told before has ended.',
    facts: ended.map(({ since }, at) => ({ name: titles[at] ?? '', value: `since ${since.toISOString()}` })),
    todo: 'Nothing needs to be done.',
  });
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
