import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeQuotedPrintable, encodeQuotedPrintable } from '../../src/rendering/quoted-printable.ts';

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }).map((text) => text.toWellFormed()),
  // Mostly plain lines, which take the quick way, with dots where lines break.
  fc.string({ unit: fc.constantFrom('a', '.', ' ', '=', '\n', 'ß'), maxLength: 300 }),
  fc.string({ unit: fc.constantFrom('a', '.'), maxLength: 300 }),
);

test('whatever a text holds, it comes back, and its lines are short and safe', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const encoded = encodeQuotedPrintable(text);
      expect(decodeQuotedPrintable(encoded)).toBe(text.replace(/\r\n|\r|\n/g, '\r\n'));
      for (const line of encoded.split('\r\n')) {
        expect(line.length).toBeLessThanOrEqual(76);
        expect(line).toMatch(/^(?:[^.].*[^ \t]|[^. \t])?$/);
      }
    }),
    { numRuns: 2_000 },
  );
});

test('encoded pieces may stand one behind the other', () => {
  fc.assert(
    fc.property(fc.array(texts, { maxLength: 5 }), (pieces) => {
      expect(decodeQuotedPrintable(pieces.map(encodeQuotedPrintable).join(''))).toBe(
        pieces.map((piece) => piece.replace(/\r\n|\r|\n/g, '\r\n')).join(''),
      );
    }),
  );
});
