import type { Context } from '../context.ts';
import { type Edition, storiesOf } from './editions.ts';

/** Why an edition is as it is: the documented shape of `selection explain --json` and of the API. */
export async function explainEdition(
  context: Pick<Context, 'db'>,
  edition: Edition,
  options: { all?: boolean } = {},
) {
  const stories = await storiesOf(context, edition.id);
  return {
    edition: edition.id,
    scheduledFor: edition.scheduled_for.toISOString(),
    state: edition.state,
    subject: edition.subject,
    policyVersion: edition.policy_version,
    policy: edition.policy,
    stories: stories
      .filter(({ slot }) => options.all || slot !== 'reserve')
      .map((story) => ({
        position: story.position,
        key: story.key,
        slot: story.slot,
        storyId: story.storyId,
        storylineId: story.storylineId,
        title: story.title,
        url: story.url,
        publisher: story.publisher,
        publishedAt: story.publishedAt,
        topics: story.topics,
        coverage: story.coverage,
        developing: story.developing,
        pinned: story.pinned,
        score: story.score,
        reason: story.reason,
        related: story.related,
      })),
  };
}
