import { createHash } from 'node:crypto';
import { escapeHtml } from '../../../rendering/assemble.ts';

/**
 * A preview runs nothing, sends nothing, and has no place in the desk's origin, in a frame or opened by itself. It may show
 * pictures from anywhere and its theme's styles.
 */
export const framePolicy =
  "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' http: https: data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox";

export const frameHeaders: Record<string, string> = {
  'Content-Security-Policy': framePolicy,
  'X-Frame-Options': 'SAMEORIGIN',
  'Referrer-Policy': 'no-referrer',
  // A page in a sandbox of its own cannot ask for more.
  'Cross-Origin-Opener-Policy': 'unsafe-none',
  'Cache-Control': 'private, no-store',
};

/**
 * A mail as its frame shows it: in light or dark whatever the device prefers, with links that lead nowhere.
 * @param html a whole mail
 */
export function framed(html: string, dark: boolean): string {
  const head = `<base target="_blank"><style>${schemeCss(dark)}${placeCss}</style>`;
  const page = withScheme(withoutTargets(html), dark);
  const end = /<\/head\s*>/i.exec(page);
  return end ? page.slice(0, end.index) + head + page.slice(end.index) : head + page;
}

/**
 * Settles what style sheets ask about dark colours: the question itself becomes one that is always, or never, true, so
 * that whatever it is joined with keeps its meaning. A frame cannot be told what to prefer from outside.
 */
export function withScheme(html: string, dark: boolean): string {
  return html.replace(/\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi, (_, scheme: string) =>
    (scheme.toLowerCase() === 'dark') === dark ? '(min-width:0px)' : '(max-width:0px)',
  );
}

/** Names what is seen of a mail: of two that differ in title and preheader alone it is the same. */
export const hashOfSeen = (html: string): string =>
  createHash('sha256')
    .update(
      html.replace(
        /<title>[^<]*<\/title>|<div[^>]*style="display:none[^"]*"[^>]*>[\s\S]*?<\/div>| aria-label="[^"]*"/gi,
        '',
      ),
    )
    .digest('hex')
    .slice(0, 16);

// A link opens a window, which the sandbox does not let it; one that names a target would go elsewhere.
function withoutTargets(html: string): string {
  return html.replace(/<(?:a|area|form|base)\b[^>]*>/gi, (tag) =>
    tag.replace(/\starget\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)/gi, ''),
  );
}

const schemeCss = (dark: boolean) => `:root{color-scheme:${dark ? 'dark' : 'light'} only !important}`;

// A story that is asked for is shown for a moment.
const placeCss =
  '[id^="story-"]{scroll-margin-top:24px}[id^="story-"]:target{animation:broadsheet-shown 1.8s ease-out}@keyframes broadsheet-shown{from,40%{outline:3px solid #2f6fd0;outline-offset:-3px}to{outline:3px solid transparent;outline-offset:-3px}}@media (prefers-reduced-motion:reduce){[id^="story-"]:target{animation:none;outline:2px solid #2f6fd0}}';

const paperCss = (dark: boolean) => `${schemeCss(dark)}
body{margin:0;padding:24px;background:${dark ? '#1c1e20' : '#fff'};color:${dark ? '#d3d5d8' : '#26282b'};font:14px/1.6 ui-monospace,'SF Mono',Menlo,Consolas,'Liberation Mono',monospace}
pre{margin:0 auto;max-width:80ch;white-space:pre-wrap;overflow-wrap:anywhere;font:inherit}
pre.wide{max-width:none;font-size:12px;line-height:1.55}
b{font-weight:650;color:${dark ? '#8fbfe3' : '#1f4f7a'}} i{font-style:normal;color:${dark ? '#a3a6ac' : '#63666c'}}
p{font:16px/1.5 system-ui,sans-serif;text-align:center;margin:18vh auto;max-width:36ch}`;

const page = (body: string, dark: boolean, language = 'en') =>
  `<!doctype html><html lang="${escapeHtml(language)}"><head><meta charset="utf-8"><title>Preview</title><base target="_blank"><style>${paperCss(dark)}</style></head><body>${body}</body></html>`;

/** The plain text of a mail as a page. */
export const textPage = (text: string, dark: boolean, language: string) =>
  page(`<pre>${escaped(text)}</pre>`, dark, language);

/** A sentence in place of a preview. */
export const saidPage = (text: string, dark: boolean) => page(`<p>${escaped(text)}</p>`, dark);

/** A message (RFC 5322) as a page: names of headers stand out, what only machines read stands back. */
export function sourcePage(source: string, dark: boolean): string {
  let inHeaders = true;
  const lines = source.split(/\r?\n/).map((line) => {
    if (/^--\S{6,}$/.test(line)) {
      inHeaders = !line.endsWith('--');
      return `<i>${escaped(line)}</i>`;
    }
    if (line === '') inHeaders = false;
    const name = inHeaders ? /^[!-9;-~]+:/.exec(line)?.[0] : undefined;
    return name ? `<b>${escaped(name)}</b>${escaped(line.slice(name.length))}` : escaped(line);
  });
  return page(`<pre class="wide">${lines.join('\n')}</pre>`, dark);
}

const escaped = (text: string) => text.split('\n').map(escapeHtml).join('\n');
