import { z } from 'zod';
import { checked } from '../checked.ts';

/** The checks, by the id under which a newsletter may leave them out. */
export const checkIds = [
  'size',
  'clients',
  'accessibility',
  'structure',
  'images',
  'links',
  'dead-links',
  'subject',
  'preheader',
  'spam',
  'unsubscribe',
  'text',
  'leftovers',
  'contrast',
  'checks',
] as const;
export type CheckId = (typeof checkIds)[number];

/** What a newsletter says about the checks of its editions. */
export const checkSettingsSchema = z.strictObject({
  /** What keeps an edition from being sent without somebody's approval. */
  block: z.enum(['errors', 'nothing'], 'is "errors" or "nothing".').default('errors'),
  /** Checks whose findings are left out. */
  ignore: z.array(z.enum(checkIds, `is one of ${checkIds.join(', ')}.`)).default([]),
  /** Whether links are followed when an edition is made ready by itself. */
  links: z.boolean('is true or false.').default(false),
});

export type CheckSettings = z.infer<typeof checkSettingsSchema>;

/** @throws UserError listing what is wrong */
export function parseCheckSettings(document: unknown): CheckSettings {
  return checked(checkSettingsSchema, document ?? {}, {
    says: "The newsletter's settings of checks are wrong",
    root: 'checks',
    between: ' ',
    code: 'usage',
    hint: 'Right ones are {"block": "errors", "ignore": ["spam"], "links": true}.',
  });
}
