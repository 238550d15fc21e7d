// Lines that a page sets below an article. Each is a whole paragraph; a sentence that begins so is none.
const certain: RegExp[] = [
  /^popular posts( from this (blog|site))?$/,
  /^(most|more) (popular|read|viewed|shared)( (posts|articles|stories|now))?$/,
  /^(related|recommended|suggested|similar)( (articles?|posts?|stories|story|reading|links?|content|news|topics?))$/,
  /^recommended for you$/,
  /^you (may|might) also (like|enjoy|be interested in)$/,
  /^(read|see|up) next$/,
  /^more (news |stories |headlines |articles )?(from|in|on) [^.!?]{2,60}$/,
  /^want (more|to read more)( stories| news)?( like this)?\??$/,
  /^don['’]t miss$/,
  /^more (stories|articles|posts|news|like this)$/,
  /^(keep|continue|further) reading$/,
  /^(leave|post|write|add) a (reply|comment|response)$/,
  /^(cancel reply|leave a reply cancel reply)$/,
  /^(\d+|no|one) (comments?|responses?|replies)( (on|to) .{1,200})?$/,
  /^(comments?|responses?|replies) \(\d+\)$/,
  /^(view|show|read|join|see) (all |the )?(\d+ )?(comments?|conversation)$/,
  /^comments are closed$/,
  /^share (this( (article|story|post|page))?|on (facebook|twitter|x|linkedin|whatsapp)|via .{2,30})$/,
  /^(sign up|subscribe)( now| here)? (for|to) (our|the|this) [^.!?]{0,40}newsletters?$/,
  /^get the (latest|best|top) [^.!?]{0,60}(in|to) your inbox\b.{0,80}$/,
  /^(get|join) (our|the) (free |daily |weekly )?(newsletter|mailing list)s?$/,
  /^(previous|next|older|newer) (post|article|story)$/,
  /^trending( (now|stories|topics|today))?$/,
  /^post navigation$/,
];

// These may be subheads as well: they count when nothing that reads like an article follows.
const possible: RegExp[] = [
  /^comments?$/,
  /^responses?$/,
  /^replies$/,
  /^discussion$/,
  /^newsletters?$/,
  /^(our|daily|weekly) newsletter$/,
  /^related$/,
  /^recommended$/,
  /^share$/,
  /^subscribe( now)?$/,
  /^follow us( on .{2,30})?$/,
  /^about the author$/,
  /^read more$/,
  /^tags?$/,
  /^(tags|filed under|labels|categories|topics): .{1,200}$/,
  /^(facebook|twitter|linkedin|whatsapp|email|print)$/,
];

// Lines that stand anywhere and are no part of the text: dates, rights, bylines, and links to other pages.
const between: RegExp[] = [
  /^(first )?(published|updated|posted|last (updated|modified))\b(?=.*\d)[^.!?]{0,80}(a\.m|p\.m)?$/,
  /^(©|\(c\)|copyright\b).{0,150}$/,
  /^continue reading( below)?$/,
  /^(see|read) (more|also|next):? .{2,120}$/,
  /^(scroll|swipe) (down )?(for|to) .{2,60}$/,
];
const byline =
  /^By (\p{Lu}[\p{L}.'’-]*)( (and|de|del|la|van|von|der|\p{Lu}[\p{L}.'’-]*)){1,6}((,| \||\s[-–—]\s).{0,60})?$/u;
const mostBeforeText = 5;

const advertisement =
  /^(advertisement|advertisements|advertising|sponsored content|story continues below( advertisement)?)$/;

/**
 * Cuts what a page leaves below its article (comments, popular posts, share and newsletter boxes) and all that
 * follows it. An article is never cut because a paragraph merely begins with such a word, nor where the larger part
 * of the text is still to come.
 */
export function cutLeftovers(paragraphs: string[]): string[] {
  const kept = paragraphs.filter((text, at) => {
    const label = asLabel(text);
    return (
      !advertisement.test(label) &&
      !(label !== '' && between.some((pattern) => pattern.test(label))) &&
      !(at < mostBeforeText && byline.test(text))
    );
  });
  // A short notice may have no long paragraph at all.
  const length = kept.some((text) => isProse(text, proseLength)) ? proseLength : shortProseLength;
  const prose = kept.map((text) => (isProse(text, length) ? text.length : 0));
  const total = prose.reduce((sum, length) => sum + length, 0);
  let before = 0;
  for (const [index, text] of kept.entries()) {
    const label = asLabel(text);
    const after = total - before;
    const isCertain = certain.some((pattern) => pattern.test(label));
    // Below a certain mark come teasers and readers' comments, which may be prose; below a possible one, little may.
    if (
      before > 0 &&
      ((isCertain && after < before) ||
        (possible.some((pattern) => pattern.test(label)) &&
          (after <= before / 10 || followedByCertain(kept, index, after < before))))
    )
      return kept.slice(0, index);
    before += prose[index] ?? 0;
  }
  return kept;
}

// "Comments" and right below it "Leave a reply": together they are no subhead.
function followedByCertain(paragraphs: string[], index: number, mostIsBefore: boolean): boolean {
  const next = paragraphs[index + 1];
  return mostIsBefore && next !== undefined && certain.some((pattern) => pattern.test(asLabel(next)));
}

function asLabel(text: string): string {
  return text.length > 240
    ? ''
    : text
        .toLowerCase()
        .replace(/\s+/g, ' ')
        .replace(/^[\s\p{P}\p{Sk}\p{Sm}\p{Sc}]+|[.:!…\s]+$/gu, '');
}

const proseLength = 80;
const shortProseLength = 30;

// Headlines and labels are short, or end without a stop.
function isProse(text: string, length: number): boolean {
  return text.length >= length && /[.!?…"”’»)]$/.test(text.trimEnd());
}
