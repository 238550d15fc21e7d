import type { z } from 'zod';
import { UserError } from './errors.ts';

/** How a person is told what is wrong with a document. */
export interface Wrong {
  /** The sentence above the list. */
  says: string;
  /** What the whole document is called in the list. */
  root: string;
  /** Stands between a path and what is wrong there. */
  between?: string;
  code: string;
  hint: string;
  details?: Record<string, unknown>;
}

/** A document as its schema has it. @throws UserError listing all that is wrong, by path */
export function checked<Schema extends z.ZodType>(
  schema: Schema,
  document: unknown,
  { says, root, between = ': ', ...error }: Wrong,
): z.infer<Schema> {
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data;
  const lines = parsed.error.issues.map(
    ({ path, message }) => `  ${path.join('.') || root}${between}${message}`,
  );
  throw new UserError(`${says}:\n${lines.join('\n')}`, error);
}
