import { createRoute, z } from '@hono/zod-openapi';
import { UserError } from '../../errors.ts';
import { importModes } from '../../subscribers/import/modes.ts';
import { findImport, type ImportRecord, listImports } from '../../subscribers/import/record.ts';
import { undoImport } from '../../subscribers/import/undo.ts';
import { type ImportOptions, type ImportResult, importSubscribers } from '../../subscribers/import.ts';
import { cursorAt, page, pageOf, pageQuery, placeOf } from './cursor.ts';
import {
  type Api,
  type ApiTools,
  at,
  atOrNull,
  conflict,
  instant,
  json,
  missing,
  needs,
  optionalBody,
  refused,
} from './describe.ts';
import { failure } from './failure.ts';

const count = z.number().int();
const counts = {
  rows: count.describe('read, without the line that names the columns'),
  added: count,
  updated: count,
  unchanged: count,
  duplicates: count,
  suppressed: count,
  passedOver: count,
  badRows: count,
};
const problemSchema = z
  .object({
    kind: z.enum(['bad', 'duplicate', 'suppressed', 'passed over', 'warning']),
    line: count,
    column: z.string().nullable(),
    reason: z.string(),
    row: z.string().describe('as written, cut to 500 characters'),
  })
  .openapi('ImportProblem');
const resultSchema = z
  .object({
    importId: count.nullable().describe('null: it was a preview'),
    service: z.string().nullable().describe('whose export the file is, if it was recognised'),
    ...counts,
    warnings: count.describe('rows that were taken and should be looked at'),
    bad: z.array(problemSchema).describe('the first 1,000'),
    notTaken: z.array(problemSchema).describe('the first 1,000 duplicates, suppressed and passed over'),
    warned: z.array(problemSchema).describe('the first 1,000'),
    ignoredColumns: z.array(z.string()),
  })
  .openapi('ImportResult');
const importSchema = z
  .object({
    id: count,
    list: z.string().nullable().describe('short name; null: all lists, or it is gone'),
    mode: z.enum(importModes),
    state: z.enum(['running', 'stopped', 'done', 'undoing', 'undone']),
    fileName: z.string().nullable(),
    consent: z.string().nullable(),
    ...counts,
    startedAt: instant,
    finishedAt: instant.nullable(),
    undoneAt: instant.nullable(),
  })
  .openapi('Import');

const flag = (about: string) => z.string().optional().describe(`if it is there: ${about}`);

const send = createRoute({
  method: 'post',
  path: '/imports',
  tags: ['Imports'],
  summary: 'Import a file of subscribers',
  description:
    'The body is the file, CSV (`text/csv`) or NDJSON (`application/x-ndjson`), up to 10 MB; larger ones, workbooks and compressed files take `broadsheet subscribers import`. A bad row never stops the others. The answer comes when all is stored; with `Accept: application/x-ndjson` it comes line by line: `{"import": id}`, `{"progress": rows}` now and then, `{"problem": …}` for each row that was not taken and each warning, and at the end `{"result": …}` or `{"error": …}`. An import that stopped goes on with `resume` and the same file; who hangs up does not stop it.',
  ...needs('subscribers:write'),
  request: {
    query: z.object({
      list: z
        .string()
        .max(80)
        .optional()
        .describe('short name or id; needed but for unsubscribe and suppress, which then hold for all lists'),
      mode: z.enum(importModes).default('subscribe'),
      consent: z.string().max(1000).optional().describe('how these people agreed; kept with each of them'),
      unconfirmed: flag('newcomers are pending until they confirm'),
      tags: z.string().max(4000).optional().describe('for everybody, separated by commas'),
      map: z
        .union([z.string().max(300), z.array(z.string().max(300)).max(200)])
        .optional()
        .describe('what a column holds, such as Firma=field.company; may be given again'),
      keepColumns: flag('columns that mean nothing else become custom fields'),
      delimiter: z.string().length(1).optional().describe('found out if not given'),
      name: z.string().max(200).optional().describe('of the file, for the consent log'),
      preview: flag('nothing is written; the answer says what would become of the rows'),
      resume: z
        .string()
        .regex(/^[1-9]\d{0,8}$/, 'is no id')
        .optional()
        .describe('an import that stopped, to go on with; its options hold'),
    }),
    body: {
      required: true as const,
      content: {
        'text/csv': { schema: z.string() },
        'application/x-ndjson': { schema: z.string().describe('one object a line') },
      },
    },
  },
  responses: {
    200: json(resultSchema, 'What became of the rows.'),
    ...refused,
    ...missing,
    409: conflict[409],
  },
});

const all = createRoute({
  method: 'get',
  path: '/imports',
  tags: ['Imports'],
  summary: 'Imports, the latest first',
  ...needs('subscribers:read'),
  request: { query: pageQuery },
  responses: { 200: json(pageOf(importSchema), 'A page of imports.'), ...refused },
});

const params = z.object({
  import: z
    .string()
    .regex(/^[1-9]\d{0,8}$/, 'is no id')
    .describe('its id'),
});

const show = createRoute({
  method: 'get',
  path: '/imports/{import}',
  tags: ['Imports'],
  summary: 'An import, and how far it is',
  ...needs('subscribers:read'),
  request: { params },
  responses: { 200: json(importSchema, 'The import as it is now.'), ...refused, ...missing },
});

