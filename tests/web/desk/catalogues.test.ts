import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../../src/package-root.ts';
import type { texts } from '../../../src/web/desk/words/words.ts';

test('both catalogues of each part have the same keys, and fill in the same values', async () => {
  const wrong: string[] = [];
  let parts = 0;
  for await (const file of glob('src/web/desk/**/*words*.ts', { cwd: packageRoot })) {
    const module = (await import(join(packageRoot, file))) as Record<string, unknown>;
    for (const [name, part] of Object.entries(module)) {
      const { en, de } = (part ?? {}) as Partial<ReturnType<typeof texts>>;
      if (!en || !de) continue;
      parts += 1;
      expect(Object.keys(de), name).toEqual(expect.arrayContaining(Object.keys(en)));
      for (const key of Object.keys({ ...en, ...de })) {
        const [one, other] = [en, de].map((all) => {
          const text = (all as Record<string, string>)[key] ?? '';
          return [...new Set(text.match(/\{\w+\}/g) ?? [])].sort().join(' ');
        });
        if (one !== other) wrong.push(`${file}: ${key}: ${one} / ${other}`);
      }
    }
  }
  expect(parts).toBeGreaterThan(8);
  expect(wrong).toEqual([]);
});
