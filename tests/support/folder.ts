import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { inject } from 'vitest';

/**
 * A new folder among the system's temporary ones. It stays to the end of the run, not of the test file: test files share
 * what they import, so that a folder made by a shared piece may still be in use. @returns its path
 */
export function temporaryFolder(name = 'test'): string {
  return mkdtempSync(join(inject('temporaryFolders'), `${name}-`));
}
