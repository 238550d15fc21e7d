// Looks at pages away from the main thread: parsing, matching selectors and axe take seconds together.
import { parentPort } from 'node:worker_threads';
import { JSDOM, VirtualConsole } from 'jsdom';
import { messageOf } from '../../errors.ts';
import { checkAccessibility } from './accessibility.ts';
import { checkClients } from './client-support.ts';
import { checkContrast } from './contrast.ts';
import type { Finding, Place } from './finding.ts';
import { checkImagesAndLinks, type FoundLink, webLinks } from './images-links.ts';
import { type ExaminedPage, skeleton } from './page.ts';
import { checkPageForSpam, visibleText } from './spam.ts';
import { checkStructure } from './structure.ts';

/** A form of an edition: in one language of the frame, with counted links or without. */
export interface ExaminedForm {
  /** Every story in every slot in which it may stand. */
  whole: ExaminedPage;
  /** The largest digest. */
  digest: ExaminedPage;
  /** What findings of this form say of where they are; nothing for the edition's own form. */
  place: Pick<Place, 'language' | 'counted'>;
}

/** What the main thread asks for. */
export interface PageRequest {
  id: number;
  /** The edition's own form first. */
  forms: ExaminedForm[];
}

/** What was found. */
export interface PageResult {
  findings: Finding[];
  /** For each form, the text that is seen of its digest. */
  visible: string[];
  /** Of the edition's own form. */
  links: FoundLink[];
}

/** What the main thread gets back. */
export type PageAnswer = { id: number; result: PageResult } | { id: number; error: string };

async function examine({ forms }: PageRequest): Promise<PageResult> {
  const result: PageResult = { findings: [], visible: [], links: [] };
  // What takes long is looked at once in pages that differ by their words and addresses only.
  const isNewWhole = unseen();
  const isNewDigest = unseen();
  for (const [index, { whole, digest, place }] of forms.entries()) {
    const found: Finding[] = [];
    const isNew = isNewWhole(whole);
    const dom = parse(digest);
    result.visible.push(visibleText(dom));
    found.push(...checkStructure(dom, digest));
    if (!isNew) found.push(...checkImagesAndLinks(dom, digest));
    if (isNewDigest(digest))
      found.push(...checkPageForSpam(dom, digest), ...(await checkAccessibility(dom, digest)));
    dom.window.close();
    if (isNew) {
      const all = parse(whole);
      found.push(
        ...checkImagesAndLinks(all, whole),
        ...checkClients(all, whole),
        ...checkContrast(all, whole),
      );
      if (index === 0) result.links = webLinks(all, whole);
      all.window.close();
    }
    result.findings.push(...(index === 0 ? found : unknownOnly(found, result.findings, place)));
  }
  return result;
}

/** Tells whether a page is built as none before. */
function unseen(): (page: ExaminedPage) => boolean {
  const seen = new Set<string>();
  return ({ content }) => {
    const { size } = seen;
    return seen.add(skeleton(content)).size > size;
  };
}

/** What was not found in forms before, with its form. */
function unknownOnly(found: Finding[], known: Finding[], place: ExaminedForm['place']): Finding[] {
  const keyOf = ({ check, message, where }: Finding) => JSON.stringify([check, message, where.story?.number]);
  const keys = new Set(known.map(keyOf));
  return found
    .filter((each) => !keys.has(keyOf(each)))
    .map((each) => ({ ...each, where: { ...each.where, ...place } }));
}

// Nothing of the page is loaded or run; axe is put in from outside. jsdom's complaints about CSS are nobody's.
function parse({ content }: ExaminedPage): JSDOM {
  return new JSDOM(content, {
    includeNodeLocations: true,
    runScripts: 'outside-only',
    virtualConsole: new VirtualConsole(),
  });
}

parentPort?.on('message', (request: PageRequest) => {
  examine(request).then(
    (result) => parentPort?.postMessage({ id: request.id, result } satisfies PageAnswer),
    (error: unknown) =>
      parentPort?.postMessage({ id: request.id, error: messageOf(error) } satisfies PageAnswer),
  );
});
