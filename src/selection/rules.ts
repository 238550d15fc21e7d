import { z } from 'zod';
import type { Candidate } from './candidate.ts';
import type { RankedStoryline } from './rank.ts';

/**
 * What an editor says once for all editions: stories of a publisher, topic, author or host, or with a word in title or dek,
 * count more (boost), count less (bury), or are never taken (block). A rule with several conditions asks for all.
 */
export const ruleSchema = z
  .strictObject({
    action: z.enum(['boost', 'bury', 'block']),
    publisher: z.string().min(1).optional(),
    topic: z.string().min(1).optional(),
    author: z.string().min(1).optional(),
    /** Of the story's address, such as `blog.example.com`; what lies below it counts too. */
    host: z
      .string()
      .max(253)
      .regex(/^[^\s/:@]+\.[^\s/:@]+$/, 'is no host such as blog.example.com')
      .optional(),
    /** Words that stand together, whole, in title or dek; case and accents do not count. */
    keyword: z.string().min(1).optional(),
    /** How much more or less; 1.5 for a boost and 0.5 for burying if not given. */
    factor: z.number().positive().max(10).optional(),
    /** Why, for those who read the reasons. */
    because: z.string().max(200).optional(),
  })
  .refine((rule) => rule.publisher ?? rule.topic ?? rule.author ?? rule.keyword ?? rule.host, {
    message: 'names no publisher, topic, author, host or keyword',
  })
  .refine(
    (rule) =>
      rule.factor === undefined || rule.action === 'block' || (rule.action === 'boost') === rule.factor > 1,
    {
      message: 'has a factor on the wrong side of 1 for its action',
    },
  );

export type Rule = z.infer<typeof ruleSchema>;

const foldedTopics = new Map<string, string>();

function foldTopic(topic: string): string {
  let folded = foldedTopics.get(topic);
  if (folded === undefined) {
    if (foldedTopics.size > 10_000) foldedTopics.clear();
    folded = fold(topic).trim();
    foldedTopics.set(topic, folded);
  }
  return folded;
}

/** Whether one of a story's topics is the given one; case and accents do not count, as sources write them in many ways. */
export function hasTopic(topics: string[], topic: string): boolean {
  const wanted = foldTopic(topic);
  return topics.some((each) => foldTopic(each) === wanted);
}

/** What a rule without a factor of its own does. */
export const usualFactor = { boost: 1.5, bury: 0.5, block: 0 } as const;

/** Whether a rule is about a story. */
export function applies(
  rule: Rule,
  story: Pick<Candidate, 'publisher' | 'topics' | 'author' | 'title' | 'dek' | 'url'>,
): boolean {
  return (
    (rule.publisher === undefined || same(rule.publisher, story.publisher)) &&
    (rule.topic === undefined || hasTopic(story.topics, rule.topic)) &&
    (rule.author === undefined || same(rule.author, story.author ?? '')) &&
    (rule.host === undefined || isAt(story.url, rule.host)) &&
    (rule.keyword === undefined || words(`${story.title} ${story.dek}`).includes(words(rule.keyword)))
  );
}

function isAt(url: string | null, host: string): boolean {
  if (url === null || !URL.canParse(url) || !URL.canParse(`https://${host}`)) return false;
  const bare = (name: string) => name.toLowerCase().replace(/^www\./, '');
  const own = bare(new URL(url).hostname);
  const wanted = bare(new URL(`https://${host}`).hostname);
  return own === wanted || own.endsWith(`.${wanted}`);
}

/** Whether a story may never be taken. */
export function isBlocked(story: Candidate, rules: Rule[]): boolean {
  return rules.some((rule) => rule.action === 'block' && applies(rule, story));
}

/** Ranks anew by the rules that are about a storyline's lead, and says so in its reason. */
export function applyRules(ranked: RankedStoryline[], rules: Rule[]): RankedStoryline[] {
  if (rules.every((rule) => rule.action === 'block')) return ranked;
  return ranked
    .map((storyline) => {
      const matching = rules.filter((rule) => rule.action !== 'block' && applies(rule, storyline.lead));
      if (matching.length === 0) return storyline;
      const factor = matching.reduce(
        (product, rule) => product * (rule.factor ?? usualFactor[rule.action]),
        1,
      );
      return {
        ...storyline,
        score: storyline.score * factor,
        reason: {
          text: `${storyline.reason.text} ${matching.map(told).join(' ')}`,
          parts: { ...storyline.reason.parts, rules: Math.round(factor * 1000) / 1000 },
        },
      };
    })
    .sort((a, b) => b.score - a.score || b.lead.publishedAt - a.lead.publishedAt || a.lead.id - b.lead.id);
}

function told(rule: Rule): string {
  const about = [
    rule.publisher && `stories of ${rule.publisher}`,
    rule.topic && `stories on ${rule.topic}`,
    rule.author && `stories by ${rule.author}`,
    rule.host && `stories at ${rule.host}`,
    rule.keyword && `stories with "${rule.keyword}"`,
  ].filter(Boolean);
  const what = rule.action === 'boost' ? 'boosts' : 'buries';
  return `A rule ${what} ${about.join(', ')}${rule.because ? ` (${rule.because})` : ''}.`;
}

const fold = (text: string) =>
  text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase();
const same = (a: string, b: string) => fold(a).trim() === fold(b).trim();
// Spaces around, so that "art" is not found in "party".
const words = (text: string) =>
  ` ${fold(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()} `;
