// `npm run eval -- FILE.csv [--json] [--parts]`: how well storylines, related stories and top stories are found, on a CSV
// with the columns TITLE, URL, PUBLISHER, CATEGORY, STORY (the true event) and TIMESTAMP (milliseconds since 1970).
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { messageOf } from '../src/errors.ts';
import type { Candidate } from '../src/selection/candidate.ts';
import { embedTexts } from '../src/selection/embed.ts';
import { textOf } from '../src/selection/embeddings.ts';
import { noEngagement } from '../src/selection/engagement.ts';
import { groupCandidates } from '../src/selection/group-candidates.ts';
import { corpusOf } from '../src/selection/library.ts';
import { parsePolicy } from '../src/selection/policy.ts';
import { addRelated, rankRelated, relatedStories } from '../src/selection/related.ts';
import { selectStories } from '../src/selection/select.ts';
import { bCubed, precisionAt, topEvents } from './metrics.ts';
import { resamples } from './resamples.ts';

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
  console.error('Usage: npm run eval -- FILE.csv [--json] [--parts]');
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
  firstSeenAt: 0,
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

/** Groups stories and finds what is related to each, as Broadsheet does. Ids are places in the list. */
function groupAndRelate(stories: Candidate[], trueEvents: string[]) {
  const corpus = corpusOf(stories);
  const groups = groupCandidates(stories, corpus).map((members, at) =>
    members.map((story) => ({ ...story, storylineId: at + 1 })),
  );
  const library = new Map(groups.flat().map((story) => [story.id, story]));
  const related: number[][] = [];
  for (const members of groups) {
    const storyline = new Set(members.map(({ id }) => id));
    for (const story of members) {
      const subject = { ...story, storyline, vector: corpus.vector(story.id) };
      const ranked = rankRelated(subject, corpus);
      related[story.id] = relatedStories(subject, ranked, library, corpus, 5).map(({ storyId }) => storyId);
    }
  }
  const ids = groups.map((members) => members.map(({ id }) => id));
  return {
    corpus,
    groups,
    library,
    storylines: { groups: groups.length, ...bCubed(ids, trueEvents) },
    related: {
      precisionAt5: precisionAt(5, related, trueEvents),
      shown: related.reduce((sum, { length }) => sum + length, 0) / stories.length,
    },
  };
}

async function evaluate(stories: Candidate[]) {
  const started = performance.now();
  const { corpus, groups, library, storylines, related } = groupAndRelate(stories, gold);
  const times = stories.map((story) => story.publishedAt);
  const at = Math.max(...times);
  const hours = (at - Math.min(...times)) / 3_600_000;
  const edition = selectStories({
    groups,
    corpus,
    told: [],
    engagement: noEngagement,
    policy: parsePolicy({ windowHours: Math.min(744, Math.max(36, Math.ceil(hours) + 1)) }),
    at,
  });
  const leads = edition.slice(0, 10);
  await addRelated(
    leads,
    {
      stories: library,
      corpus,
      membersOf: (storyline) => groups[storyline - 1]?.map(({ id }) => id) ?? [],
      mayRelate: () => true,
      texts: async () => library,
    },
    3,
  );
  return {
    storylines,
    related,
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

/** The figures on parts of the stories: how far they depend on what happens to be in the file. */
function evaluateParts(stories: Candidate[]) {
  return resamples(gold, publishers).map(({ name, places }) => {
    const part = places.map((place, id) => ({ ...(stories[place] as Candidate), id }));
    const { storylines, related } = groupAndRelate(
      part,
      places.map((place) => gold[place] ?? ''),
    );
    return { name, stories: part.length, storylines, related };
  });
}

const embedStarted = performance.now();
const withMeaning = await embedded();
const embedSeconds = Math.round(performance.now() - embedStarted) / 1000;
const result = {
  file,
  stories: rows.length,
  events: new Set(gold).size,
  embedSeconds,
  ...(await evaluate(withMeaning)),
  wordsAlone: await evaluate(candidates),
  parts: flags.includes('--parts') ? evaluateParts(withMeaning) : [],
};

if (flags.includes('--json')) console.log(JSON.stringify(result));
else {
  const figure = (value: number) => value.toFixed(3);
  const print = (
    name: string,
    { storylines, related, top, seconds }: Awaited<ReturnType<typeof evaluate>>,
  ) => {
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
  if (result.parts.length > 0) {
    console.log('parts of the stories, with embeddings');
    const line = (name: string, precision: number, f1: number, at5: number) =>
      console.log(
        `  ${name.padEnd(26)} B-cubed precision ${figure(precision)}, F1 ${figure(f1)}; related ${figure(at5)}`,
      );
    for (const { name, storylines, related } of result.parts)
      line(name, storylines.precision, storylines.f1, related.precisionAt5);
    const all = [
      result.parts.map(({ storylines }) => storylines.precision),
      result.parts.map(({ storylines }) => storylines.f1),
      result.parts.map(({ related }) => related.precisionAt5),
    ] as const;
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    line('mean', mean(all[0]), mean(all[1]), mean(all[2]));
    line('worst', Math.min(...all[0]), Math.min(...all[1]), Math.min(...all[2]));
  }
  for (const [place, { title, reason, related }] of result.edition.entries()) {
    console.log(`  ${place + 1}. ${title} (${reason})`);
    for (const link of related) console.log(`     - ${link}`);
  }
}
