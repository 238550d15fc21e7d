import { createHash } from 'node:crypto';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { EditionContent } from '../editions/content.ts';
import { UserError } from '../errors.ts';
import type { Choice } from './assemble.ts';
import { addressHeader, header, mailbox } from './headers.ts';
import { type HostedImages, withImages } from './images.ts';
import { type LinkWriting, withLinks } from './links.ts';
import {
  type Cut,
  cutAtMarks,
  mark,
  type Piece,
  type ReaderValue,
  readerValues,
  withoutMarks,
} from './marks.ts';
import { planSlots, type SlotPlan, themeProps } from './props.ts';
import { encodeQuotedPrintable } from './quoted-printable.ts';
import { renderTemplate } from './template.ts';
import { type TextLinks, textDigest } from './text-digest.ts';
import { findTheme } from './theme.ts';
import { catalogueFor } from './words.ts';

/** Encoded text, or a reader's value by its number in `readerValues`. */
export type CompiledPiece = Buffer | number;

/** A section, with each story's block under its position. */
export interface CompiledSection {
  slot: number;
  before: CompiledPiece[];
  blocks: Map<number, CompiledPiece[]>;
  after: CompiledPiece[];
}

export type CompiledBody = (CompiledPiece | CompiledSection)[];

/** An edition rendered once, from which each reader's message is put together. */
export interface CompiledEdition {
  editionId: number;
  version: number;
  language: string;
  newsletter: { name: string; slug: string };
  boundary: string;
  /** Header lines that every message of the edition has, encoded. */
  headers: string;
  /** The subject's header line; several where the edition tries subjects out. */
  subjects: string[];
  slots: SlotPlan[];
  html: CompiledBody;
  text: CompiledBody;
}

/** How an edition is compiled, beside what it holds. */
export interface CompileOptions {
  /** How its links are written; straight, if not given. */
  links?: LinkWriting;
  /** Where links of the plain text stand; as the theme has it, if not given. */
  textLinks?: TextLinks;
  /** The images that are kept; if not given, stories show theirs from where they lie. */
  images?: HostedImages;
  /** What becomes of images that are not among these: left out, if not given. */
  otherImages?: 'out' | 'linked';
  /** Where an invisible image lies that counts openings (`https://…/o`); none if undefined. */
  pixel?: string;
  /** Further subjects that are tried out. */
  subjects?: string[];
  /** Only these stories in each slot, for a look at one digest; all that may stand there, if not given. */
  only?: Choice;
}

/**
 * Renders an edition with its theme and cuts it into frame and story blocks, transfer-encoded.
 * @throws UserError naming the template and line, if the theme fails
 */
export async function compileEdition(
  content: EditionContent,
  { links = { utm: null }, textLinks, images, otherImages, pixel, subjects = [], only }: CompileOptions = {},
): Promise<CompiledEdition> {
  const theme = findTheme(content.theme);
  const { file } = theme;
  const slots = planSlots(content).map((slot, at) =>
    only ? { ...slot, positions: slot.positions.filter((position) => only[at]?.includes(position)) } : slot,
  );
  const props = withLinks(
    withImages(themeProps(content, slots, theme.brand.defaults, theme.notes), images, otherImages),
    content,
    links,
  );
  const { html } = await renderTemplate(file, props);
  const boundary = `=_broadsheet_${content.editionId}_${content.version}`;
  return {
    editionId: content.editionId,
    version: content.version,
    language: content.language,
    newsletter: { name: content.newsletter.name, slug: content.newsletter.slug },
    boundary,
    headers: commonHeaders(content, boundary),
    subjects: [content.subject, ...subjects].map((subject) => header('Subject', withoutMarks(subject))),
    slots,
    html: encode(cut(withPixel(tidied(html), pixel), file)),
    text: encode(cut(textDigest(props, textLinks ?? theme.textLinks), 'the plain text')),
  };
}

function cut(rendered: string, file: string): Cut {
  try {
    return cutAtMarks(rendered);
  } catch (error) {
    throw new UserError(`The template ${file}: ${(error as Error).message}.`, {
      code: 'template',
      details: { file },
      hint: 'Print open and close once around each section and each story, and nothing between stories.',
    });
  }
}

/** An invisible image at the end of the body: what stands before it does not wait for it. */
function withPixel(html: string, base: string | undefined): string {
  if (base === undefined) return html;
  const image = `<img src="${base}/${mark.value('token')}.gif" width="1" height="1" alt="" style="display:block;width:1px;height:1px;border:0" />`;
  const end = html.lastIndexOf('</body>');
  return end < 0 ? html + image : html.slice(0, end) + image + html.slice(end);
}

