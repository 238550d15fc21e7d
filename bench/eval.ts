// `npm run eval -- FILE.csv [--json]`: how well storylines, related stories and top stories are found, on a CSV with
// the columns TITLE, URL, PUBLISHER, CATEGORY, STORY (the true event) and TIMESTAMP (milliseconds since 1970).
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { messageOf } from '../src/errors.ts';
import type { Candidate } from '../src/selection/candidate.ts';
import { corpusOf } from '../src/selection/library.ts';
import { parsePolicy } from '../src/selection/policy.ts';
import { selectStories } from '../src/selection/select.ts';
import { groupCandidates } from '../src/selection/storylines.ts';
import { bCubed, precisionAt, topEvents } from './metrics.ts';

interface Row {
  TITLE: string;
  URL: string;
  PUBLISHER: string;
  CATEGORY: string;
  STORY: string;
  TIMESTAMP: string;
}

const [file, ...flags] = process.argv.slice(2);
if (!file) {
  console.error('Usage: npm run eval -- FILE.csv [--json]');
  process.exit(2);
}

let rows: Row[];
try {
  rows = parse(readFileSync(file), { columns: true, bom: true, relax_quotes: true, skip_empty_lines: true });
} catch (error) {
  console.error(`${file} cannot be read: ${messageOf(error)}`);
  process.exit(1);
}
const missing = ['TITLE', 'URL', 'PUBLISHER', 'STORY', 'TIMESTAMP'].filter(
  (name) => !(name in (rows[0] ?? {})),
);
if (missing.length > 0) {
  console.error(`${file} lacks the columns ${missing.join(', ')}.`);
  process.exit(1);
}

const started = performance.now();
const candidates: Candidate[] = rows.map((row, id) => ({
  id,
  storylineId: null,
  title: row.TITLE,
  dek: '',
  bodyText: '',
  url: row.URL,
  imageUrl: null,
  imageAlt: null,
  publisher: row.PUBLISHER,
  author: null,
  language: 'en',
  topics: row.CATEGORY ? [row.CATEGORY] : [],
  publishedAt: Number(row.TIMESTAMP),
  sourcePosition: null,
  sourceWeight: 1,
  contentHash: String(id),
}));
const gold = rows.map((row) => row.STORY);
const corpus = corpusOf(candidates);

const groups = groupCandidates(candidates, corpus).map((stories, storylineId) =>
  stories.map((story) => ({ ...story, storylineId })),
);
const storylines = bCubed(
  groups.map((stories) => stories.map((story) => story.id)),
  gold,
);

const related = candidates.map((story) =>
  corpus
    .neighbours(corpus.vector(story.id), { minimum: 0.0001, limit: 5, except: story.id })
    .map(({ id }) => id),
);
const at = Math.max(...candidates.map((story) => story.publishedAt));
const span = (at - Math.min(...candidates.map((story) => story.publishedAt))) / 3_600_000;
const edition = selectStories({
  groups,
  library: new Map(groups.flat().map((story) => [story.id, story])),
  corpus,
  told: [],
  policy: parsePolicy({ windowHours: Math.min(744, Math.max(36, Math.ceil(span) + 1)) }),
  at,
});
const leads = edition.slice(0, 10).map((story) => story.storyId ?? -1);

const result = {
  file,
  stories: rows.length,
  events: new Set(gold).size,
  storylines: { groups: groups.length, ...storylines },
  related: { precisionAt5: precisionAt(5, related, gold) },
  top: topEvents(
    leads,
    gold,
    rows.map((row) => row.PUBLISHER),
  ),
  seconds: Math.round(performance.now() - started) / 1000,
};
if (flags.includes('--json')) console.log(JSON.stringify(result));
else {
  const percent = (value: number) => value.toFixed(3);
  console.log(`${result.stories} stories of ${result.events} events, in ${result.seconds} s`);
  console.log(
    `storylines  B-cubed precision ${percent(storylines.precision)}, recall ${percent(storylines.recall)}, F1 ${percent(storylines.f1)} (${groups.length} groups)`,
  );
  console.log(`related     precision at 5: ${percent(result.related.precisionAt5)}`);
  console.log(
    `top         ${result.top.distinct} different events in ten leads, ${result.top.amongTopTen} of the ten most reported, ${result.top.repeats} repeated`,
  );
  for (const story of edition.slice(0, 10))
    console.log(`  ${story.position + 1}. ${story.title} (${story.reason.text})`);
}
