import type { CSSProperties, ReactNode } from 'react';
import { Heading, Img, Link, Section, Text } from 'react-email';
import type { ThemeNote, ThemeProps, ThemeSection, ThemeStory } from '../src/rendering/theme-props.ts';
import { FooterLines } from './parts/footer.tsx';
import { NoteWords } from './parts/note-words.tsx';
import { Page, Rows, sides } from './parts/page.tsx';
import { pictureOf } from './parts/picture.ts';
import { sampleProps } from './preview/sample.ts';

/** A newspaper's front page: a masthead between rules, a lead with its picture, serif text between hairlines. */
export default function Broadsheet(props: ThemeProps) {
  const { newsletter, edition, reader, words, brand } = props;
  const { start, end } = sides(props.direction);
  return (
    <Page
      language={props.language}
      direction={props.direction}
      title={edition.subject}
      preheader={edition.preheader}
      stylesheets={brand.fonts.stylesheets}
      css={cssFor(props)}
      background="#ebe6dd"
      paper="#fffdf9"
      width={640}
      outlookFont="Georgia,serif"
    >
      <Section className="inner" style={{ padding: '12px 44px 40px' }}>
        <Rows>
          <tr>
            {/* As high as the link beside it, which the archive's page is without. */}
            <td className="quiet" height={44} style={{ ...fine, textAlign: start }}>
              {edition.date}
            </td>
            <td style={{ ...fine, textAlign: end }}>
              <Link className="quiet" href={reader.viewUrl} style={target}>
                {words.view}
              </Link>
            </td>
          </tr>
        </Rows>
        <Section className="edge" style={{ borderTop: '1px solid #1d1a16' }}>
          <Masthead props={props} />
          {newsletter.description ? (
            <Text className="quiet" style={motto}>
              {newsletter.description}
            </Text>
          ) : null}
        </Section>
        <DoubleRule />
        <Text
          className="body"
          style={{ ...text(17), ...body(props), margin: '20px 0 0', fontStyle: 'italic' }}
        >
          {reader.greeting}
        </Text>

        {props.sections.map((section) => (
          <Fragment key={section.slot}>
            {section.open}
            <SectionTitle section={section} props={props} />
            {section.stories.map((story, index) => (
              <Fragment key={`${section.slot}${index}`}>
                {story.open}
                <Story slot={section.slot} story={story} props={props} />
                {story.close}
              </Fragment>
            ))}
            {section.close}
          </Fragment>
        ))}

        <div style={{ height: '32px', lineHeight: '32px', fontSize: '1px' }}>&nbsp;</div>
        <DoubleRule />
        <Footer props={props} />
      </Section>
    </Page>
  );
}

function Fragment({ children }: { children: ReactNode }) {
  return <>{children}</>;
}

function Masthead({ props }: { props: ThemeProps }) {
  const { logo } = props.brand;
  return (
    <Heading as="h1" className="ink masthead" style={{ ...masthead, ...heading(props) }}>
      {logo ? (
        <Img
          src={logo.url}
          alt={logo.alt || props.newsletter.name}
          width={logo.width}
          style={{ display: 'inline-block', width: `${logo.width}px`, maxWidth: '100%', height: 'auto' }}
        />
      ) : (
        props.newsletter.name
      )}
    </Heading>
  );
}

function DoubleRule() {
  return (
    <Section className="edge" style={{ borderTop: '4px solid #1d1a16' }}>
      <div
        className="edge"
        style={{ height: '3px', lineHeight: '3px', fontSize: '1px', borderBottom: '1px solid #1d1a16' }}
      >
        &nbsp;
      </div>
    </Section>
  );
}

function SectionTitle({ section, props }: { section: ThemeSection; props: ThemeProps }) {
  const label = { ...fine, fontWeight: 700, color: props.brand.textColour };
  if (section.slot === 'lead')
    return (
      <Text className="accent" style={{ ...label, margin: '20px 0 0' }}>
        {section.title}
      </Text>
    );
  return (
    <Section style={{ paddingTop: '36px' }}>
      <Section className="band" style={{ borderTop: `3px solid ${props.brand.colour}`, paddingTop: '9px' }}>
        <Heading
          as="h2"
          className="accent"
          style={{ ...label, margin: '0 0 11px', fontSize: '15px', lineHeight: '20px' }}
        >
          {section.title}
        </Heading>
      </Section>
    </Section>
  );
}

function Story({ slot, story, props }: { slot: string; story: ThemeStory; props: ThemeProps }) {
  if (slot === 'note') return <Note story={story} props={props} />;
  const Block = slot === 'lead' ? Lead : slot === 'brief' ? Brief : Item;
  return (
    <>
      <Block story={story} props={props} />
      {story.note ? <Beneath note={story.note} props={props} /> : null}
    </>
  );
}

