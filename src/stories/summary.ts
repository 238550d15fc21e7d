/** As long as a dek may be, in characters. */
const longest = 300;
// A sentence shorter than this says too little to stand alone.
const shortest = 30;
// What comes later in an article is detail.
const sentencesLookedAt = 10;
// Characters. Ten sentences are shorter, and whoever writes a paragraph of megabytes has time to lose.
const paragraphLookedAt = 10_000;

// Paragraphs that are not the article: bylines, captions, calls to subscribe, dates.
const notArticle: RegExp[] = [
  /^(?:by|words by|text by|reported by|von|par|por|di|door|av|af)\s+\p{Lu}[^.!?]{1,80}$/iu,
  /^(?:photo|photograph|image|picture|video|foto|bild|imagen|imagem|immagine|credit|caption|illustration|graphic)s?\b\s*(?:by\b|:|\/|\||-|credit)/iu,
  /^\(?(?:photo|image|foto|bild)[^)]{0,120}\)$/iu,
  /^(?:subscribe|sign up|sign in|log in|register|follow us|share|read more|read also|continue reading|click here|advertisement|listen to|download|get (?:our|the) |join (?:our|the) |this article (?:was|is|first|originally)|(?:last )?updated\b|published\b|copyright|©|all rights reserved)/iu,
  /^[^\p{L}]*(?:\d{1,2}[./ -])?\p{L}+\.? \d{1,2},? \d{4}[^\p{L}]*(?:\d{1,2}:\d{2}.*)?$/u,
];

// LONDON, Nov 24 (Agency) - The text begins here.
const dateline =
  /^(?:\p{Lu}[\p{Lu}\p{M}.'’-]+(?:[ ,/]+\p{Lu}[\p{Lu}\p{M}.'’-]+){0,3})(?:,? [^–—()-]{0,30})?\s*(?:\([^)]{2,40}\))?\s*[-–—]+\s+/u;

// In what stands at the beginning of a paragraph, as patterns that try many ways take long over long texts.
const beginning = 400;
const isNotArticle = (text: string) => notArticle.some((pattern) => pattern.test(text.slice(0, beginning)));
const withoutDateline = (text: string) =>
  text.slice(0, beginning).replace(dateline, '') + text.slice(beginning);

// What feeds append to a description.
const tails: RegExp[] = [
  /\s*the (?:post|article) .{1,300} (?:appeared first|was first published|first appeared) (?:on|at|in) .{1,120}$/iu,
  /\s*(?:\[(?:…|\.{3}|&hellip;)\]|\(?(?:read more|continue reading|read the full (?:story|article)|weiterlesen|lire la suite|leer más|leia mais|continua a leggere)(?:\s*(?:…|\.{3}|»|→|›))*\)?\.?)\s*$/iu,
];

// Unicode's rules end a sentence at "U.S. President" and "Dr. Lovelace": what follows belongs to it.
const abbreviation =
  /(?:(?<![\p{L}\p{N}])(?:\p{Lu}\.)+|\b(?:Mr|Mrs|Ms|Dr|Prof|St|Gen|Sen|Rep|Gov|Lt|Col|Sgt|Jr|Sr|No|vs|approx|bzw|ca|Nr)\.)\s*$/u;

/** The sentences of a text, by the rules of its language, with the white space behind each. */
export function sentencesOf(text: string, language = 'en'): string[] {
  const sentences: string[] = [];
  for (const { segment } of segmenterFor(language).segment(text)) {
    const last = sentences.at(-1);
    if (last && abbreviation.test(last.slice(-80))) sentences[sentences.length - 1] = last + segment;
    else sentences.push(segment);
  }
  return sentences;
}

function segmenterFor(language: string): Intl.Segmenter {
  try {
    return new Intl.Segmenter(language, { granularity: 'sentence' });
  } catch {
    return new Intl.Segmenter('en', { granularity: 'sentence' });
  }
}

/**
 * An article's beginning in one or two whole sentences, of at most 300 characters: never a byline, a caption or a call
 * to subscribe, and never cut in a word. News puts what matters first, so the first sentence that says something is
 * taken, and the next with it if there is room.
 * @param body paragraphs separated by empty lines
 * @returns undefined if there is no sentence to take
 */
export function summaryOf(
  body: string,
  options: { language?: string | null; title?: string } = {},
): string | undefined {
  const language = options.language ?? 'en';
  const title = plain(options.title ?? '');
  const sentences: { text: string; opens: boolean }[] = [];
  for (const paragraph of body.split(/\n{2,}/)) {
    if (sentences.length >= sentencesLookedAt) break;
    const text = withoutDateline(paragraph.slice(0, paragraphLookedAt).replace(/\s+/g, ' ').trim());
    if (!text || plain(text) === title || isNotArticle(text)) continue;
    // Subheads and list entries end without a stop.
    if (!/[.!?…。！？؟।]["”’»)\]]*$/u.test(text) && text.length < 120) continue;
    for (const [index, sentence] of sentencesOf(text, language).entries())
      sentences.push({ text: sentence.trim(), opens: index === 0 });
  }
  const start = sentences.findIndex(
    ({ text }) =>
      text.length >= shortest || /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Hangul}]/u.test(text),
  );
  const first = sentences[start]?.text ?? sentences[0]?.text;
  if (!first) return undefined;
  if (first.length > longest) return cutAtWord(first, longest);
  let summary = first;
  for (const { text, opens } of sentences.slice(Math.max(start, 0) + 1)) {
    if (opens || summary.length + 1 + text.length > longest) break;
    summary = `${summary} ${text}`;
  }
  return summary;
}

/** Takes from a description what feeds append to it: "Continue reading", "The post … appeared first on …". */
export function withoutTail(dek: string): string {
  let text = dek;
  for (let changed = true; changed; ) {
    const shorter = tails.reduce((rest, tail) => rest.replace(tail, ''), text).trim();
    changed = shorter !== text;
    text = shorter;
  }
  return isNotArticle(text) ? '' : text;
}

/**
 * A title without the name of its site, before or behind it: "The bridge hums | Harbour Post".
 * @param names what the site is called: publisher, source, host
 */
export function withoutSiteName(title: string, names: (string | undefined)[]): string {
  const known = names
    .flatMap((name) => (name ? [plain(name), plain(name.replace(/^the\s+/i, ''))] : []))
    .filter(Boolean);
  const isName = (text: string) =>
    known.includes(plain(text)) || known.includes(plain(text.replace(/^the\s+/i, '')));
  const parts = title.split(/\s+[-–—|·•»:]\s+|:\s+(?=\S)|\s*\|\s*/u);
  const last = parts.at(-1) ?? '';
  const first = parts[0] ?? '';
  if (parts.length > 1 && isName(last)) {
    const rest = title
      .slice(0, title.lastIndexOf(last))
      .replace(/\s*[-–—|·•»:]\s*$/u, '')
      .trim();
    if (rest) return rest;
  }
  if (parts.length > 1 && isName(first)) {
    const rest = title
      .slice(first.length)
      .replace(/^\s*[-–—|·•»:]\s*/u, '')
      .trim();
    if (rest) return rest;
  }
  return title;
}

function cutAtWord(text: string, limit: number): string {
  const cut = text.slice(0, limit - 1);
  const space = cut.lastIndexOf(' ');
  return `${(space > limit / 2 ? cut.slice(0, space) : cut).replace(/[\s,;:–—-]+$/u, '')}…`;
}

const plain = (text: string) =>
  text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
