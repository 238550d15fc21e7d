import { z } from '@hono/zod-openapi';
import { severities } from '../../rendering/checks/finding.ts';
import { instant } from './describe.ts';

/** Why something stands where it stands. */
export const reasonSchema = z
  .object({
    text: z.string().describe('a sentence for an editor'),
    parts: z.record(z.string(), z.number()).describe('the numbers behind it'),
  })
  .openapi('Reason');

export const relatedSchema = z
  .object({
    storyId: z.number().int(),
    kind: z.enum(['coverage', 'background', 'similar']),
    title: z.string(),
    url: z.string(),
    publisher: z.string(),
    publishedAt: instant,
    reason: reasonSchema,
  })
  .openapi('RelatedStory');

/** A story as it stands in an edition. */
export const editionStorySchema = z
  .object({
    position: z.number().int().describe('place among the candidates, from 0'),
    key: z.string().optional().describe('names it in the edition, wherever it is moved to'),
    slot: z.string().describe('"reserve": it has none'),
    storyId: z.number().int().nullable().describe('null once the story has been removed'),
    storylineId: z.number().int().nullable(),
    title: z.string(),
    url: z.string(),
    publisher: z.string(),
    publishedAt: instant,
    topics: z.array(z.string()),
    coverage: z.number().int().describe('publishers that report it'),
    developing: z.string().nullable().describe('what is new of a storyline that the list has had'),
    pinned: z.boolean(),
    score: z.number(),
    reason: reasonSchema,
    related: z.array(relatedSchema),
  })
  .openapi('EditionStory');

/** Something that a check found in an edition. */
export const findingSchema = z
  .object({
    check: z.string(),
    severity: z.enum(severities as ['error', 'warning', 'hint']),
    message: z.string().describe('what is wrong'),
    where: z.object({
      part: z.enum(['html', 'text', 'header', 'subject', 'preheader', 'link', 'checks']),
      slot: z.string().optional(),
      story: z.object({ number: z.number().int(), title: z.string(), key: z.string().optional() }).optional(),
      field: z.enum(['subject', 'preheader', 'tried', 'image', 'note', 'link']).optional(),
      language: z.string().optional(),
      counted: z.literal(true).optional(),
      element: z.string().optional(),
      line: z.number().int().optional(),
    }),
    mend: z.string().describe('what to do'),
  })
  .openapi('Finding');
