import type { Speak } from '../words/words.ts';
import type { newsletterTexts } from './words.ts';

/** A form's fields as they were sent, or as they stand for what is saved. */
export type Values = Record<string, string[]>;
/** What is wrong, by field; under '' what is about the form as a whole. */
export type Mistakes = Record<string, string>;
export type Key = keyof typeof newsletterTexts.en;
export type Say = Speak<Key>;

/** The one value of a field, without spaces around it. */
export const one = (values: Values, name: string): string =>
  (values[name]?.[0] ?? '').replaceAll('\0', '').trim();

/** Whether a box is ticked. */
export const ticked = (values: Values, name: string): boolean => values[name]?.[0] !== undefined;

/** Ids among a field's values. */
export const ids = (values: Values, name: string): number[] =>
  (values[name] ?? []).filter((each) => /^\d{1,15}$/.test(each)).map(Number);

/** A whole number in a range; undefined if it is none. */
export function whole(values: Values, name: string, least: number, most: number): number | undefined {
  const text = one(values, name);
  const value = Number(text);
  return /^\d{1,9}$/.test(text) && value >= least && value <= most ? value : undefined;
}
