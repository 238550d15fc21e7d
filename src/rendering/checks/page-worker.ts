// Looks at pages away from the main thread: parsing, matching selectors and axe take seconds together.
import { parentPort } from 'node:worker_threads';
import { JSDOM, VirtualConsole } from 'jsdom';
import { messageOf } from '../../errors.ts';
import { checkAccessibility } from './accessibility.ts';
import { checkClients } from './client-support.ts';
import { checkContrast } from './contrast.ts';
import type { Finding } from './finding.ts';
import { checkImagesAndLinks, type FoundLink, webLinks } from './images-links.ts';
import type { ExaminedPage } from './page.ts';
import { checkPageForSpam, visibleText } from './spam.ts';
import { checkStructure } from './structure.ts';

/** What the main thread asks for. */
export interface PageRequest {
  id: number;
  /** Every story in every slot in which it may stand. */
  whole: ExaminedPage;
  /** The largest digest, once for each language of the frame; the edition's own first. */
  digests: ExaminedPage[];
}

/** What was found. */
export interface PageResult {
  findings: Finding[];
  /** For each digest, the text that is seen. */
  visible: string[];
  links: FoundLink[];
}

/** What the main thread gets back. */
export type PageAnswer = { id: number; result: PageResult } | { id: number; error: string };

async function examine({ whole, digests }: PageRequest): Promise<PageResult> {
  const findings: Finding[] = [];
  const visible: string[] = [];
  for (const [index, digest] of digests.entries()) {
    const dom = parse(digest);
    visible.push(visibleText(dom));
    const here = [
      ...checkStructure(dom, digest),
      ...(index === 0 ? [...checkPageForSpam(dom, digest), ...(await checkAccessibility(dom, digest))] : []),
    ];
    findings.push(...(index === 0 ? here : here.map((each) => inLanguage(each, digest.language))));
    dom.window.close();
  }
  const dom = parse(whole);
  findings.push(
    ...checkImagesAndLinks(dom, whole),
    ...checkClients(dom, whole),
    ...checkContrast(dom, whole),
  );
  const links = webLinks(dom, whole);
  dom.window.close();
  return { findings, visible, links };
}

function inLanguage(finding: Finding, language: string): Finding {
  return { ...finding, where: { ...finding.where, language } };
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
