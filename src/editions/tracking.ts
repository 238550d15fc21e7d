import { z } from 'zod';
import { checked } from '../checked.ts';

const parameter = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]+$/u, 'holds control characters');

/** What a newsletter counts. */
export const trackingSchema = z.strictObject({
  /**
   * What may be known of who clicked and opened. `off`: nothing is counted, and mail holds no counted link or image.
   * `aggregate`: how often each link was followed; links are the same for all readers, and nothing names one.
   * `individual`: which reader followed which link.
   */
  privacy: z.enum(['off', 'aggregate', 'individual']).default('individual'),
  /** Clicks on stories, by links that lead through Broadsheet. */
  clicks: z.boolean().default(true),
  /** Openings, by an invisible image. Many mail programs load it unasked, and many never do. */
  opens: z.boolean().default(false),
  /** Parameters that stories' own statistics are told the newsletter by; null: none. */
  utm: z
    .strictObject({
      /** The newsletter's slug, if not given. */
      source: parameter.optional(),
      medium: parameter.default('email'),
      /** The newsletter's slug and the edition's day, if not given. */
      campaign: parameter.optional(),
    })
    .nullable()
    .default(null),
});

export type Tracking = z.infer<typeof trackingSchema>;

/** @throws UserError listing what is wrong */
export function parseTracking(document: unknown): Tracking {
  return checked(trackingSchema, document ?? {}, {
    says: 'What the newsletter counts is set wrongly',
    root: 'tracking',
    code: 'usage',
    hint: 'A right one is {"privacy": "individual", "clicks": true, "opens": false, "utm": {"source": "daily"}}.',
  });
}
