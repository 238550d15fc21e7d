import { z } from 'zod';
import { checked } from '../checked.ts';
import { ruleSchema } from './rules.ts';

const slotSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'is a lower-case word'),
  count: z.int().min(1).max(50),
  /** Only stories with this topic; without it, any. */
  topic: z.string().min(1).optional(),
  /** What readers see above it, where the theme has no words of its own for the name. */
  title: z.string().min(1).max(80).optional(),
});

/** The story around which a newsletter is built: a copy, as it need not be in the database, or may leave it. */
const aboutSchema = z.strictObject({
  title: z.string().min(1).max(500),
  dek: z.string().max(2000).default(''),
  text: z.string().max(20_000).default(''),
  url: z.string().max(2000).nullable().default(null),
  language: z.string().max(35).nullable().default(null),
  /** ISO 8601: what came later is what changed since. */
  publishedAt: z.iso.datetime({ offset: true }),
});

export type About = z.infer<typeof aboutSchema>;

/** How a newsletter chooses: a JSON document, stored with each edition that it made. */
export const policySchema = z.strictObject({
  /** How far back stories are looked for. A story that an earlier edition has used is not used again. */
  windowHours: z
    .number()
    .min(1)
    .max(24 * 31)
    .default(36),
  /** Fewer new storylines than this: the edition is skipped. */
  minimumStories: z.int().min(1).max(100).default(3),
  /** Candidates kept in the edition, from which each subscriber's digest is chosen. */
  candidates: z.int().min(1).max(100).default(30),
  /** Places of the edition, filled in this order. */
  slots: z
    .array(slotSchema)
    .min(1)
    .max(10)
    .default([
      { name: 'lead', count: 1 },
      { name: 'top', count: 5 },
      { name: 'brief', count: 6 },
    ])
    .refine((slots) => new Set(slots.map(({ name }) => name)).size === slots.length, {
      message: 'two slots have the same name',
    }),
  /** What counts for how much; each factor is between 0 and 1. */
  weights: z
    .strictObject({
      coverage: z.number().min(0).max(10).default(1),
      freshness: z.number().min(0).max(10).default(0.5),
      prominence: z.number().min(0).max(10).default(0.15),
      /** What readers clicked in earlier editions: of the same topics, publishers and storylines. */
      engagement: z.number().min(0).max(10).default(0.25),
    })
    .prefault({}),
  /** After this time a story's freshness has halved. */
  halfLifeHours: z
    .number()
    .min(0.5)
    .max(24 * 31)
    .default(12),
  /** 0: score alone decides. Towards 1: unlikeness to what is chosen already. */
  diversity: z.number().min(0).max(1).default(0.35),
  /** The share of all readers' places that go to stories they would not get otherwise, so that something is learned of them. */
  exploration: z.number().min(0).max(0.2).default(0.01),
  /** Related links beneath a story, at the most. */
  related: z.int().min(0).max(10).default(3),
  /** Only stories with one of these topics; empty: all. */
  topics: z.array(z.string()).default([]),
  /** Never stories with one of these topics. */
  withoutTopics: z.array(z.string()).default([]),
  /** Only stories in one of these languages (BCP 47); empty: all. */
  languages: z.array(z.string()).default([]),
  /** The story around which the newsletter is built: it sends what is like this one, and what changed since. */
  about: aboutSchema.optional(),
  /** What the editors boost, bury and block. */
  rules: z.array(ruleSchema).max(200).default([]),
});

export type Policy = z.infer<typeof policySchema>;

/** @throws UserError listing what is wrong with the document, by path */
export function parsePolicy(document: unknown): Policy {
  return checked(policySchema, document ?? {}, {
    says: 'The selection policy is wrong',
    root: 'policy',
    code: 'policy',
    hint: 'docs/selection.md lists what a policy may say.',
  });
}
