import { type PersonalCandidate, PersonalChooser, type ReaderTaste } from '../src/selection/personal.ts';
import { byTurns, type Measurement, type MeasureOptions, rounded, secondsOf } from './measure.ts';

const candidateCount = 40;
const slots = [
  { name: 'lead', count: 1 },
  { name: 'top', count: 4 },
  { name: 'brief', count: 5 },
];
const topics = Array.from({ length: 12 }, (_, at) => `topic-${at}`);
const publishers = Array.from({ length: 15 }, (_, at) => `Paper ${at}`);

/**
 * One reader's stories chosen from 40 candidates for 10 places: by chosen and muted topics, muted sources, clicks and what
 * they had; against filtering, valuing and sorting the candidates for each reader in a few lines.
 */
export async function measurePersonal({
  rows = 200_000,
  rounds = 5,
  say,
}: MeasureOptions): Promise<Measurement> {
  const candidates: PersonalCandidate[] = Array.from({ length: candidateCount }, (_, position) => ({
    position,
    topics: [pick(topics, position * 7), pick(topics, position * 5 + 1)],
    publisher: pick(publishers, position * 3),
    storylineId: position,
    score: 1 - position / candidateCount,
    pinned: position === 0,
    slot: position === 0 ? 'lead' : 'reserve',
    developing: position % 9 === 0 ? 'Something new' : null,
  }));
  const readers: ReaderTaste[] = Array.from({ length: 2000 }, (_, id) => ({
    id,
    topics: [pick(topics, id), pick(topics, id * 3 + 2)],
    mutedTopics: id % 3 === 0 ? [pick(topics, id + 5)] : [],
    mutedSources: id % 5 === 0 ? [pick(publishers, id)] : [],
    clicks: Array.from({ length: id % 6 }, (_, click) => ({
      topics: [pick(topics, id + click)],
      publisher: pick(publishers, id * click),
      storylineId: click,
      weight: 1 / (1 + click),
    })),
    had: [id % candidateCount, (id * 7) % candidateCount],
  }));
  const chooser = new PersonalChooser(candidates, slots, { share: 0.02, seed: 1 });
  const measured = (choose: (reader: ReaderTaste) => number[][], who: string) => async () => {
    const seconds = await secondsOf(() => {
      let places = 0;
      for (let at = 0; at < rows; at++)
        for (const slot of choose(readers[at % readers.length] as ReaderTaste)) places += slot.length;
      if (places < rows * 5) throw new Error(`${who} chose only ${places} stories.`);
    });
    const micros = (seconds / rows) * 1e6;
    say(`${who}: ${rounded(micros)} microseconds a reader`);
    return micros;
  };
  const [ours = 0, reference = 0] = await byTurns(
    rounds,
    measured((reader) => chooser.choose(reader), 'ours'),
    measured((reader) => plainly(candidates, reader), 'filter and sort'),
  );
  return {
    name: 'personal',
    ours: rounded(ours),
    oursUnit: 'microseconds a reader',
    reference: rounded(reference),
    referenceUnit: 'microseconds a reader, filter and sort',
    ratio: rounded(reference / ours),
    candidates: candidateCount,
    places: 10,
    readers: rows,
  };
}

/** The same rules without preparation, and without exploration. */
function plainly(candidates: PersonalCandidate[], reader: ReaderTaste): number[][] {
  const interest = (candidate: PersonalCandidate) =>
    (reader.clicks ?? []).reduce(
      (sum, click) =>
        sum +
        click.topics.filter((topic) => candidate.topics.includes(topic)).length * click.weight +
        (click.publisher === candidate.publisher ? click.weight / 2 : 0) +
        (click.storylineId === candidate.storylineId ? click.weight : 0),
      0,
    );
  const open = candidates
    .filter(
      (candidate) =>
        !candidate.pinned &&
        !candidate.topics.some((topic) => reader.mutedTopics.includes(topic)) &&
        !reader.mutedSources.includes(candidate.publisher) &&
        (candidate.developing !== null || !reader.had?.includes(candidate.position)),
    )
    .map((candidate) => {
      const clicks = interest(candidate);
      const wanted = candidate.topics.some((topic) => reader.topics.includes(topic));
      return {
        candidate,
        value: candidate.score * (wanted ? 1.6 : 1) * (1 + (0.5 * clicks) / (clicks + 2)),
      };
    })
    .sort((a, b) => b.value - a.value)
    .map(({ candidate }) => candidate);
  return slots.map(({ name, count }) => {
    const pinned = candidates.filter((candidate) => candidate.pinned && candidate.slot === name);
    return [...pinned, ...open.splice(0, count - pinned.length)].map(({ position }) => position);
  });
}

function pick<T>(from: T[], at: number): T {
  return from[at % from.length] as T;
}
