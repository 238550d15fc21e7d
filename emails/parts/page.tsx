import type { CSSProperties, ReactNode } from 'react';
import { Html } from 'react-email';

/** The sides of a line of writing, for `textAlign` and for paddings and borders. */
export function sides(direction: 'ltr' | 'rtl') {
  return direction === 'rtl'
    ? ({ start: 'right', end: 'left', Start: 'Right', End: 'Left' } as const)
    : ({ start: 'left', end: 'right', Start: 'Left', End: 'Right' } as const);
}

interface PageProps {
  language: string;
  direction: 'ltr' | 'rtl';
  /** For the window's title, and read out as the name of the mail. */
  title: string;
  preheader: string;
  /** Style sheets of web fonts. */
  stylesheets?: string[];
  css: string;
  /** Around the paper. */
  background: string;
  paper: string;
  /** Of the paper, in CSS pixels. */
  width: number;
  padding?: string;
  /** What Outlook for Windows shows, which knows no lists of fonts. */
  outlookFont: string;
  children: ReactNode;
}

/** A whole mail: one sheet of paper in the middle, as wide as the screen on a phone. */
export function Page(props: PageProps) {
  const text = { lang: props.language, dir: props.direction };
  return (
    <Html {...text} {...namespaces}>
      {/* As text, because conditional comments cannot be written in JSX. */}
      {/* biome-ignore lint/security/noDangerouslySetInnerHtml: made here, with its values escaped */}
      <head dangerouslySetInnerHTML={{ __html: headOf(props) }} />
      <body
        {...text}
        className="page"
        style={{ margin: 0, padding: 0, width: '100%', backgroundColor: props.background }}
      >
        <div style={hidden}>
          {props.preheader}
          {'\u034f\u00a0'.repeat(40)}
        </div>
        {/* biome-ignore lint/a11y/useSemanticElements: mail clients drop <article>, and keep the role */}
        <div {...text} role="article" aria-roledescription="email" aria-label={props.title}>
          <table
            role="presentation"
            width="100%"
            cellPadding="0"
            cellSpacing="0"
            border={0}
            className="page"
            style={{ backgroundColor: props.background }}
          >
            <tbody>
              <tr>
                <td align="center" className="around" style={{ padding: props.padding ?? 0 }}>
                  <table
                    role="presentation"
                    width={props.width}
                    cellPadding="0"
                    cellSpacing="0"
                    border={0}
                    align="center"
                    className="paper"
                    style={{
                      width: '100%',
                      maxWidth: `${props.width}px`,
                      backgroundColor: props.paper,
                      textAlign: sides(props.direction).start,
                    }}
                  >
                    <tbody>
                      <tr>
                        <td dir={props.direction} style={{ wordBreak: 'break-word' }}>
                          {props.children}
                        </td>
                      </tr>
                    </tbody>
                  </table>
                </td>
              </tr>
            </tbody>
          </table>
        </div>
      </body>
    </Html>
  );
}

/** A layout table of rows, which `Section` is not: it has one cell. */
export function Rows({ children }: { children: ReactNode }) {
  return (
    <table role="presentation" width="100%" cellPadding="0" cellSpacing="0" border={0}>
      <tbody>{children}</tbody>
    </table>
  );
}

// React passes these through; its types know them not.
const namespaces = {
  xmlns: 'http://www.w3.org/1999/xhtml',
  'xmlns:v': 'urn:schemas-microsoft-com:vml',
  'xmlns:o': 'urn:schemas-microsoft-com:office:office',
} as Record<string, string>;

const hidden: CSSProperties = {
  display: 'none',
  overflow: 'hidden',
  maxHeight: 0,
  maxWidth: 0,
  opacity: 0,
  fontSize: '1px',
  lineHeight: '1px',
  ...({ msoHide: 'all' } as CSSProperties),
};

function headOf({ title, stylesheets = [], css, width, outlookFont }: PageProps): string {
  return [
    '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="x-apple-disable-message-reformatting">',
    '<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">',
    '<meta name="color-scheme" content="light dark">',
    '<meta name="supported-color-schemes" content="light dark">',
    `<title>${escaped(title)}</title>`,
    '<!--[if mso]><xml><o:OfficeDocumentSettings><o:AllowPNG/><o:PixelsPerInch>96</o:PixelsPerInch></o:OfficeDocumentSettings></xml>',
    `<style>table{border-collapse:collapse;mso-table-lspace:0;mso-table-rspace:0}.paper{width:${width}px !important}td,p,h1,h2,h3,a,span{font-family:${outlookFont} !important;mso-line-height-rule:exactly}</style><![endif]-->`,
    // Outlook for Windows would take the first family of the sheet for the whole mail.
    ...stylesheets.map(
      (url) => `<!--[if !mso]><!--><link rel="stylesheet" href="${escaped(url)}"><!--<![endif]-->`,
    ),
    `<style>${common}${css}</style>`,
  ].join('');
}

const common = `
:root { color-scheme: light dark; supported-color-schemes: light dark; }
body { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
a[x-apple-data-detectors] { color: inherit !important; text-decoration: none !important; }
h1, h2, h3, p, a, td { overflow-wrap: break-word; }
h2, h3 { hyphens: auto; -webkit-hyphens: auto; }
@media print {
  .page, .around { background: #fff !important; padding: 0 !important; }
  .paper { max-width: none !important; }
  h2, h3 { break-after: avoid; }
  img { break-inside: avoid; }
}
`;

/** A button that Outlook for Windows draws as well, by VML. */
export function ActionButton(props: {
  href: string;
  label: string;
  colour: string;
  onColour: string;
  font: string;
  radius: number;
}) {
  const { href, label, colour, onColour, font, radius } = props;
  // VML wants a width. Letters of 17 px are about 9 px wide, those of Chinese and Japanese 17.
  const width = 56 + [...label].reduce((sum, letter) => sum + (letter > '\u2e80' ? 17 : 9), 0);
  const height = 50;
  const html =
    `<!--[if mso]><v:roundrect xmlns:v="urn:schemas-microsoft-com:vml" href="${escaped(href)}" style="height:${height}px;v-text-anchor:middle;width:${width}px" arcsize="${Math.min(50, Math.round((radius / height) * 100))}%" stroke="f" fillcolor="${colour}"><center style="color:${onColour};font-family:Arial,sans-serif;font-size:17px;font-weight:bold">${escaped(label)}</center></v:roundrect><![endif]-->` +
    `<!--[if !mso]><!--><a class="button" href="${escaped(href)}" target="_blank" style="display:inline-block;padding:14px 28px;background-color:${colour};color:${onColour};font-family:${escaped(font)};font-size:17px;line-height:22px;font-weight:600;text-decoration:none;border-radius:${radius}px;mso-hide:all">${escaped(label)}</a><!--<![endif]-->`;
  // biome-ignore lint/security/noDangerouslySetInnerHtml: conditional comments; every value is escaped above
  return <div dangerouslySetInnerHTML={{ __html: html }} />;
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
