import { z } from 'zod';
import { UserError } from '../errors.ts';
import { parseDate } from './date.ts';
import { listIn, type Parsed } from './parsed.ts';
import type { IncomingStory } from './story.ts';

const text = z.preprocess((value) => value ?? undefined, z.string().max(1_000_000).optional());

const date = z.preprocess(
  (value) => value ?? undefined,
  z
    .union([z.string(), z.number(), z.date()])
    .transform((value, context) => {
      const parsed =
        typeof value === 'number'
          ? // Seconds until the year 5138, milliseconds from 1973 on.
            new Date(value < 1e11 ? value * 1000 : value)
          : value instanceof Date
            ? value
            : parseDate(value);
      if (!parsed || Number.isNaN(parsed.getTime())) {
        context.addIssue({ code: 'custom', message: 'is not a date such as 2026-11-24T08:00:00Z' });
        return z.NEVER;
      }
      return parsed;
    })
    .optional(),
);

const topics = z.preprocess(
  (value) => (typeof value === 'string' ? listIn(value) : (value ?? undefined)),
  z.array(z.string().max(200)).max(500).optional(),
);

/** One story as API clients and NDJSON files give it, names in camel case. */
export const storySchema = z.object({
  url: text,
  guid: z.preprocess((value) => (typeof value === 'number' ? String(value) : (value ?? undefined)), text),
  title: z.string({ error: 'is missing, or is no text' }).max(1_000_000),
  dek: text,
  bodyText: text,
  imageUrl: text,
  imageAlt: text,
  author: text,
  publisher: text,
  language: text,
  topics,
  publishedAt: date,
});

// What other programs call the same things.
const synonyms: Record<string, string> = {
  id: 'guid',
  link: 'url',
  headline: 'title',
  summary: 'dek',
  description: 'dek',
  body: 'bodyText',
  content: 'bodyText',
  text: 'bodyText',
  image: 'imageUrl',
  lang: 'language',
  tags: 'topics',
  date: 'publishedAt',
  published: 'publishedAt',
};

/**
 * Stories from JSON: an array of objects, one object, or an object with `stories`. Names may be in snake_case or
 * camelCase. A story that is wrong is a problem (`where` is its place, from 1); the others go in.
 * @throws UserError (code `no-stories`) if the value is none of these
 */
export function parseJsonStories(value: unknown): Parsed {
  const list = Array.isArray(value)
    ? value
    : isObject(value) && Array.isArray(value.stories)
      ? value.stories
      : isObject(value) && ('title' in value || 'headline' in value)
        ? [value]
        : undefined;
  if (!list)
    throw new UserError('This JSON holds no stories.', {
      code: 'no-stories',
      hint: 'Give an array of objects, each with a title, a url and what else you have.',
    });
  const parsed: Parsed = { stories: [], problems: [] };
  for (const [index, entry] of list.entries()) add(parsed, entry, `story ${index + 1}`);
  return parsed;
}

/**
 * Stories from NDJSON: one JSON object a line; empty lines are passed over.
 * @returns a bad line is a problem (`where` is `line 3`); the others are stories
 */
export function parseNdjson(text: string): Parsed {
  const parsed: Parsed = { stories: [], problems: [] };
  for (const [index, line] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    if (!line.trim()) continue;
    const where = `line ${index + 1}`;
    let entry: unknown;
    try {
      entry = JSON.parse(line);
    } catch {
      parsed.problems.push({ where, reason: `it is no JSON: ${line.trim().slice(0, 60)}` });
      continue;
    }
    add(parsed, entry, where);
  }
  return parsed;
}

function add(parsed: Parsed, entry: unknown, where: string): void {
  if (!isObject(entry)) {
    parsed.problems.push({ where, reason: 'it is no JSON object' });
    return;
  }
  const result = storySchema.safeParse(renamed(entry));
  if (result.success) {
    const story: IncomingStory = { ...result.data, position: parsed.stories.length };
    parsed.stories.push(story);
  } else {
    const reason = result.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ');
    parsed.problems.push({ where, reason });
  }
}

function renamed(entry: Record<string, unknown>): Record<string, unknown> {
  const names = Object.keys(storySchema.shape);
  const story: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(entry)) {
    const camel = key
      .replace(/^[A-Z]+$/, (word) => word.toLowerCase())
      .replace(/_([a-z])/g, (_, letter) => letter.toUpperCase());
    if (names.includes(camel)) story[camel] = value;
  }
  for (const [key, name] of Object.entries(synonyms)) if (key in entry) story[name] ??= entry[key];
  return story;
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
