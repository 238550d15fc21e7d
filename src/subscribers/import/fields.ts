import { UserError } from '../../errors.ts';

/** The types of a custom field's values. */
export const fieldTypes = ['text', 'number', 'date', 'boolean'] as const;
export type FieldType = (typeof fieldTypes)[number];

/** @throws UserError if the text names no type */
export function parseFieldType(text: string): FieldType {
  const type = fieldTypes.find((name) => name === text.toLowerCase());
  if (!type)
    throw new UserError(`"${text}" is not a type of a custom field.`, {
      code: 'usage',
      hint: `The types are ${fieldTypes.join(', ')}.`,
    });
  return type;
}

/**
 * A custom field's name as it is kept and used in filters: lower case, letters, digits and underscores (`Company Name`
 * gives `company_name`).
 * @throws UserError if nothing is left
 */
export function fieldName(text: string): string {
  const name = text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 64);
  if (name === '') throw new UserError(`"${text}" cannot be the name of a custom field.`, { code: 'usage' });
  return name;
}

/**
 * A custom field's value. Dates come out as `2026-11-24` or, with a time, as `2026-11-24T08:00:00.000Z`.
 * @throws UserError saying what the column should hold
 */
export function parseFieldValue(text: string, type: FieldType): string | number | boolean {
  switch (type) {
    case 'text':
      return text;
    case 'number': {
      // 1.234,5 and 1,234.5 mean the same to different people; one comma alone may be either, so it is refused.
      const number = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : Number.NaN;
      if (Number.isFinite(number)) return number;
      throw wrong(text, 'a number', 'Write it as in 1234.5');
    }
    case 'boolean': {
      const value = yesOrNo(text);
      if (value !== undefined) return value;
      throw wrong(text, 'yes or no', 'Write yes or no, true or false, or 1 or 0');
    }
    case 'date': {
      const date = parseDate(text);
      if (date) return date;
      throw wrong(text, 'a date', 'Write it as in 2026-11-24 or 2026-11-24T08:00:00Z');
    }
  }
}

/** True or false as people and programs write it, or undefined. */
export function yesOrNo(text: string): boolean | undefined {
  const word = text.trim().toLowerCase();
  if (['yes', 'true', '1', 'y', 't', 'on'].includes(word)) return true;
  if (['no', 'false', '0', 'n', 'f', 'off'].includes(word)) return false;
  return undefined;
}

function parseDate(text: string): string | undefined {
  const [, day, time] = /^(\d{4}-\d{2}-\d{2})(?:[T ]((?:[01]\d|2[0-3]):.+))?$/.exec(text) ?? [];
  if (!day || day < '0001') return undefined;
  const midnight = new Date(`${day}T00:00:00Z`);
  // Date takes 30 February for 2 March.
  if (Number.isNaN(midnight.getTime()) || midnight.toISOString().slice(0, 10) !== day) return undefined;
  if (time === undefined) return day;
  // Without a zone it is taken for UTC, on whatever machine this runs.
  const at = new Date(`${day}T${time}${/(Z|[+-]\d{2}:?\d{2})$/i.test(time) ? '' : 'Z'}`);
  if (Number.isNaN(at.getTime())) return undefined;
  const written = at.toISOString();
  return /^\d{4}-/.test(written) && written >= '0001' ? written : undefined;
}

const wrong = (text: string, kind: string, hint: string) =>
  new UserError(`"${text.slice(0, 80)}" is not ${kind}.`, { code: 'field', hint: `${hint}.` });