/** What the editors say about a story. */
function Beneath({ note, props }: { note: ThemeNote; props: ThemeProps }) {
  const { Start } = sides(props.direction);
  return (
    <Section style={{ paddingBottom: '14px' }}>
      <Section style={{ [`border${Start}`]: `3px solid ${props.brand.colour}`, [`padding${Start}`]: '16px' }}>
        {note.title ? (
          <Text
            className="ink"
            style={{ ...text(16, 24), ...body(props), margin: '0 0 4px', fontWeight: 700, color: '#1d1a16' }}
          >
            {note.title}
          </Text>
        ) : null}
        <NoteWords note={note} style={{ ...text(16, 25), ...body(props) }} accent={props.brand.textColour} />
      </Section>
    </Section>
  );
}

function Lead({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  return (
    <Section style={{ paddingTop: '10px', paddingBottom: '8px' }}>
      {story.image ? (
        <Link href={story.url} style={{ display: 'block', textDecoration: 'none' }}>
          <Img {...pictureOf(story.image, 552)} className="picture" style={leadPicture(props)} />
        </Link>
      ) : null}
      <Heading as="h2" className="lead-title" style={{ ...leadTitle, ...heading(props) }}>
        <Link className="ink" href={story.url} style={titleLink}>
          {story.title}
        </Link>
      </Heading>
      {story.dek ? (
        <Text className="body" style={{ ...text(19, 30), ...body(props), margin: '0 0 10px' }}>
          {story.dek}
        </Text>
      ) : null}
      <Facts story={story} props={props} />
      <ReadMore story={story} props={props} />
      <Related story={story} props={props} />
    </Section>
  );
}

function Item({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  const { Start } = sides(props.direction);
  return (
    <Section className="rule" style={{ borderTop: hairline, padding: '14px 0 18px' }}>
      <Rows>
        <tr>
          <td valign="top">
            <Heading as="h3" style={{ ...itemTitle, ...heading(props) }}>
              <Link className="ink" href={story.url} style={{ ...titleLink, padding: '9px 0' }}>
                {story.title}
              </Link>
            </Heading>
            {story.dek ? (
              <Text className="body" style={{ ...text(17, 26), ...body(props), margin: '0 0 6px' }}>
                {story.dek}
              </Text>
            ) : null}
            <Facts story={story} props={props} />
          </td>
          {story.image ? (
            <td
              valign="top"
              width="140"
              className="thumb"
              style={{ width: '140px', [`padding${Start}`]: '24px', paddingTop: '10px' }}
            >
              <Link href={story.url} style={{ display: 'block', textDecoration: 'none' }}>
                <Img {...pictureOf(story.image, 140)} className="picture" style={thumbnail(props)} />
              </Link>
            </td>
          ) : null}
        </tr>
        {story.related.length > 0 ? (
          <tr>
            <td colSpan={story.image ? 2 : 1}>
              <Related story={story} props={props} />
            </td>
          </tr>
        ) : null}
      </Rows>
    </Section>
  );
}

function Brief({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  return (
    <Section className="rule" style={{ borderTop: hairline }}>
      <Link
        className="ink"
        href={story.url}
        style={{ ...titleLink, padding: '11px 0 12px', ...text(18, 24), ...heading(props) }}
      >
        {story.title}
        <span className="quiet" style={{ ...fine, fontWeight: 400 }}>
          {' '}
          {story.publisher}
        </span>
      </Link>
    </Section>
  );
}

function Note({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  const hasLink = story.url !== '' && story.url !== '#';
  return (
    <Section className="rule" style={{ borderTop: hairline, padding: '14px 0 8px' }}>
      {story.title ? (
        <Heading
          as="h3"
          className="ink"
          style={{ ...itemTitle, ...heading(props), fontStyle: 'italic', padding: '4px 0' }}
        >
          {story.title}
        </Heading>
      ) : null}
      {story.note ? (
        <NoteWords
          note={story.note}
          style={{ ...text(17, 27), ...body(props) }}
          accent={props.brand.textColour}
        />
      ) : (
        <Text className="body" style={{ ...text(17, 27), ...body(props), margin: 0, whiteSpace: 'pre-line' }}>
          {story.dek}
        </Text>
      )}
      {hasLink ? <ReadMore story={story} props={props} /> : null}
    </Section>
  );
}

function ReadMore({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  return (
    <Text style={{ margin: 0, fontFamily: sans, fontSize: '16px', lineHeight: '24px' }}>
      <Link
        className="accent"
        href={story.url}
        style={{ ...target, fontWeight: 600, color: props.brand.textColour, textDecoration: 'underline' }}
      >
        {props.words.readMore}
      </Link>
    </Text>
  );
}

function Facts({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  const isolated = [story.publisher, story.age, story.coverage].filter(Boolean);
  return (
    <Text className="quiet" style={{ ...fine, margin: 0 }}>
      {story.developing ? (
        <>
          <span className="accent" style={{ color: props.brand.textColour, fontWeight: 700 }}>
            {props.words.developing}
          </span>
          {`: ${story.developing} · `}
        </>
      ) : null}
      {isolated.join(' · ')}
    </Text>
  );
}

function Related({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  const { Start } = sides(props.direction);
  if (story.related.length === 0) return null;
  return (
    <Section style={{ paddingTop: '10px' }}>
      <Section
        className="rule"
        style={{ [`border${Start}`]: '3px solid #ddd6ca', [`padding${Start}`]: '16px' }}
      >
        {story.related.map((related) => (
          <Link
            key={related.url}
            className="ink"
            href={related.url}
            style={{ ...titleLink, padding: '2px 0 4px', ...text(16, 22), ...body(props), color: '#1d1a16' }}
          >
            <span
              className="quiet"
              style={{ ...fine, fontSize: '13px', display: 'block', lineHeight: '18px' }}
            >
              {related.label} · {related.publisher}
            </span>
            <span style={{ textDecoration: 'underline' }}>{related.title}</span>
          </Link>
        ))}
      </Section>
    </Section>
  );
}

function Footer({ props }: { props: ThemeProps }) {
  return <FooterLines props={props} fine={fine} target={target} ink="#1d1a16" above="20px" />;
}

const serif = "Charter, 'Bitstream Charter', 'Iowan Old Style', Georgia, 'Times New Roman', serif";
const sans = "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const hairline = '1px solid #ddd6ca';

const heading = ({ brand }: ThemeProps) => ({ fontFamily: brand.fonts.heading || serif });
const body = ({ brand }: ThemeProps) => ({ fontFamily: brand.fonts.body || serif, color: '#3a352e' });
const text = (size: number, line = Math.round(size * 1.5)) => ({
  fontSize: `${size}px`,
  lineHeight: `${line}px`,
});

const fine: CSSProperties = { fontFamily: sans, fontSize: '14px', lineHeight: '20px', color: '#6b645a' };
/** A line of its own that a finger can hit: 44 px. */
const target: CSSProperties = {
  display: 'inline-block',
  padding: '10px 0',
  lineHeight: '24px',
  color: '#6b645a',
  textDecoration: 'none',
};
const titleLink: CSSProperties = { display: 'block', color: '#1d1a16', textDecoration: 'none' };
const masthead: CSSProperties = {
  margin: 0,
  padding: '22px 0 6px',
  textAlign: 'center',
  fontSize: '54px',
  lineHeight: '58px',
  fontWeight: 700,
  letterSpacing: '-0.02em',
  color: '#1d1a16',
};
const motto: CSSProperties = {
  margin: '0 0 20px',
  textAlign: 'center',
  fontFamily: serif,
  fontStyle: 'italic',
  fontSize: '17px',
  lineHeight: '24px',
  color: '#6b645a',
};
const leadTitle: CSSProperties = {
  margin: '0 0 10px',
  fontSize: '38px',
  lineHeight: '43px',
  fontWeight: 700,
  letterSpacing: '-0.015em',
};
const itemTitle: CSSProperties = {
  margin: '0 0 2px',
  fontSize: '22px',
  lineHeight: '28px',
  fontWeight: 700,
  letterSpacing: '-0.005em',
};

/** What stands in for a picture that is not shown is a tinted field with its text. */
const picture: CSSProperties = {
  display: 'block',
  width: '100%',
  height: 'auto',
  minHeight: '44px',
  backgroundColor: '#e9e2d5',
  color: '#3a352e',
  fontFamily: sans,
  fontSize: '14px',
  lineHeight: '20px',
};
const leadPicture = ({ brand }: ThemeProps): CSSProperties => ({
  ...picture,
  maxWidth: '552px',
  marginBottom: '18px',
  borderRadius: `${brand.radius ?? 0}px`,
});
const thumbnail = ({ brand }: ThemeProps): CSSProperties => ({
  ...picture,
  maxWidth: '140px',
  borderRadius: `${brand.radius ?? 0}px`,
});

const cssFor = ({ brand, direction }: ThemeProps) => `
${direction === 'rtl' ? 'h1, h2, h3, p { letter-spacing: 0 !important; font-style: normal !important; } .masthead, .lead-title { line-height: 1.35 !important; }' : ''}
@media (max-width: 520px) {
  .inner > tbody > tr > td { padding: 6px 20px 32px !important; }
  .masthead { font-size: 40px !important; line-height: 44px !important; padding-top: 18px !important; }
  .lead-title { font-size: 29px !important; line-height: 34px !important; }
  .thumb { width: 96px !important; padding-${sides(direction).start}: 16px !important; }
}
@media (prefers-color-scheme: dark) {
  .page { background-color: #141210 !important; }
  .paper { background-color: #1e1b18 !important; }
  .ink { color: #f3eee6 !important; }
  .body { color: #dcd5ca !important; }
  .quiet { color: #b0a799 !important; }
  .rule { border-color: #3f3933 !important; }
  .edge { border-color: #f3eee6 !important; }
  .accent { color: ${brand.darkColour} !important; }
  .band { border-color: ${brand.darkColour} !important; }
  .picture { background-color: #38322c !important; color: #dcd5ca !important; }
}
[data-ogsc] .ink { color: #f3eee6 !important; }
[data-ogsc] .body { color: #dcd5ca !important; }
[data-ogsc] .quiet { color: #b0a799 !important; }
[data-ogsc] .accent { color: ${brand.darkColour} !important; }
[data-ogsb] .page { background-color: #141210 !important; }
[data-ogsb] .paper { background-color: #1e1b18 !important; }
`;

Broadsheet.PreviewProps = sampleProps satisfies ThemeProps;
