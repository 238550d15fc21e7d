// `npm run eval -- FILE.csv [--json]`: how well storylines, related stories and top stories are found, on a CSV with
// the columns TITLE, URL, PUBLISHER, CATEGORY, STORY (the true event) and TIMESTAMP (milliseconds since 1970).
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { messageOf } from '../src/errors.ts';
import type { Candidate } from '../src/selection/candidate.ts';
import { embedTexts } from '../src/selection/embed.ts';
import { textOf } from '../src/selection/embeddings.ts';
import { groupCandidates } from '../src/selection/group-candidates.ts';
import { corpusOf } from '../src/selection/library.ts';
import { parsePolicy } from '../src/selection/policy.ts';
import { relatedStories } from '../src/selection/related.ts';
import { selectStories } from '../src/selection/select.ts';
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
const publishers = rows.map((row) => row.PUBLISHER);
const batch = 32;

async function embedded(): Promise<Candidate[]> {
  const all: Candidate[] = [];
  for (let from = 0; from < candidates.length; from += batch) {
    const part = candidates.slice(from, from + batch);
    const texts = part.map(({ title, dek }) => textOf({ title, dek, opening: '' }));
    const embeddings = await embedTexts(texts);
    all.push(...part.map((story, at) => ({ ...story, embedding: embeddings[at] ?? null })));
  }
  return all;
}

/** Groups the stories, finds what is related to each, and chooses an edition, as Broadsheet does. */
function evaluate(stories: Candidate[]) {
  const started = performance.now();
  const corpus = corpusOf(stories);
  const groups = groupCandidates(stories, corpus).map((members, storylineId) =>
    members.map((story) => ({ ...story, storylineId })),
  );
  const library = new Map(groups.flat().map((story) => [story.id, story]));
  const related: number[][] = [];
  for (const members of groups) {
    const storyline = new Set(members.map(({ id }) => id));
    for (const story of members) {
      const shown = relatedStories(
        { ...story, storyline, vector: corpus.vector(story.id) },
        library,
        corpus,
        5,
      );
      related[story.id] = shown.map(({ storyId }) => storyId);
    }
  }
  const at = Math.max(...stories.map((story) => story.publishedAt));
  const hours = (at - Math.min(...stories.map((story) => story.publishedAt))) / 3_600_000;
  const edition = selectStories({
    groups,
    library,
    corpus,
    told: [],
    policy: parsePolicy({ windowHours: Math.min(744, Math.max(36, Math.ceil(hours) + 1)) }),
    at,
  });
  const leads = edition.slice(0, 10);
  return {
    storylines: {
      groups: groups.length,
      ...bCubed(
        groups.map((members) => members.map(({ id }) => id)),
        gold,
      ),
    },
    related: {
      precisionAt5: precisionAt(5, related, gold),
      shown: related.reduce((sum, { length }) => sum + length, 0) / stories.length,
    },
    top: topEvents(
      leads.map((story) => story.storyId ?? -1),
      gold,
      publishers,
    ),
    edition: leads.map(({ title, reason, related: links }) => ({
      title,
      reason: reason.text,
      related: links.map((link) => link.title),
    })),
    seconds: Math.round(performance.now() - started) / 1000,
  };
}

const embedStarted = performance.now();
const withMeaning = await embedded();
const embedSeconds = Math.round(performance.now() - embedStarted) / 1000;
const result = {
  file,
  stories: rows.length,
  events: new Set(gold).size,
  embedSeconds,
  ...evaluate(withMeaning),
  wordsAlone: evaluate(candidates),
};

if (flags.includes('--json')) console.log(JSON.stringify(result));
else {
  const figure = (value: number) => value.toFixed(3);
  const print = (name: string, { storylines, related, top, seconds }: ReturnType<typeof evaluate>) => {
    console.log(`${name} (${seconds} s)`);
    console.log(
      `  storylines  B-cubed precision ${figure(storylines.precision)}, recall ${figure(storylines.recall)}, F1 ${figure(storylines.f1)} (${storylines.groups} groups)`,
    );
    console.log(
      `  related     precision at 5: ${figure(related.precisionAt5)} (${related.shown.toFixed(2)} shown)`,
    );
    console.log(
      `  top         ${top.distinct} different events in ten leads, ${top.amongTopTen} of the ten most reported, ${top.repeats} repeated`,
    );
  };
  console.log(`${result.stories} stories of ${result.events} events, embedded in ${embedSeconds} s`);
  print('with embeddings', result);
  print('words alone', result.wordsAlone);
  for (const [place, { title, reason, related }] of result.edition.entries()) {
    console.log(`  ${place + 1}. ${title} (${reason})`);
    for (const link of related) console.log(`     - ${link}`);
  }
}
