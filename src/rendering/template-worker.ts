// Runs templates away from the main thread: a template is somebody's code, and may throw, loop, or eat memory.
// Plain Node runs this file (its types are erasable); the templates themselves are bundled by esbuild.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire, isBuiltin, SourceMap } from 'node:module';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parentPort } from 'node:worker_threads';
import { build } from 'esbuild';

/** What the main thread asks for. */
export interface RenderRequest {
  id: number;
  /** Absolute path of a .tsx or .mjml file. */
  file: string;
  props: object;
  /** Also give the template's own plain text (React Email only). */
  plainText: boolean;
  /** Only make ready what rendering takes that is not the template's own doing; the answer is empty. */
  prepare?: boolean;
}

/** What it gets back. */
export type RenderAnswer =
  | { id: number; html: string; text: string }
  | { id: number; error: string; file: string; line: number | undefined };

class TemplateError extends Error {
  readonly line: number | undefined;
  constructor(message: string, line: number | undefined) {
    super(message);
    this.line = line;
  }
}

const require = createRequire(import.meta.url);
// React must be one copy: the template's elements are rendered by our react-email.
const shared = ['react', 'react/jsx-runtime', 'react-dom', 'react-email'];

/** A template; one that says its plain text itself is not asked for its HTML as text. */
type Component = ((props: object) => unknown) & { PlainText?: (props: object) => string };
const components = new Map<string, Promise<Component>>();
/** From the lines of a template's bundle to those of its files. */
const maps = new Map<string, SourceMap>();
const bundleName = (file: string) => `${pathToFileURL(file).href}.bundle`;

// What a template has no business with. This keeps mistakes from doing harm; it is no prison for hostile code.
for (const name of ['fetch', 'WebSocket', 'EventSource']) Reflect.deleteProperty(globalThis, name);
for (const name of ['getBuiltinModule', 'binding', '_linkedBinding', 'dlopen', 'kill'])
  Reflect.set(process, name, undefined);

const ours = join(import.meta.dirname, '../../emails');

