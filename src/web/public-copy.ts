import type { Context } from '../context.ts';
import { composePage, prepareComposer } from '../delivery/compose.ts';
import { anybody } from '../delivery/readers.ts';
import type { Edition } from '../editions/editions.ts';
import { type LinkSigner, readerLinks, shareUrlOf } from '../links.ts';
import { escapeHtml } from '../rendering/assemble.ts';
import { forBrowser } from './for-browser.ts';
import type { Look } from './look.ts';

/** An edition may show pictures from anywhere, and its theme's own styles; nothing in it runs or is sent anywhere. */
export const editionPolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

// Stands for the reader until the page is made; no theme and no story has it.
const nobody = 'reader-of-no-mail@invalid.invalid';
const mostKept = 40;

/**
 * Editions as anyone may see them: as they were sent, by their kept form, with the stories that a reader without wishes
 * gets; without a reader's links, address and name, and without counted links. The latest that were asked for stay
 * in memory.
 */
export class PublicCopies {
  readonly #context: Context;
  readonly #signer: LinkSigner;
  readonly #kept = new Map<string, string>();

  constructor(context: Context, signer: LinkSigner) {
    this.#context = context;
    this.#signer = signer;
  }

  /** @throws UserError if the edition was never rendered */
  async of(edition: Edition, look: Look): Promise<string> {
    const key = `${edition.id} ${edition.version} ${look.language}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known;
    const composer = await prepareComposer(this.#context, edition, this.#signer);
    const { html } = composePage(this.#context, composer, anybody(0, nobody));
    const links = readerLinks(this.#context.config.publicUrl, this.#signer, 0, edition.id);
    const own = [links.unsubscribeUrl, links.preferencesUrl, links.viewUrl, shareUrlOf(links.viewUrl)];
    const why = look.say('publicCopy', { newsletter: look.newsletter?.name ?? '' });
    const copy = forBrowser(withoutReader(html, own, why));
    if (this.#kept.size >= mostKept) this.#kept.clear();
    this.#kept.set(key, copy);
    return copy;
  }
}

const literally = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Takes out links that are a reader's own, and says instead of why they get the mail what the page is. */
function withoutReader(html: string, links: string[], why: string): string {
  let page = html;
  for (const link of links)
    page = page.replace(
      new RegExp(`<a\\b[^>]*href="${literally(escapeHtml(link))}"[^>]*>[\\s\\S]*?</a>`, 'g'),
      '',
    );
  const sentence = new RegExp(`>[^<>]*${literally(nobody)}[^<>]*<`, 'g');
  return page.replace(sentence, () => `>${escapeHtml(why)}<`).replaceAll(nobody, '');
}

/** What a page of an edition says above it, and where that leads. */
export interface Bar {
  text: string;
  link: { href: string; label: string } | undefined;
}

/** An edition's page with a line above it, in our type and in the reader's language. */
export function withBar(html: string, look: Look, { text, link }: Bar): string {
  const body = /<body\b[^>]*>/i.exec(html);
  if (!body) return html;
  const end = body.index + body[0].length;
  const anchor = link ? `<a href="${escapeHtml(link.href)}">${escapeHtml(link.label)}</a>` : '';
  const spoken = text ? `<span>${escapeHtml(text)}</span>` : '';
  const bar = `<style>${barCss}</style><div class="broadsheet-bar" role="navigation" lang="${look.language}" dir="${look.direction}">${spoken}${anchor}</div>`;
  return html.slice(0, end) + bar + html.slice(end);
}

const barCss = `
.broadsheet-bar{display:flex;flex-wrap:wrap;gap:2px 20px;align-items:center;justify-content:center;padding:8px 20px;background:#fff;color:#3b3d40;border-bottom:1px solid #dcdcd7;font:400 15px/1.45 system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue','Noto Sans',Arial,sans-serif;text-align:center}
.broadsheet-bar a{color:#17181a;font-weight:600;text-underline-offset:3px;padding:9px 0}
@media (prefers-color-scheme:dark){.broadsheet-bar{background:#1b1d1f;color:#c9cbce;border-color:#3a3d41}.broadsheet-bar a{color:#f3f3f1}}`.replaceAll(
  '\n',
  '',
);
