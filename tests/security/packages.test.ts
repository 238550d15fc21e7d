import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../src/package-root.ts';

interface Locked {
  version?: string;
  integrity?: string;
  resolved?: string;
  link?: boolean;
  hasInstallScript?: boolean;
}

const json = (file: string) => JSON.parse(readFileSync(join(packageRoot, file), 'utf8'));
const locked = Object.entries(
  (json('package-lock.json') as { packages: Record<string, Locked> }).packages,
).filter(([path]) => path !== '');

test('each package of the lockfile has a strong hash, and none comes from an address of its own', () => {
  expect(locked.length).toBeGreaterThan(400);
  const faults = locked.flatMap(([path, { integrity, resolved, link }]) => [
    ...(/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? '') ? [] : [`${path}: integrity ${integrity}`]),
    ...(resolved === undefined ? [] : [`${path}: comes from ${resolved}`]),
    ...(link ? [`${path}: is a link`] : []),
  ]);
  expect(faults).toEqual([]);
});

test('the lockfile is of this package.json, so that "npm ci" installs it and nothing else', () => {
  const root = (json('package-lock.json') as { packages: Record<string, Record<string, unknown>> }).packages[
    ''
  ];
  const wanted = json('package.json') as Record<string, unknown>;
  for (const name of ['version', 'dependencies', 'devDependencies', 'optionalDependencies', 'engines'])
    expect(root?.[name], name).toEqual(wanted[name]);
});

test('no package is wanted from a repository, a file or whatever is newest', () => {
  const wanted = json('package.json') as Record<string, Record<string, string>>;
  const ranges = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.entries(wanted[kind] ?? {}),
  );
  expect(ranges.filter(([, range]) => !/^[~^]?\d+\.\d+\.\d+(-[\w.]+)?$/.test(range))).toEqual([]);
});
