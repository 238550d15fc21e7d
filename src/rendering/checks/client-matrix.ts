/** A mail client that editions must work in. */
export interface Client {
  /** Its name in the caniemail data. */
  id: string;
  name: string;
  /** What it does without, though its relatives have it: slugs of the caniemail data. */
  lacks?: string[];
}

/** The support matrix. docs/email-clients.md lists it; a test keeps both the same. */
export const clients: Client[] = [
  { id: 'outlook.windows', name: 'Outlook for Windows (classic)' },
  { id: 'outlook.outlook-com', name: 'Outlook.com, and new Outlook for Windows' },
  { id: 'outlook.macos', name: 'Outlook for macOS' },
  { id: 'outlook.ios', name: 'Outlook for iOS' },
  { id: 'outlook.android', name: 'Outlook for Android' },
  { id: 'gmail.desktop-webmail', name: 'Gmail on the web' },
  { id: 'gmail.mobile-webmail', name: 'Gmail in a phone’s browser' },
  { id: 'gmail.ios', name: 'Gmail for iOS' },
  { id: 'gmail.android', name: 'Gmail for Android' },
  {
    id: 'gmail.android',
    name: 'Gmail for Android with another provider’s account (no style sheets)',
    lacks: ['html-style'],
  },
  {
    id: 'gmail.ios',
    name: 'Gmail for iOS with another provider’s account (no style sheets)',
    lacks: ['html-style'],
  },
  { id: 'apple-mail.macos', name: 'Apple Mail on macOS' },
  { id: 'apple-mail.ios', name: 'Apple Mail on iOS' },
  { id: 'yahoo.desktop-webmail', name: 'Yahoo Mail on the web' },
  { id: 'yahoo.ios', name: 'Yahoo Mail for iOS' },
  { id: 'yahoo.android', name: 'Yahoo Mail for Android' },
  { id: 'aol.desktop-webmail', name: 'AOL Mail on the web' },
  { id: 'samsung-email.android', name: 'Samsung Email' },
  { id: 'thunderbird.macos', name: 'Thunderbird' },
  { id: 'protonmail.desktop-webmail', name: 'Proton Mail on the web' },
  { id: 'protonmail.ios', name: 'Proton Mail for iOS' },
  { id: 'protonmail.android', name: 'Proton Mail for Android' },
  { id: 'gmx.desktop-webmail', name: 'GMX on the web' },
  { id: 'web-de.desktop-webmail', name: 'WEB.DE on the web' },
  { id: 'fastmail.desktop-webmail', name: 'Fastmail on the web' },
];

/** Something that may be missing without harm. */
export interface Graceful {
  /** Its slug in the caniemail data. */
  feature: string;
  /** Where it may be missing; everywhere, if not given. */
  where?: string[];
  /** What such clients show instead. */
  instead: string;
}

const proton = ['protonmail.desktop-webmail', 'protonmail.ios', 'protonmail.android'];

