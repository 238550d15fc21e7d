import type { Context } from '../../context.ts';
import { UserError } from '../../errors.ts';
import type { ColumnOptions } from '../csv/columns.ts';
import { findList, findOpenList } from '../lists.ts';
import type { MailDomains } from '../mail-domains.ts';
import { cleanTopics } from '../personal-values.ts';
import type { FileFormat, ImportMode } from './modes.ts';
import { findImport, type ImportRecord, type KeptOptions } from './record.ts';
import type { ImportProblem } from './tally.ts';

/** What is known of an import before its rows are stored. */
export interface ImportStart {
  headers: string[];
  /** The first rows that can be used, as cells. */
  rows: string[][];
  /** Whose export the file is, if it was recognised. */
  service: string | null;
  /** Its id; null for a preview. */
  importId: number | null;
  /** An import of this file that did not come to its end and could go on instead: the latest such. */
  unfinished: number | null;
}

export interface ImportOptions extends ColumnOptions {
  /** Slug or id. Needed unless the mode is `unsubscribe` or `suppress`, which then hold for all lists. */
  list?: string | number;
  /**
   * `subscribe` (if not given): people are put on the list, and what the file knows of those who are there is taken over.
   * `add`: only who is not on the list is put on it; nobody is changed. `update`: only people who are known are changed,
   * and nobody is put on the list. `unsubscribe`, `suppress`: the addresses get no more mail.
   */
  mode?: ImportMode;
  /** How these people agreed to be mailed (or why they are stopped); kept in the consent log with each of them. */
  consent?: string;
  /** False leaves the newcomers pending until they confirm. True if not given. */
  confirmed?: boolean;
  /** Tags that everybody in the file gets. */
  tags?: string[];
  /** Found out if not given. */
  format?: FileFormat;
  /** What the file is called, for the consent log. */
  fileName?: string;
  /** True: addresses at domains that take no mail are refused, by the DNS. */
  checkMx?: boolean;
  /** Who asks the DNS; Node's resolver if not given. */
  mailDomains?: MailDomains;
  /** True: nothing is written; the result says what would become of the rows. */
  preview?: boolean;
  /** The id of an import that stopped, to go on with from where it was. Its list, mode and other options hold. */
  resume?: number;
  /** Connections that store at the same time; 2 if not given. */
  lanes?: number;
  /** Rows that are stored in one transaction of one connection; 5,000 if not given. */
  rowsAtOnce?: number;
  /** Aborted, the import stops after the batch at hand, and can be resumed. */
  signal?: AbortSignal;
  /** Called with each row that was not taken, and each warning, as it is found. */
  onProblem?: (problem: ImportProblem) => void;
  /** Called now and then with the number of rows that were read of the file, those that an earlier run stored among them. */
  onProgress?: (rows: number) => void;
  /** Called when the file has proved to be one that can be imported. */
  onStart?: (start: ImportStart) => void;
}

/** What an import is to do, checked. */
export interface ImportPlan {
  listId: number | null;
  mode: ImportMode;
  consent: string | null;
  options: KeptOptions & ColumnOptions & { format?: FileFormat };
  tags: string[];
  fileName: string | null;
  at: Date;
  /** The import that goes on. */
  before: ImportRecord | undefined;
}

/**
 * Checks what an import is asked to do, and for one that goes on takes over what it was asked.
 * @throws UserError if something is missing, or there is no such list or import
 */
export async function planImport(
  context: Pick<Context, 'db' | 'clock'>,
  options: ImportOptions,
): Promise<ImportPlan> {
  if (options.resume !== undefined) {
    if (options.preview)
      throw new UserError('An import that goes on cannot be previewed.', {
        code: 'usage',
        hint: 'Preview the file by itself: without --resume.',
      });
    return resumed(context, options.resume);
  }
  const mode = options.mode ?? 'subscribe';
  const stops = mode === 'unsubscribe' || mode === 'suppress';
  if (options.list === undefined && !stops)
    throw new UserError('Which list are they to be on? Name it with --list.', {
      code: 'usage',
      hint: 'See which there are with: broadsheet lists list',
    });
  const find = stops ? findList : findOpenList;
  const list = options.list === undefined ? null : await find(context, options.list);
  const consent = options.consent?.trim() ?? '';
  if (consent === '' && (mode === 'subscribe' || mode === 'add'))
    throw new UserError('Say how these people agreed to be mailed.', {
      code: 'usage',
      hint: 'For example: --consent "Signed up at the spring fair, forms kept in the office"',
    });
  const { map, keepColumns, delimiter, format, confirmed, checkMx } = options;
  const tags = cleanTopics(options.tags ?? []);
  return {
    ...{ listId: list?.id ?? null, mode, consent: consent || null, tags },
    options: {
      ...(map && { map }),
      ...(keepColumns && { keepColumns }),
      ...(delimiter !== undefined && { delimiter }),
      ...(format && { format }),
      ...(tags.length > 0 && { tags }),
      ...(confirmed === false && { confirmed }),
      ...(checkMx && { checkMx }),
      ...(list === null && { allLists: true }),
    },
    ...{ fileName: options.fileName ?? null, at: context.clock.now(), before: undefined },
  };
}

async function resumed(context: Pick<Context, 'db'>, id: number): Promise<ImportPlan> {
  const before = await findImport(context, id);
  if (before.state !== 'stopped' && before.state !== 'running')
    throw new UserError(`Import ${id} cannot go on: it is ${before.state}.`, {
      code: 'state',
      hint: 'To take the file in again, import it without --resume: what is in already is passed over.',
    });
  const { mode, consent, fileName, startedAt, options } = before;
  // Without its list it would stop people's mail of every other.
  if (before.listId === null && !options.allLists)
    throw new UserError(`Import ${id} cannot go on: its list is gone.`, {
      code: 'state',
      hint: 'Import the file without --resume: what is in already is passed over.',
    });
  return {
    ...{ listId: before.listId, mode, consent, fileName, at: startedAt, before },
    options: options as ImportPlan['options'],
    tags: options.tags ?? [],
  };
}