// React marks the joints of text with comments, MJML indents deeply: neither is of use to a reader.
// Conditional comments stay: they are Outlook's markup.
function tidied(html: string): string {
  return html
    .replace(/<!--(?!\[if|<!\[endif)(?:\/?\$|\/?html|\/?body|\s*)-->/g, '')
    .replace(/[ \t]*\r?\n\s*/g, '\n')
    .replace(/[ \t]{2,}/g, ' ');
}

function commonHeaders(content: EditionContent, boundary: string): string {
  const { newsletter } = content;
  const domain = newsletter.fromAddress.split('@')[1] ?? 'localhost';
  return [
    addressHeader('From', mailbox(newsletter.fromName, newsletter.fromAddress)),
    newsletter.replyTo ? addressHeader('Reply-To', mailbox(null, newsletter.replyTo)) : '',
    // RFC 2919: the identifier is for machines, the phrase for people.
    header('List-Id', mailbox(newsletter.name, `${newsletter.slug}.${domain}`)).replace(
      /^List-Id: ([^<\r\n]*)$/m,
      'List-Id: <$1>',
    ),
    // Gmail counts complaints by these (the last names the sender, and stays the same).
    header('Feedback-ID', `${content.editionId}:${newsletter.slug}:digest:${senderId(domain)}`),
    // Holiday notices and the like do not answer it (RFC 3834 section 2).
    'Precedence: bulk\r\n',
    header('Content-Language', content.language),
    'MIME-Version: 1.0\r\n',
    `Content-Type: multipart/alternative;\r\n boundary="${boundary}"\r\n`,
  ].join('');
}

const senderId = (domain: string) =>
  createHash('sha256').update(domain.toLowerCase()).digest('hex').slice(0, 12);

function encode(cutText: Cut): CompiledBody {
  const pieces = (each: Piece[]) => joined(each.map(encoded));
  const body: CompiledBody = [];
  for (const each of cutText) {
    if (typeof each === 'object' && 'blocks' in each)
      body.push({
        slot: each.slot,
        before: pieces(each.before),
        blocks: new Map([...each.blocks].map(([position, block]) => [position, pieces(block)])),
        after: pieces(each.after),
      });
    else body.push(encoded(each));
  }
  return body;
}

const encoded = (piece: Piece): CompiledPiece =>
  typeof piece === 'string'
    ? Buffer.from(encodeQuotedPrintable(piece), 'latin1')
    : readerValues.indexOf(piece.value);

/** Neighbouring buffers made one, so that a message has few. */
function joined(pieces: CompiledPiece[]): CompiledPiece[] {
  const out: CompiledPiece[] = [];
  for (const piece of pieces) {
    const last = out.at(-1);
    if (Buffer.isBuffer(piece) && Buffer.isBuffer(last)) out[out.length - 1] = Buffer.concat([last, piece]);
    else out.push(piece);
  }
  return out;
}

/** A compiled edition as bytes, to be kept with the edition so that every worker sends the same. */
export function serialiseCompiled(compiled: CompiledEdition): Buffer {
  const json = JSON.stringify(compiled, function replace(key, value) {
    // Buffer has a toJSON of its own, which runs before this: look at what the holder has.
    const held = (this as Record<string, unknown>)[key];
    if (Buffer.isBuffer(held)) return held.toString('latin1');
    return held instanceof Map ? [...held] : value;
  });
  return deflateRawSync(Buffer.from(json));
}

/** The opposite of `serialiseCompiled`. */
export function parseCompiled(bytes: Buffer): CompiledEdition {
  // Values were named before they were numbered, and the subject stood among the headers.
  type Stored = string | number | { value: ReaderValue };
  type StoredSection = { slot: number; before: Stored[]; blocks: [number, Stored[]][]; after: Stored[] };
  const stored = JSON.parse(inflateRawSync(bytes).toString());
  const piece = (each: Stored): CompiledPiece =>
    typeof each === 'string'
      ? Buffer.from(each, 'latin1')
      : typeof each === 'number'
        ? each
        : readerValues.indexOf(each.value);
  const body = (each: (Stored | StoredSection)[]): CompiledBody =>
    each.map((part) =>
      typeof part === 'object' && 'blocks' in part
        ? {
            slot: part.slot,
            before: part.before.map(piece),
            blocks: new Map(part.blocks.map(([position, pieces]) => [position, pieces.map(piece)])),
            after: part.after.map(piece),
          }
        : piece(part),
    );
  return { subjects: [''], ...stored, html: body(stored.html), text: body(stored.text) };
}

/** The text for a reader who is named and subscribed so, in the edition's language. */
export function readerTexts(
  compiled: Pick<CompiledEdition, 'language' | 'newsletter'>,
  reader: { name: string | null; email: string },
): { greeting: string; email: string } {
  const catalogue = catalogueFor(compiled.language);
  return {
    greeting: catalogue.greeting(withoutMarks(reader.name ?? '').trim()),
    email: reader.email,
  };
}