/** What may be missing in a client without harm. docs/email-clients.md lists it; a test keeps both the same. */
export const graceful: Graceful[] = [
  {
    feature: 'html-style',
    instead:
      'Everything needed is in style attributes; without style sheets there is no dark mode and no narrow layout.',
  },
  { feature: 'html-link', instead: 'The fonts of the device instead of web fonts.' },
  { feature: 'css-at-import', instead: 'The fonts of the device instead of web fonts.' },
  { feature: 'css-at-font-face', instead: 'The fonts of the device instead of web fonts.' },
  { feature: 'css-at-media', instead: 'The layout for wide screens, in light colours.' },
  {
    feature: 'css-at-media-prefers-color-scheme',
    instead: 'Light colours, or those that the client makes up.',
  },
  { feature: 'css-at-media-prefers-reduced-motion', instead: 'Nothing: built-in themes do not move.' },
  { feature: 'css-at-supports', instead: 'What stands outside of the condition.' },
  { feature: 'css-color-scheme', instead: 'The client takes the mail as a light one.' },
  { feature: 'html-meta-color-scheme', instead: 'The client takes the mail as a light one.' },
  { feature: 'css-selector-class', where: proton, instead: 'What style attributes say.' },
  { feature: 'css-selector-child', where: proton, instead: 'What style attributes say.' },
  { feature: 'css-selector-descendant', where: proton, instead: 'What style attributes say.' },
  { feature: 'css-pseudo-class-hover', instead: 'No change under the pointer.' },
  { feature: 'css-border-radius', instead: 'Square corners.' },
  { feature: 'css-box-shadow', instead: 'No shadow.' },
  {
    feature: 'css-box-sizing',
    instead:
      'Columns that are stacked on phones keep their outer width, as their cells have no padding of their own.',
  },
  { feature: 'css-hyphens', instead: 'Long words are not hyphenated.' },
  { feature: 'css-overflow-wrap', instead: 'A word that is longer than the line makes the page wider.' },
  { feature: 'css-word-break', instead: 'A word that is longer than the line makes the page wider.' },
  { feature: 'css-letter-spacing', instead: 'Letters at their usual distance.' },
  { feature: 'css-word-spacing', instead: 'Words at their usual distance.' },
  { feature: 'css-text-transform', instead: 'Text as it is written.' },
  { feature: 'css-text-decoration', instead: 'Links look as the client draws links.' },
  { feature: 'css-text-decoration-line', instead: 'Links look as the client draws links.' },
  { feature: 'css-text-underline-offset', instead: 'Underlines at their usual distance.' },
  { feature: 'css-white-space', instead: 'Lines of the footer and of notes run on.' },
  {
    feature: 'css-max-width',
    where: ['outlook.windows'],
    instead: 'The width that the table’s attribute, or a style sheet for Outlook alone, gives.',
  },
  {
    feature: 'css-max-height',
    where: ['outlook.windows'],
    instead: 'Nothing: it only helps to hide the preheader, which Outlook hides by mso-hide.',
  },
  { feature: 'css-min-height', instead: 'A touch target as high as its text and padding.' },
  { feature: 'css-height', instead: 'A height from the content, or from the attribute.' },
  { feature: 'css-opacity', instead: 'Nothing: it only helps to hide the preheader.' },
  {
    feature: 'css-overflow',
    where: ['outlook.windows'],
    instead: 'Nothing: it only helps to hide the preheader.',
  },
  {
    feature: 'css-display-none',
    where: ['gmail.mobile-webmail', 'outlook.windows'],
    instead: 'The preheader in letters of one pixel; Outlook hides it by mso-hide.',
  },
  { feature: 'css-outline', instead: 'Images may have an outline when they are tapped.' },
  { feature: 'css-cursor', instead: 'The client’s own pointer.' },
  { feature: 'css-object-fit', instead: 'Images as they are: they are cut to size before.' },
  { feature: 'css-text-wrap', instead: 'Headings break where the line ends.' },
  { feature: 'html-doctype', instead: 'The client’s own document type; nothing depends on it.' },
  { feature: 'html-lang', instead: 'Screen readers speak in the client’s language.' },
  { feature: 'html-role', instead: 'Screen readers may call layout tables tables.' },
  { feature: 'html-aria-label', instead: 'Screen readers do not say the mail’s name.' },
  { feature: 'html-aria-hidden', instead: 'Screen readers read ornaments.' },
  { feature: 'html-anchor-links', instead: 'A link to a place in the mail does nothing.' },
  { feature: 'html-mailto-links', instead: 'A link to an address opens another mail program.' },
  { feature: 'html-target', instead: 'Links open as the client wants.' },
  { feature: 'html-srcset', instead: 'The image for screens of usual density.' },
  { feature: 'html-loading-attribute', instead: 'Images load at once.' },
];

/**
 * Features of which "partial" means that some of their values fail which mail does without (units, negative margins,
 * shorthands of several values) or that the client has a limit far off. Where they are missing, that is an error.
 */
export const partialIsEnough = new Set([
  'css-background',
  'css-background-color',
  'css-border',
  'css-border-collapse',
  'css-direction',
  'css-display',
  'css-font',
  'css-font-size',
  'css-font-weight',
  'css-important',
  'css-line-height',
  'css-margin',
  'css-overflow',
  'css-padding',
  'css-selector-attribute',
  'css-selector-chaining',
  'css-selector-child',
  'css-selector-class',
  'css-selector-descendant',
  'css-selector-grouping',
  'css-selector-type',
  'css-selector-universal',
  // What fails are lists that count backwards, and numbers that are set by hand.
  'html-lists',
  'css-table-layout',
  'css-text-align',
  'css-unit-em',
  'css-unit-percent',
  'css-unit-px',
  'css-vertical-align',
  'css-width',
  'html-align',
  'html-body',
  'html-cellpadding',
  'html-cellspacing',
  'html-height',
  'html-img',
  'html-table',
  'html-valign',
  'html-width',
]);