const undo = createRoute({
  method: 'post',
  path: '/imports/{import}/undo',
  tags: ['Imports'],
  summary: 'Take an import back',
  description:
    'As far as nobody changed since what it added or changed. One that was cut off goes on when it is asked for again.',
  ...needs('subscribers:write'),
  request: {
    params,
    body: optionalBody(
      z.strictObject({ preview: z.boolean().describe('true: only counts what it would come to') }).partial(),
    ),
  },
  responses: {
    200: json(
      z.object({
        importId: count,
        removed: count.describe('people who are gone again'),
        leftList: count.describe('subscriptions that are gone again, of people who stay'),
        restored: count.describe('people and subscriptions that are as before'),
        released: count.describe('addresses that get mail again'),
        kept: count.describe('people who stay although the import made them, or who were changed since'),
        keptBecause: z.object({ changed: count, acted: count, mailed: count }),
      }),
      'What it came to.',
    ),
    ...refused,
    ...missing,
    ...conflict,
  },
});

/** Taking people in from files. */
export function addImportRoutes(api: Api, { context }: ApiTools): void {
  api.openapi(send, async (c) => {
    const { unconfirmed, tags, map, keepColumns, name, preview, resume, ...plain } = c.req.valid('query');
    const file = Buffer.from(await c.req.arrayBuffer());
    if (file[0] === 0x1f && file[1] === 0x8b)
      throw new UserError('The file is compressed.', {
        code: 'file',
        hint: 'Send it as it is, or import it with: broadsheet subscribers import FILE',
      });
    const options: ImportOptions = {
      ...plain,
      format: /ndjson|jsonl/i.test(c.req.header('content-type') ?? '') ? 'ndjson' : 'csv',
      fileName: name ?? `sent by ${c.var.caller.name}`,
      confirmed: unconfirmed === undefined,
      preview: preview !== undefined,
      keepColumns: keepColumns !== undefined,
      ...(tags !== undefined && { tags: tags.split(',') }),
      ...(map !== undefined && { map: mapped([map].flat()) }),
      ...(resume !== undefined && { resume: Number(resume) }),
    };
    if (/\bapplication\/x-ndjson\b/i.test(c.req.header('accept') ?? ''))
      return c.body(toldByLine(context, file, options), 200, {
        'Content-Type': 'application/x-ndjson',
      }) as never;
    return c.json(await importSubscribers(context, bytesOf(file), options), 200);
  });
  api.openapi(all, async (c) => {
    const { limit, cursor } = c.req.valid('query');
    const before = cursor === undefined ? undefined : placeOf('imports', cursor, [z.number().int()])[0];
    const rows = await listImports(context, limit + 1, before);
    return c.json(
      page(rows, limit, shown, ({ id }) => cursorAt('imports', id)),
      200,
    );
  });
  api.openapi(show, async (c) =>
    c.json(shown(await findImport(context, Number(c.req.valid('param').import))), 200),
  );
  api.openapi(undo, async (c) => {
    const { preview } = c.req.valid('json') ?? {};
    return c.json(await undoImport(context, Number(c.req.valid('param').import), { preview }), 200);
  });
}

async function* bytesOf(file: Buffer): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < file.length; from += 65_536) yield file.subarray(from, from + 65_536);
}

/** What becomes of a file, told while it is imported. Whoever reads it may go; the import does not. */
function toldByLine(
  context: ApiTools['context'],
  file: Buffer,
  options: ImportOptions,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isRead = true;
  return new ReadableStream({
    cancel() {
      isRead = false;
    },
    start(controller) {
      const tell = (line: unknown) => {
        if (isRead) controller.enqueue(encoder.encode(`${JSON.stringify(line)}\n`));
      };
      void importSubscribers(context, bytesOf(file), {
        ...options,
        onStart: ({ importId }) => tell({ import: importId }),
        onProgress: (progress) => tell({ progress }),
        onProblem: (problem) => tell({ problem }),
      })
        .then(
          ({ bad: _, notTaken: __, warned: ___, ...result }: ImportResult) => tell({ result }),
          (error: unknown) => {
            if (!(error instanceof UserError)) context.log.error({ error }, 'an import by the API failed');
            tell(
              error instanceof UserError
                ? failure(error.code, error.message, error.hint, error.details)
                : failure('internal', 'Something went wrong on our side.'),
            );
          },
        )
        .finally(() => {
          if (isRead) controller.close();
        });
    },
  });
}

/** What is said of columns, by their names. @throws UserError if it is not COLUMN=FIELD */
function mapped(given: string[]): Record<string, string> {
  return Object.fromEntries(
    given.map((text) => {
      const at = text.lastIndexOf('=');
      if (at < 1)
        throw new UserError(`"map" takes COLUMN=FIELD, not "${text}".`, {
          code: 'usage',
          hint: 'For example: map=Firma=field.company',
        });
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

const shown = ({
  listId: _,
  options: __,
  storedThrough: ___,
  ...record
}: ImportRecord): z.infer<typeof importSchema> => ({
  ...record,
  startedAt: at(record.startedAt),
  finishedAt: atOrNull(record.finishedAt),
  undoneAt: atOrNull(record.undoneAt),
});
