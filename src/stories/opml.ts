import { generateOpml, type Opml, parseOpml as parse } from 'feedsmith';
import { UserError } from '../errors.ts';
import { htmlToLine } from './html.ts';
import { webAddress } from './parsed.ts';

/** A source as OPML can carry it. */
export interface OpmlSource {
  kind: 'feed' | 'sitemap' | 'page';
  url: string;
  name: string;
  /** If it is not the name. */
  publisher?: string;
  weight?: number;
  intervalSeconds?: number;
  language?: string;
  /** From `category`, and from the names of the folders that the outline is in. */
  topics: string[];
}

// Attributes of ours; other programs ignore them.
const ours = ['broadsheetKind', 'broadsheetPublisher', 'broadsheetWeight', 'broadsheetInterval'] as const;
// feedsmith reads attribute names in lower case.
const oursAsRead = ours.map((name) => name.toLowerCase());

const maxDepth = 20;

/**
 * Reads a list of subscriptions. Outlines may be nested to any sensible depth.
 * @returns the sources, each URL once; an outline with an address that is no web address is a problem
 * @throws UserError (code `no-opml`) if the text is no OPML
 */
export function parseOpml(text: string): {
  sources: OpmlSource[];
  problems: { where: string; reason: string }[];
} {
  let document: Opml.Document<string, string[]>;
  try {
    document = parse(text, { extraOutlineAttributes: oursAsRead });
  } catch (error) {
    throw new UserError(
      `This is no OPML file. It begins with: "${text.slice(0, 60).replace(/\s+/g, ' ').trim()}"`,
      {
        code: 'no-opml',
        hint: 'Feed readers call it "export subscriptions".',
        cause: error,
      },
    );
  }
  const sources = new Map<string, OpmlSource>();
  const problems: { where: string; reason: string }[] = [];
  type Outline = Opml.Outline<string, string[]>;
  const visit = (outlines: Outline[] | undefined, folders: string[]): void => {
    for (const outline of outlines ?? []) {
      const name = htmlToLine(outline.title ?? outline.text ?? '');
      const kind = kindOf(outline);
      const address = outline.xmlUrl ?? (kind === 'feed' ? undefined : outline.url);
      if (address) {
        const url = webAddress(address);
        if (!url)
          problems.push({
            where: name || 'an outline without a name',
            reason: `${address} is no web address`,
          });
        else if (!sources.has(url)) sources.set(url, sourceOf(outline, kind, url, name, folders));
      }
      if (folders.length < maxDepth)
        visit(outline.outlines as Outline[] | undefined, address || !name ? folders : [...folders, name]);
    }
  };
  visit(document.body?.outlines as Outline[] | undefined, []);
  return { sources: [...sources.values()], problems };
}

function kindOf(outline: Record<string, unknown>): OpmlSource['kind'] {
  const kind = outline.broadsheetkind;
  return kind === 'sitemap' || kind === 'page' ? kind : 'feed';
}

function sourceOf(
  outline: Opml.Outline<string, string[]>,
  kind: OpmlSource['kind'],
  url: string,
  name: string,
  folders: string[],
): OpmlSource {
  const extra = outline as Record<string, unknown>;
  const number = (value: unknown) => (value !== undefined && Number(value) >= 0 ? Number(value) : undefined);
  // OPML 2.0: categories are separated by commas, and may be paths such as /news/local.
  const categories = (outline.category ?? '')
    .split(',')
    .map((path) => path.split('/').filter(Boolean).at(-1)?.trim() ?? '');
  return {
    kind,
    url,
    name: name || new URL(url).hostname,
    publisher: typeof extra.broadsheetpublisher === 'string' ? extra.broadsheetpublisher : undefined,
    weight: number(extra.broadsheetweight),
    intervalSeconds: number(extra.broadsheetinterval),
    language: outline.language,
    topics: [...new Set([...categories, ...folders].filter(Boolean))],
  };
}

/** A list of subscriptions that `parseOpml` and feed readers understand. */
export function writeOpml(sources: OpmlSource[], createdAt: Date): string {
  // The library writes no list that has nothing on it.
  if (sources.length === 0)
    return `<?xml version="1.0" encoding="utf-8"?>
<opml version="2.0">
  <head>
    <title>Broadsheet sources</title>
    <dateCreated>${createdAt.toUTCString()}</dateCreated>
  </head>
  <body/>
</opml>
`;
  return generateOpml(
    {
      head: { title: 'Broadsheet sources', dateCreated: createdAt },
      body: {
        outlines: sources.map((source) => ({
          text: source.name,
          title: source.name,
          // A reader would take whatever is in xmlUrl for a feed.
          ...(source.kind === 'feed'
            ? { type: 'rss', xmlUrl: source.url }
            : { type: 'link', url: source.url, broadsheetKind: source.kind }),
          language: source.language,
          category: source.topics.map((topic) => topic.replace(/[,/]/g, ' ')).join(',') || undefined,
          ...(source.publisher &&
            source.publisher !== source.name && { broadsheetPublisher: source.publisher }),
          ...(source.weight !== undefined &&
            source.weight !== 1 && { broadsheetWeight: String(source.weight) }),
          ...(source.intervalSeconds !== undefined && { broadsheetInterval: String(source.intervalSeconds) }),
        })),
      },
    },
    { extraOutlineAttributes: ours },
  );
}
