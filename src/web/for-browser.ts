/**
 * An edition's page without what a mail carries for mail programs alone: Outlook's markup, the hidden preheader, and styles that
 * are said again at each element, which stand once in a style sheet instead. It looks the same in a browser.
 * @param html a whole mail
 */
export function forBrowser(html: string): string {
  const page = html
    .replace(/<!--\[if !mso\]><!-->|<!--<!\[endif\]-->|<!--[\s\S]*?-->/g, '')
    .replace(/<div style="display:none[^"]*">[^<]*<\/div>/g, '')
    .replace(/<meta name="(?:x-apple-disable-message-reformatting|format-detection)"[^>]*>/g, '')
    .replace(/ xmlns(?::[vo])?="[^"]*"/g, '')
    .replace(/(<style\b[^>]*>)([\s\S]*?)(<\/style>)/g, (_, open, css, close) => open + lean(css) + close)
    .replace(/>\s*\n\s*</g, '>\n<');
  return withSharedStyles(page);
}

/** A style sheet without the rules for Outlook's apps, and without blanks between rules. */
function lean(css: string): string {
  return css
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/(?<=^|[{}])\s*\[data-ogs[cb]\][^{},]*(?:,\s*\[data-ogs[cb]\][^{},]*)*\{[^{}]*\}/g, '')
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\s*([{};])\s*/g, '$1')
    .replace(/(?<=[;{ ])mso-[\w-]+:[^;}]*;?/g, '')
    .replace(/;\}/g, '}')
    .trim();
}

// Names and values of attributes in quotation marks, as both React and MJML write them; style sheets are passed over.
const tag = /<style\b[\s\S]*?<\/style>|<[a-z][a-z0-9-]*(?:\s+[^\s"'<>=/]+(?:="[^"]*")?)*\s*\/?>/gi;
const attribute = /\s+([^\s"'<>=/]+)(?:="([^"]*)")?/g;

/** The style of a tag as it stands there, and where. Attributes are gone through in turn, as a value may look like another. */
function styleIn(text: string): { style: string; from: number; to: number } | undefined {
  if (!text.includes('style="') || text.startsWith('<style')) return undefined;
  for (const { index, 0: whole, 1: name, 2: value } of text.matchAll(attribute))
    if (name === 'style' && value) return { style: value, from: index, to: index + whole.length };
  return undefined;
}

function withSharedStyles(page: string): string {
  const counts = new Map<string, number>();
  for (const [text] of page.matchAll(tag)) {
    const style = styleIn(text)?.style;
    if (style) counts.set(style, (counts.get(style) ?? 0) + 1);
  }
  const shared = new Map<string, string>();
  const rules: string[] = [];
  for (const [style, count] of counts) {
    const css = plainCss(style);
    if (count < 2 || css === undefined) continue;
    const name = `_${shared.size.toString(36)}`;
    shared.set(style, name);
    // As strong as what stands at an element, but for what is important.
    rules.push(`:is(#_,.${name}){${css}}`);
  }
  const end = page.indexOf('</head>');
  if (rules.length === 0 || end < 0) return page;
  const named = (text: string) => {
    const found = styleIn(text);
    const name = shared.get(found?.style ?? '');
    if (!found) return text;
    if (name === undefined) return text.replace(outlookOnly, '');
    const bare = text.slice(0, found.from) + text.slice(found.to);
    const own = [...bare.matchAll(attribute)].find(([, each]) => each === 'class');
    if (!own) return bare.replace(/^<[a-z][a-z0-9-]*/i, (start) => `${start} class="${name}"`);
    return `${bare.slice(0, own.index)} class="${`${own[2] ?? ''} ${name}`.trim()}"${bare.slice(own.index + own[0].length)}`;
  };
  const head = page.slice(0, end);
  return `${head}<style>${withSharedFonts(rules.join(''))}</style>${page.slice(end).replace(tag, named)}`;
}

/** Lists of fonts are long, and few: each is said once. */
function withSharedFonts(css: string): string {
  const fonts = new Map<string, number>();
  for (const [, font = ''] of css.matchAll(fontFamily)) fonts.set(font, (fonts.get(font) ?? 0) + 1);
  const often = [...fonts].flatMap(([font, count]) => (count > 1 && font.length > 20 ? [font] : []));
  if (often.length === 0) return css;
  const variables = often.map((font, at) => `--_${at}:${font}`).join(';');
  return `:root{${variables}}${css.replace(fontFamily, (whole, font: string) =>
    often.includes(font) ? `font-family:var(--_${often.indexOf(font)})` : whole,
  )}`;
}

const fontFamily = /font-family:([^;}]+)/g;
const outlookOnly = /(?<=["; ])mso-[\w-]+:[^;&"]*;?/g;

const entities: Record<string, string> = { amp: '&', quot: '"', '#34': '"', '#39': "'", '#x27': "'" };

/** The value of a style attribute as CSS; undefined if it holds what has no place in a rule. */
function plainCss(attribute: string): string | undefined {
  const css = attribute
    .replace(/&([a-z0-9#]+);/gi, (whole, name: string) => entities[name.toLowerCase()] ?? whole)
    .replace(/(?<=^|[; ])mso-[\w-]+:[^;]*;?/g, '')
    .replace(/;$/, '');
  return /[<>{}\\]|&[a-z#]|@import/i.test(css) ? undefined : css;
}
