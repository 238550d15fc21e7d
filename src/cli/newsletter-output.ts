import type { Context } from '../context.ts';
import type { Newsletter } from '../editions/newsletters.ts';
import { connectionsOf, newsletterDocument, nextEdition } from '../schedule/newsletter-settings.ts';
import { countSegment } from '../subscribers/segments/count.ts';
import { findSegment } from '../subscribers/segments/segments.ts';
import type { Output } from './command.ts';

/** When its next edition is for; undefined if its schedule names no time to come. */
export const next = nextEdition;

/** How many get a newsletter that is limited to a segment. */
export async function tellReach(
  context: Context,
  output: Output,
  newsletter: Newsletter,
  listIds: number[],
): Promise<void> {
  if (newsletter.segment_id === null) return;
  const [{ reachable }, { name }] = await Promise.all([
    countSegment(context, newsletter.segment_id, listIds),
    findSegment(context, newsletter.segment_id),
  ]);
  output.text(
    `It goes to the segment "${name}" only: ${reachable.toLocaleString('en')} of its subscribers now.`,
  );
}

/** The documented shape of newsletters in `--json`, in their order. */
export async function shown(context: Context, newsletters: Newsletter[]) {
  const connections = await connectionsOf(
    context,
    newsletters.map(({ id }) => id),
  );
  return newsletters.map((each) =>
    newsletterDocument(each, connections.get(each.id) ?? { lists: [], segment: null, sources: [] }),
  );
}
