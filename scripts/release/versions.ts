import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../src/errors.ts';

const image = 'deploy/kubernetes/kustomization.yaml';

/** The files of a checkout that name its version, and which a release changes. */
export const versioned = ['package.json', 'package-lock.json', 'CHANGELOG.md', image];

/** The version that package.json names. */
export function versionIn(root: string): string {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).version;
}

/**
 * Whether a version is higher than another.
 * @throws UserError if the first is not written as 1.2.3
 */
export function isHigher(version: string, former: string): boolean {
  if (!/^(0|[1-9]\d{0,5})(\.(0|[1-9]\d{0,5})){2}$/.test(version))
    throw new UserError(`"${version}" is no version such as 1.2.3.`);
  const [a, b] = [version, former].map((each) => each.split(/[.-]/).map(Number));
  const differs = a?.findIndex((part, at) => part !== b?.[at]) ?? -1;
  return differs >= 0 && (a?.[differs] ?? 0) > (b?.[differs] ?? 0);
}

/**
 * A changelog in which what was unreleased is that of a version.
 * @param date such as 2026-11-27
 * @returns it, and what the version has
 * @throws UserError if nothing is unreleased
 */
export function releasedChangelog(
  text: string,
  version: string,
  date: string,
): { text: string; notes: string } {
  const [, before, notes, after] = /^(.*?^## Unreleased\n)(.*?)(^## .*|$(?!\n))/ms.exec(text) ?? [];
  if (before === undefined || !notes?.trim())
    throw new UserError('CHANGELOG.md has nothing under "## Unreleased".', {
      hint: 'Write there what changes for users, a line each.',
    });
  const rest = text.slice(before.length + notes.length);
  return {
    text: `${before}\n## ${version} (${date})\n\n${notes.trim()}\n${after ? `\n${rest}` : ''}`,
    notes: notes.trim(),
  };
}

/** Writes a version and its changes into the files of a checkout that name them. @returns what the version has */
export function writeVersion(root: string, version: string, date: string): string {
  const edit = (file: string, change: (text: string) => string) => {
    const path = join(root, file);
    if (existsSync(path)) writeFileSync(path, change(readFileSync(path, 'utf8')));
  };
  const json = (
    change: (value: { version: string; packages?: Record<string, { version: string }> }) => void,
  ) => {
    return (text: string) => {
      const value = JSON.parse(text);
      change(value);
      return `${JSON.stringify(value, null, 2)}\n`;
    };
  };
  let notes = '';
  edit('CHANGELOG.md', (text) => {
    const released = releasedChangelog(text, version, date);
    notes = released.notes;
    return released.text;
  });
  edit(
    'package.json',
    json((value) => {
      value.version = version;
    }),
  );
  edit(
    'package-lock.json',
    json((value) => {
      value.version = version;
      const own = value.packages?.[''];
      if (own) own.version = version;
    }),
  );
  edit(image, (text) => text.replace(/^( *newTag: ).*$/m, `$1${version}`));
  return notes;
}
