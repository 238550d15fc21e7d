import { expect, test } from 'vitest';
import { assets } from '../../../src/web/desk/assets.ts';

test('all scripts of the desk together are less than a page may load', async () => {
  const scripts = [...(await assets())].filter(([, { type }]) => type.startsWith('text/javascript'));
  expect(scripts.map(([name]) => name)).toEqual(
    expect.arrayContaining(['desk.js', 'edition.js', 'preview.js']),
  );
  const bytes = scripts.reduce((sum, [, { body }]) => sum + Buffer.byteLength(body), 0);
  expect(bytes).toBeLessThan(150_000);
});
