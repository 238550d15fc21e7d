import type { Context } from '../context.ts';
import { UserError } from '../errors.ts';
import { linkSigner } from '../links.ts';
import { chooseStories } from '../selection/choose.ts';
import { parsePolicy } from '../selection/policy.ts';
import { labelStories } from '../selection/topics/label.ts';
import { type Edition, getEdition } from './editions.ts';
import { engagementBefore } from './engagement.ts';
import { move } from './lifecycle.ts';
import { sourcesOf } from './newsletters.ts';
import { type Editor, writeVersion } from './revise/history.ts';
import { matterOf } from './revise/matter.ts';
import { mustNotConflict } from './revise/revise.ts';
import { rollUpFor } from './roll-up.ts';
import { preheaderOf, subjectOf } from './subject.ts';
import { parseSubjectTest, type SubjectTest, trySubjects } from './subject-test.ts';
import { toldBefore } from './told.ts';

/** How an edition is built. */
export interface BuildOptions {
  /** The version that whoever asks has seen. */
  base?: number;
  /**
   * If fewer stories are new than the newsletter asks for: `skip` the edition (the usual), `refuse` and leave it as it is, or
   * `build` it all the same, also one that was skipped, as long as there is one.
   */
  tooFew?: 'skip' | 'refuse' | 'build';
  /** A person chose again: what was a draft waits for approval, and is not built once more by whoever builds drafts. */
  toReview?: boolean;
  /** Called in the transaction in which the stories are written: what it writes is there exactly if they are. */
  note?: (db: Context['db'], edition: Edition) => Promise<void>;
}

/** What came of building: the edition has its stories, or was skipped for want of them. */
export interface Built {
  edition: Edition;
  outcome: 'built' | 'skipped';
}

/**
 * Chooses an edition's stories, subject and preheader, by its newsletter's policy as it is now. A draft, or an edition
 * in review, may be built again: its version grows, and what editors had changed can be had back by undoing it.
 * @param by who wants it built
 * @throws UserError if the edition is past changing, or its policy or subject pattern is wrong; with the code `conflict` if it
 * was changed since `base`; `stories` if there are too few and it is not to be skipped
 */
export async function buildEdition(
  context: Context,
  editionId: number,
  by: Editor = null,
  { base, tooFew = 'skip', toReview = false, note }: BuildOptions = {},
): Promise<Built> {
  const from: Edition['state'][] = tooFew === 'build' ? ['draft', 'review', 'skipped'] : ['draft', 'review'];
  const before = await getEdition(context, editionId);
  if (!from.includes(before.state)) await move(context, editionId, 'review'); // Throws, and says why.
  const newsletter = await context.db
    .selectFrom('newsletters')
    .selectAll()
    .where('id', '=', before.newsletter_id)
    .executeTakeFirstOrThrow();
  const policy = parsePolicy(newsletter.policy);
  const signer = await linkSigner(context);
  await labelStories(context);
  const engagement = await engagementBefore(context, newsletter.id, before.scheduled_for);
  const choice = await chooseStories(context, {
    at: before.scheduled_for,
    policy,
    sourceIds: await sourcesOf(context, newsletter.id),
    ...(await toldBefore(context, before)),
    engagement,
    readUrl: (storyId) => `${context.config.publicUrl}/read/${signer.sign('read', [storyId])}`,
  });

  const least = tooFew === 'build' ? Math.min(1, policy.minimumStories) : policy.minimumStories;
  if (choice.newStorylines < least) {
    const found = choice.newStorylines === 1 ? '1 new story' : `${choice.newStorylines} new stories`;
    const reason = `${found} in the last ${policy.windowHours} hours; the newsletter asks for ${policy.minimumStories}`;
    if (tooFew !== 'skip')
      throw new UserError(`Edition ${editionId} was not built: ${reason}.`, {
        code: 'stories',
        details: { reason },
        hint: 'It is as it was. Take stories in by hand, or wait for more.',
      });
    return { edition: await move(context, editionId, 'skip', reason), outcome: 'skipped' };
  }

  const stories = [...choice.stories, ...(await rollUpFor(context, before, choice.stories, engagement))];
  const subject = await subjectOf(newsletter.subject, newsletter.name, choice.stories);
  const preheader = await preheaderOf(newsletter.preheader, newsletter.name, choice.stories);
  const test = newsletter.subject_test === null ? undefined : parseSubjectTest(newsletter.subject_test);
  const tried = await Promise.all(
    (test?.patterns ?? []).map((pattern) => subjectOf(pattern, newsletter.name, choice.stories)),
  );
  const edition = await context.db.transaction().execute(async (transaction) => {
    const now = context.clock.now();
    const locked = await transaction
      .selectFrom('editions')
      .selectAll()
      .where('id', '=', editionId)
      .forNoKeyUpdate()
      .executeTakeFirstOrThrow();
    if (base !== undefined && base !== locked.version)
      await mustNotConflict(
        transaction,
        locked as Edition,
        base,
        ['edition'],
        await matterOf(transaction, locked as Edition),
      );
    const matterBefore = locked.built_at && (await matterOf(transaction, locked as Edition));
    const updated = await transaction
      .updateTable('editions')
      .set((e) => ({
        subject,
        preheader,
        theme: newsletter.theme,
        language: newsletter.language,
        policy: JSON.stringify(policy),
        policy_version: newsletter.policy_version,
        state_reason: null,
        // What was skipped is not skipped again by whoever builds drafts.
        ...((locked.state === 'skipped' || toReview) && { state: 'review' }),
        dropped: '[]',
        version: e('version', '+', 1),
        built_at: now,
        updated_at: now,
      }))
      .where('id', '=', editionId)
      .where('state', 'in', from)
      .returningAll()
      .executeTakeFirst();
    if (!updated) return undefined;
    const { patterns: _, ...settings } = test ?? { patterns: [] };
    await trySubjects(transaction, updated as Edition, tried, test ? (settings as SubjectTest) : null);
    await transaction.deleteFrom('edition_stories').where('edition_id', '=', editionId).execute();
    await transaction
      .insertInto('edition_stories')
      .values(
        stories.map((story) => ({
          edition_id: editionId,
          position: story.position,
          slot: story.slot,
          story_id: story.storyId,
          storyline_id: story.storylineId,
          score: story.score,
          reason: JSON.stringify(story.reason),
          snapshot: JSON.stringify(story),
        })),
      )
      .execute();
    if (matterBefore)
      await writeVersion(
        transaction,
        updated,
        by,
        now,
        {
          before: matterBefore,
          after: await matterOf(transaction, await getEdition({ db: transaction }, editionId)),
        },
        {
          kind: 'build',
          summary: 'Chose the stories anew.',
          change: { kind: 'build' },
          touched: ['edition'],
        },
      );
    await note?.(transaction, updated as Edition);
    return updated as Edition;
  });
  // Somebody approved or cancelled it meanwhile: this says so.
  return { edition: edition ?? (await move(context, editionId, 'review')), outcome: 'built' };
}
