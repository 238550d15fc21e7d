import type { Context } from '../context.ts';
import { type Edition, getEdition } from '../editions/editions.ts';
import { move, noteOnDraft } from '../editions/lifecycle.ts';
import { messageOf, UserError } from '../errors.ts';
import { span } from '../observe/tracing.ts';
import { checkEdition, keptFindings } from '../rendering/checks/check-edition.ts';
import type { Finding } from '../rendering/checks/finding.ts';
import { compileAndStore } from '../rendering/store.ts';

/** An edition that is rendered and checked as it is. */
export interface Settled {
  edition: Edition;
  /** The version that was rendered and checked. */
  version: number;
  /** The worst first. */
  findings: Finding[];
  /** Why it could not be rendered: the template and line; the edition is a draft then. */
  problem: string | undefined;
}

const mostTries = 5;
// Whoever asks for the same edition in the same process waits for the same work.
const underway = new WeakMap<object, Map<number, Promise<Settled>>>();

/**
 * Renders, stores and checks an edition as it is now, so that it can be approved; a draft is put up for review. Any number
 * may ask at once, in any process: what is changed meanwhile is rendered again, and the latest version stands.
 * @throws UserError if there is no such edition, or it goes on being changed
 */
export async function settle(context: Context, editionId: number): Promise<Settled> {
  const own = underway.get(context.db) ?? new Map<number, Promise<Settled>>();
  underway.set(context.db, own);
  const before = own.get(editionId);
  // What is under way may have read an older version: whoever comes later looks again, which costs little if it is done.
  if (before) await before.catch(() => {});
  const joined = own.get(editionId);
  if (joined) return joined;
  const work = settleNow(context, editionId).finally(() => own.delete(editionId));
  own.set(editionId, work);
  return work;
}

async function settleNow(context: Context, editionId: number): Promise<Settled> {
  for (let attempt = 1; ; attempt++) {
    const edition = await getEdition(context, editionId);
    const known = await settled(context, edition);
    if (known) return known;
    try {
      return await renderAndCheck(context, edition);
    } catch (error) {
      const isOvertaken = error instanceof UserError && error.code === 'state';
      if (!isOvertaken || attempt === mostTries) throw error;
      context.log.info(
        { editionId, version: edition.version },
        'an edition was changed while it was rendered',
      );
    }
  }
}

/** What is known of an edition that is rendered and checked already, or past changing. */
async function settled(context: Context, edition: Edition): Promise<Settled | undefined> {
  const findings = keptFindings(edition);
  const isOver = edition.state !== 'draft' && edition.state !== 'review' && edition.state !== 'approved';
  if (isOver) return { edition, version: edition.version, findings: findings ?? [], problem: undefined };
  if (!findings || edition.state === 'draft') return undefined;
  const { others } = await context.db
    .selectFrom('compiled_editions')
    .select((e) => e.fn.countAll<number>().as('others'))
    .where('edition_id', '=', edition.id)
    .where('version', '!=', edition.version)
    .executeTakeFirstOrThrow();
  return Number(others) > 0 ? undefined : { edition, version: edition.version, findings, problem: undefined };
}

async function renderAndCheck(context: Context, edition: Edition): Promise<Settled> {
  const { id, version } = edition;
  try {
    await span('edition compile', { 'broadsheet.edition': edition.id }, () =>
      compileAndStore(context, edition),
    );
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'template') throw error;
    await noteOnDraft(context, edition, messageOf(error));
    return { edition: await getEdition(context, id), version, findings: [], problem: messageOf(error) };
  }
  const findings = await checkEdition(context, edition);
  // What was a draft for want of a template that works is ready now.
  if (edition.state === 'draft' && edition.built_at) await move(context, id, 'review', null, version);
  return { edition: await getEdition(context, id), version, findings, problem: undefined };
}
