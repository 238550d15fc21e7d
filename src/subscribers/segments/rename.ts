import { testsOf, valuesOf } from './filter.ts';
import { parseFilter } from './parse.ts';
import { printValue } from './print.ts';

/** A filter with another name in place of a list's or segment's, and everything else as it was written. */
export function renamedIn(text: string, field: 'list' | 'segment', from: string, to: string): string {
  const places = testsOf(parseFilter(text))
    .filter((test) => test.field.name === field)
    .flatMap(({ condition }) => valuesOf(condition))
    .filter((value) => value.text.toLowerCase() === from.toLowerCase())
    .map(({ at }) => at)
    .sort((a, b) => b.start - a.start);
  return places.reduce(
    (rest, { start, end }) => `${rest.slice(0, start)}${printValue({ text: to })}${rest.slice(end)}`,
    text,
  );
}
