import { createHash } from 'node:crypto';
import { type CopyCandidate, copiesOf } from '../src/selection/copies.ts';
import { type Measurement, type MeasureOptions, median, rounded, secondsOf } from './measure.ts';
import { inventedStories } from './stories.ts';

const until = Date.UTC(2026, 10, 24, 8);
// One story in so many is another one's text under a headline of its own, with a local lead.
const everyCopied = 5;

/**
 * Copies found among stories, a fifth of which are copies, against looking up a hash of each whole text, which finds
 * only what is the same to the letter. A tenth of the stories is measured too, to tell how the cost grows.
 */
export async function measureCopies({
  rows = 50_000,
  rounds = 3,
  say,
}: MeasureOptions): Promise<Measurement> {
  const few = withCopies(Math.ceil(rows / 10));
  const many = withCopies(rows);
  const [ours, tenth, reference]: [number[], number[], number[]] = [[], [], []];
  let found = 0;
  for (let round = 0; round < rounds; round++) {
    // Objects that were not seen before: what was read of them is kept with them.
    tenth.push((await secondsOf(async () => copiesOf(few.map((story) => ({ ...story }))))) / few.length);
    const seconds = await secondsOf(async () => {
      found = copiesOf(many.map((story) => ({ ...story }))).size;
    });
    ours.push(seconds / many.length);
    reference.push((await secondsOf(async () => sameTexts(many))) / many.length);
    say(`round ${round + 1}: ${rounded(seconds)} s for ${many.length}, ${found} copies found`);
  }
  const copies = many.filter(({ id }) => id % everyCopied === 0).length - 1;
  return {
    name: 'copies',
    ours: rounded(median(ours) * 1e6),
    oursUnit: 'µs a story',
    reference: rounded(median(reference) * 1e6),
    referenceUnit: 'µs a story, whole texts hashed',
    ratio: rounded(median(reference) / median(ours)),
    stories: many.length,
    copiesMade: copies,
    copiesFound: found,
    costGrows: rounded(median(ours) / median(tenth)),
  };
}

function withCopies(count: number): CopyCandidate[] {
  const stories: CopyCandidate[] = [];
  for (const { title, dek = '', bodyText = '', publishedAt } of inventedStories(count, until)) {
    const id = stories.length;
    const original = id % everyCopied === 0 ? stories[Math.floor(id / 2)] : undefined;
    stories.push({
      id,
      title,
      dek,
      bodyText: original ? `Readers near ${title} will want to know this. ${original.bodyText}` : bodyText,
      publishedAt: publishedAt?.getTime() ?? until,
    });
  }
  return stories;
}

function sameTexts(stories: CopyCandidate[]): number {
  const seen = new Set<string>();
  for (const { bodyText } of stories) seen.add(createHash('sha256').update(bodyText).digest('base64'));
  return stories.length - seen.size;
}
