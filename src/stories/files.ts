import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { messageOf, UserError } from '../errors.ts';
import { decodeText } from './charset.ts';
import type { Parsed } from './parsed.ts';
import { readStories } from './read-stories.ts';

const maxBytes = 10_000_000;
const maxFiles = 20_000;

/**
 * Reads the stories of one file: an article (.txt, .html), a feed (.xml, .rss, .json) or stories (.json, .ndjson).
 * @param path absolute. A single story without an identifier gets it as guid, so that an edited file updates its story
 * @throws UserError if the file cannot be read, has more than 10 MB, or holds no story
 */
export async function readStoryFile(path: string, name = path): Promise<Parsed> {
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > maxBytes) throw new UserError(`${name} is larger than 10 MB.`, { code: 'file' });
    bytes = await readFile(path);
  } catch (error) {
    throw error instanceof UserError ? error : unreadable(name, error);
  }
  // No article and no feed has a NUL, save in UTF-16.
  const { text, charset } = decodeText(bytes);
  if (text.includes('\u0000'))
    throw new UserError(`${name} is no text (read as ${charset}).`, { code: 'no-article' });
  const parsed = readStories(text, { name });
  const [story] = parsed.stories;
  if (parsed.stories.length === 1 && story && !story.guid) story.guid = path;
  return parsed;
}

/** What a folder holds that is new. */
export interface FolderReading extends Parsed {
  /** The newest change seen: pass it as `since` the next time. */
  newest: Date | undefined;
  files: number;
}

/**
 * Reads the stories of all .txt, .html and .ndjson files in a folder and below it that changed since. A file that
 * cannot be read is a problem, and the others are read. Hidden files and symbolic links are passed over.
 * @param since as the last reading's `newest`; undefined reads all
 * @throws UserError if the folder itself cannot be read
 */
export async function readStoryFolder(folder: string, since?: Date): Promise<FolderReading> {
  const reading: FolderReading = { stories: [], problems: [], newest: since, files: 0 };
  let entries: Awaited<ReturnType<typeof listFiles>>;
  try {
    entries = await listFiles(folder);
  } catch (error) {
    throw unreadable(folder, error);
  }
  if (entries.length > maxFiles) {
    reading.problems.push({
      where: folder,
      reason: `it holds more than ${maxFiles} files; the others were left out`,
    });
    entries = entries.slice(0, maxFiles);
  }
  for (const path of entries) {
    const name = relative(folder, path);
    try {
      // A file that is moved in keeps its modification time, but not its change time.
      const { mtimeMs, ctimeMs } = await stat(path);
      const changed = new Date(Math.max(mtimeMs, ctimeMs));
      // The same instant again: a file written right after the last reading may carry it.
      if (since && changed < since) continue;
      const parsed = await readStoryFile(path, name);
      reading.stories.push(...parsed.stories);
      reading.problems.push(
        ...parsed.problems.map((problem) => ({ ...problem, where: `${name}, ${problem.where}` })),
      );
      reading.files++;
      if (!reading.newest || changed > reading.newest) reading.newest = changed;
    } catch (error) {
      reading.problems.push({ where: name, reason: messageOf(error) });
    }
  }
  return reading;
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && /\.(txt|html?|ndjson|jsonl)$/i.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/(^|[/\\])\./.test(relative(folder, path)))
    .sort();
}

function unreadable(path: string, error: unknown): UserError {
  const reasons: Record<string, string> = {
    ENOENT: 'is not there',
    EACCES: 'may not be read',
    EISDIR: 'is a folder',
    ENOTDIR: 'is no folder',
  };
  const reason = reasons[(error as { code?: string }).code ?? ''] ?? `cannot be read: ${messageOf(error)}`;
  return new UserError(`${path} ${reason}.`, { code: 'no-file', cause: error });
}