/** Why a template may not import something; undefined if it may: React, React Email, and files of its own folder. */
function refused(path: string, from: string, template: string): string | undefined {
  if (isBuiltin(path)) return `it imports ${path}, which a template may not`;
  if (/^[a-z][a-z0-9+.-]*:/i.test(path)) return `it imports ${path}, which lies elsewhere`;
  if (!/^\.{0,2}\//.test(path))
    return `it imports the package ${path}; a template may import react and react-email only`;
  const target = resolve(from, path);
  const isInside = (folder: string) => target.startsWith(folder + sep);
  return isInside(dirname(template)) || isInside(ours)
    ? undefined
    : `it imports ${path}, which lies outside its folder`;
}

/** The code of each template that was bundled, before any of it is run. */
const bundles = new Map<string, Promise<string>>();

function bundleOf(file: string): Promise<string> {
  let code = bundles.get(file);
  if (!code) {
    code = bundle(file);
    bundles.set(file, code);
  }
  return code;
}

async function bundle(file: string): Promise<string> {
  let bundled: Awaited<ReturnType<typeof build>>;
  try {
    bundled = await build({
      entryPoints: [file],
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node24',
      jsx: 'automatic',
      sourcemap: 'external',
      sourcesContent: false,
      write: false,
      outdir: dirname(file),
      logLevel: 'silent',
      plugins: [
        {
          name: 'shared-react',
          setup(builder) {
            builder.onResolve({ filter: /^(react|react-dom|react-email)(\/.*)?$/ }, ({ path }) =>
              shared.includes(path)
                ? { path: import.meta.resolve(path), external: true }
                : { path: pathToFileURL(require.resolve(path)).href, external: true },
            );
            builder.onResolve({ filter: /.*/ }, ({ path, resolveDir, kind }) => {
              if (kind === 'entry-point') return undefined;
              const reason = refused(path, resolveDir, file);
              return reason ? { errors: [{ text: reason }] } : undefined;
            });
          },
        },
      ],
    });
  } catch (error) {
    const first = (error as { errors?: { text: string; location: { line: number } | null }[] }).errors?.[0];
    throw new TemplateError(first?.text ?? (error as Error).message, first?.location?.line);
  }
  const [map, code] = [/\.map$/, /\.js$/].map(
    (name) => bundled.outputFiles?.find(({ path }) => name.test(path))?.text ?? '',
  ) as [string, string];
  if (/\bimport\s*\(|\b__require\b/.test(code))
    throw new TemplateError('it imports at run time, which a template may not', undefined);
  maps.set(file, new SourceMap(JSON.parse(map)));
  return code;
}

async function loadReact(file: string): Promise<Component> {
  const code = await bundleOf(file);
  // As an address of its own: a file would have to be removed.
  const named = `${code}\n//# sourceURL=${bundleName(file)}\n`;
  const module = await import(`data:text/javascript;base64,${Buffer.from(named).toString('base64')}`);
  if (typeof module.default !== 'function')
    throw new TemplateError('it has no default export that is a component', undefined);
  return module.default;
}

/** Loads the libraries, and bundles the template, which waits for a program of its own: on a busy machine that takes seconds. */
async function prepare({ file }: RenderRequest): Promise<void> {
  if (file.endsWith('.mjml')) await Promise.all([import('liquidjs'), import('mjml')]);
  else await Promise.all([import('react'), import('react-email'), bundleOf(file)]);
}

async function renderReact(request: RenderRequest): Promise<{ html: string; text: string }> {
  let component = components.get(request.file);
  if (!component) {
    component = loadReact(request.file);
    components.set(request.file, component);
  }
  const [{ createElement }, { render }] = await Promise.all([import('react'), import('react-email')]);
  const template = await component;
  const element = createElement(template as Parameters<typeof createElement>[0], request.props);
  const plainText = () => template.PlainText?.(request.props) ?? render(element, { plainText: true });
  return { html: await render(element), text: request.plainText ? await plainText() : '' };
}

async function renderMjml(request: RenderRequest): Promise<{ html: string; text: string }> {
  const [{ Liquid }, { default: mjml2html }] = await Promise.all([import('liquidjs'), import('mjml')]);
  const liquid = new Liquid({
    // Parts are files of the template's own folder, or of Broadsheet's emails/.
    root: [dirname(request.file), ours],
    outputEscape: 'escape',
    strictFilters: true,
    ownPropertyOnly: true,
    renderLimit: 5000,
    memoryLimit: 100_000_000,
  });
  let filled: string;
  try {
    filled = await liquid.parseAndRender(await readFile(request.file, 'utf8'), request.props);
  } catch (error) {
    const line = /line:(\d+)/.exec((error as Error).message)?.[1];
    throw new TemplateError((error as Error).message.split('\n')[0] ?? '', line ? Number(line) : undefined);
  }
  const { html, errors } = await mjml2html(filled, {
    validationLevel: 'soft',
    keepComments: false,
    // MJML would load a family such as Roboto from elsewhere, and tell that place who reads.
    fonts: {},
  });
  const first = errors[0];
  if (first) throw new TemplateError(`${first.message} (in <${first.tagName}>)`, undefined);
  return { html, text: '' };
}

parentPort?.on('message', async (request: RenderRequest) => {
  let answer: RenderAnswer;
  try {
    if (!existsSync(request.file)) throw new TemplateError('there is no such file', undefined);
    if (request.prepare) await prepare(request);
    const render = request.file.endsWith('.mjml') ? renderMjml : renderReact;
    const rendered = request.prepare ? { html: '', text: '' } : await render(request);
    answer = { id: request.id, ...rendered };
  } catch (error) {
    answer = {
      id: request.id,
      error: (error as Error).message || String(error),
      file: request.file,
      line: lineOf(error, request.file),
    };
  }
  parentPort?.postMessage(answer);
});

/** The line of a template in which something was thrown. */
function lineOf(error: unknown, file: string): number | undefined {
  if (error instanceof TemplateError) return error.line;
  const map = maps.get(file);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  for (const [, line, column] of stack.matchAll(/\.bundle:(\d+):(\d+)/g)) {
    const entry = map?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry && 'originalLine' in entry && basename(entry.originalSource) === basename(file))
      return entry.originalLine + 1;
  }
  return undefined;
}
