import type { Candidate } from './candidate.ts';
import { termsOf } from './terms.ts';

const mostSentences = 6;
const longest = 240;
const shortest = 25;
// Of what a sentence says, so much must be new for it to be news.
const leastNew = 0.25;

/** What a storyline has that it had not when it was told last. */
export interface News {
  /** The sentence that says it best, as a publisher wrote it. */
  sentence: string | null;
  /** Names and numbers that at least two of the new reports have and none of the earlier ones, the most frequent first. */
  words: string[];
}

/**
 * What the reports since an instant say that those before did not: the sentence with the most new words that other new
 * reports have too, which is novelty detection by new words (Allan, Wade and Bolivar, "Retrieval and novelty detection at
 * the sentence level", SIGIR 2003).
 * @param before what was known, the told title among it
 * @param since the new reports
 * @param shown the title that stands above: it is not repeated
 */
export function newsSince(
  before: Pick<Candidate, 'title' | 'dek' | 'bodyText' | 'language'>[],
  since: Candidate[],
  shown: string,
): News {
  const known = new Set<string>();
  for (const story of before) for (const word of wordsOf(textOf(story), story.language)) known.add(word);
  const reports = new Map<string, { publishers: Set<string>; surface: string; entity: boolean }>();
  for (const story of since)
    for (const { text, surface, entity } of termsOf(textOf(story), story.language)) {
      if (known.has(text)) continue;
      const report = reports.get(text) ?? { publishers: new Set(), surface, entity };
      report.publishers.add(story.publisher);
      report.entity ||= entity;
      reports.set(text, report);
    }
  const shownWords = new Set(since.flatMap(({ language }) => wordsOf(shown, language)));
  let best: { sentence: string; value: number } | undefined;
  for (const story of since) {
    for (const sentence of sentencesOf(story)) {
      const words = [...new Set(wordsOf(sentence, story.language))];
      const fresh = words.filter((word) => reports.has(word));
      if (words.length < 3 || fresh.length / words.length < leastNew) continue;
      if (words.filter((word) => shownWords.has(word)).length / words.length > 0.7) continue;
      // What several report counts more than what one does.
      const value =
        fresh.reduce((sum, word) => sum + Math.sqrt(reports.get(word)?.publishers.size ?? 0), 0) /
        Math.sqrt(words.length);
      if (!best || value > best.value) best = { sentence, value };
    }
  }
  const words = [...reports.values()]
    .filter(({ publishers, entity }) => entity && publishers.size > 1)
    .sort((a, b) => b.publishers.size - a.publishers.size)
    .slice(0, 4)
    .map(({ surface }) => surface);
  return { sentence: best?.sentence ?? null, words };
}

const textOf = (story: Pick<Candidate, 'title' | 'dek' | 'bodyText'>) =>
  `${story.title}. ${story.dek} ${story.bodyText}`;

const wordsOf = (text: string, language: string | null) => termsOf(text, language).map((term) => term.text);

const segmenters = new Map<string, Intl.Segmenter>();

/** Title and first sentences, those that can stand alone. */
function sentencesOf(story: Candidate): string[] {
  const language = story.language?.split('-')[0] ?? 'en';
  let segmenter = segmenters.get(language);
  if (!segmenter) {
    try {
      segmenter = new Intl.Segmenter(language, { granularity: 'sentence' });
    } catch {
      segmenter = new Intl.Segmenter('en', { granularity: 'sentence' }); // A feed may call its language anything.
    }
    segmenters.set(language, segmenter);
  }
  const sentences = [story.title];
  for (const text of [story.dek, story.bodyText.slice(0, 1500)])
    for (const { segment } of segmenter.segment(text)) {
      const sentence = segment.trim().replace(/\s+/g, ' ');
      // The last one may be cut off, and a dek may end in an ellipsis.
      if (sentence.length < shortest || sentence.length > longest || !/[.!?。！？؟»”"]$/u.test(sentence))
        continue;
      if (/(?:\.\.\.|…)$/.test(sentence)) continue;
      sentences.push(sentence);
      if (sentences.length > mostSentences) return sentences;
    }
  return sentences;
}
