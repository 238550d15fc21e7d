import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../../src/errors.ts';
import { must } from './run.ts';

/**
 * Builds and packs a checkout, and lists what is in it.
 * @param folder for the tarball and the list, in CycloneDX; is made
 * @returns the paths of both
 */
export function pack(root: string, version: string, folder: string): { tarball: string; sbom: string } {
  mkdirSync(folder, { recursive: true });
  must(['npm', 'run', '--silent', 'build'], { cwd: root });
  must(['npm', 'pack', '--ignore-scripts', '--silent', '--pack-destination', folder], { cwd: root });
  const sbom = join(folder, `broadsheet-${version}.cdx.json`);
  writeFileSync(sbom, `${must(['npm', 'run', '--silent', 'sbom'], { cwd: root })}\n`);
  return { tarball: join(folder, `broadsheet-${version}.tgz`), sbom };
}

/**
 * Installs a tarball into an empty folder, as somebody would who has nothing else, and asks the program for its version.
 * @throws UserError if it cannot be installed, does not start, or is another version
 */
export function tryInstalling(tarball: string, version: string): void {
  const folder = mkdtempSync(join(tmpdir(), 'broadsheet-release-'));
  try {
    chmodSync(folder, 0o755);
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
    must(['npm', 'install', '--no-audit', '--no-fund', tarball], { cwd: folder });
    const said = must([join(folder, 'node_modules/.bin/broadsheet'), '--version'], { cwd: folder });
    if (said !== version)
      throw new UserError(`The installed program says that it is ${said}, not ${version}.`);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
