import type { JSDOM } from 'jsdom';
import { counted, type Finding } from './finding.ts';
import { type FoundLink, webLinks } from './images-links.ts';
import type { ExaminedMessage } from './message.ts';
import type { ExaminedPage } from './page.ts';
import { Finder } from './structure.ts';

const shorteners = new Set(
  'bit.ly bitly.com tinyurl.com t.co goo.gl ow.ly is.gd v.gd buff.ly rebrand.ly cutt.ly tiny.cc t.ly shorturl.at rb.gy bl.ink dlvr.it trib.al shorte.st adf.ly s.id soo.gd lnkd.in'.split(
    ' ',
  ),
);
const manyHosts = 30;
const leastText = 400;

/** What is in a page that spam filters count against it. */
export function checkPageForSpam(dom: JSDOM, page: ExaminedPage): Finding[] {
  const { document } = dom.window;
  const finder = new Finder(dom, page);
  for (const element of document.querySelectorAll('script, iframe, object, embed, applet')) {
    finder.add(
      'spam',
      'error',
      `There is a <${element.localName}>: mail clients take it out, and spam filters refuse the mail.`,
      'Leave it out, and link to a page instead.',
      element,
    );
  }
  for (const element of document.querySelectorAll('form, input, select, textarea')) {
    if (element.localName !== 'form' && element.closest('form')) continue;
    finder.add(
      'spam',
      'error',
      `There is a <${element.localName}>: most clients do not send it, and spam filters take it for phishing.`,
      'Link to a page with the form instead.',
      element,
    );
  }
  const handler = [...document.querySelectorAll('*')].find((element) =>
    [...element.attributes].some(({ name }) => /^on[a-z]+$/.test(name)),
  );
  if (handler)
    finder.add(
      'spam',
      'error',
      'An element has script in an attribute.',
      'Leave the attribute out.',
      handler,
    );
  const text = visibleText(dom);
  const images = [...document.querySelectorAll('img')].filter(
    (image) => Number(image.getAttribute('width') ?? 100) > 1,
  );
  if (images.length > 0 && text.length < leastText)
    finder.add(
      'spam',
      'warning',
      `There are ${counted(images.length, 'image')}, and ${counted(text.length, 'character')} of text: mail that is mostly images is taken for spam.`,
      `Write more, or show fewer images; from ${leastText} characters on, filters are content.`,
    );
  else if (text.length * 50 < page.content.length)
    finder.add(
      'spam',
      'hint',
      `Only ${((text.length / page.content.length) * 100).toFixed(1)} % of the HTML is text to be read; spam filters mind below 2 %.`,
      'Choose a theme with less markup, or show longer texts.',
    );
  return [...finder.findings, ...checkAddresses(webLinks(dom, page))];
}

function checkAddresses(links: FoundLink[]): Finding[] {
  const found: Finding[] = [];
  const hosts = new Set<string>();
  for (const { url, place } of links) {
    const { hostname } = new URL(url);
    hosts.add(hostname);
    if (/^[\d.]+$|^\[/.test(hostname))
      found.push({
        check: 'spam',
        severity: 'warning',
        message: `A link leads to a server without a name (${hostname}), as those of spam do.`,
        where: place,
        mend: 'Link to a domain name.',
      });
    if (shorteners.has(hostname.replace(/^www\./, '')))
      found.push({
        check: 'spam',
        severity: 'warning',
        message: `A link goes through ${hostname}, a shortener that spam uses too: filters count it against the mail.`,
        where: place,
        mend: 'Link to the page itself.',
      });
  }
  if (hosts.size > manyHosts)
    found.push({
      check: 'spam',
      severity: 'hint',
      message: `The stories link to ${hosts.size} different servers; some filters grow wary above ${manyHosts}.`,
      where: { part: 'html' },
      mend: 'Let clicks be counted, so that links lead through one address, or show fewer stories.',
    });
  return found;
}

/** What of headers and footer spam filters, and the law, ask for. */
export function checkSender(message: ExaminedMessage, footer: string): Finding[] {
  const found: Finding[] = [];
  const from = domainOf(message.headers.get('from')?.[0] ?? '');
  const link = /<(https?:[^>]+)>/.exec(message.headers.get('list-unsubscribe')?.[0] ?? '')?.[1];
  const host = link && URL.canParse(link) ? new URL(link).hostname : undefined;
  if (from && host && organisation(from) !== organisation(host))
    found.push({
      check: 'spam',
      severity: 'hint',
      message: `Mail comes from ${from}, its unsubscribe link leads to ${host}: filters trust one domain more than two.`,
      where: { part: 'header', element: 'List-Unsubscribe' },
      mend: 'Set PUBLIC_URL to a host of the domain that the newsletter sends from.',
    });
  if (!footer.trim())
    found.push({
      check: 'spam',
      severity: 'warning',
      message: 'The footer has no postal address, which the law of many countries asks of senders.',
      where: { part: 'html' },
      mend: 'Set "footer" in the newsletter’s brand to the sender’s name and address.',
    });
  return found;
}

/** The text that is seen: nothing of the head, nothing hidden by its own style. */
export function visibleText(dom: JSDOM): string {
  const out: string[] = [];
  const read = (node: Node) => {
    if (node.nodeType === 3) out.push(node.textContent ?? '');
    if (node.nodeType !== 1) return;
    const element = node as HTMLElement;
    if (/^(style|script|head|title)$/.test(element.localName) || element.style?.display === 'none') return;
    for (const child of element.childNodes) read(child);
    out.push(' ');
  };
  read(dom.window.document.body);
  return out.join('').replace(/\s+/g, ' ').trim();
}

const domainOf = (mailbox: string) => /@([^\s>@]+)>?\s*$/.exec(mailbox)?.[1]?.toLowerCase();

// Without the list of public suffixes: two labels, three where the second is short, as in example.co.uk.
function organisation(host: string): string {
  const labels = host.toLowerCase().split('.');
  const short = labels.length > 2 && (labels.at(-2)?.length ?? 0) <= 3 && (labels.at(-1)?.length ?? 0) === 2;
  return labels.slice(short ? -3 : -2).join('.');
}
