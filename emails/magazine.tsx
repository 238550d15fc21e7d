import type { CSSProperties, ReactNode } from 'react';
import { Heading, Img, Link, Section, Text } from 'react-email';
import type { ThemeNote, ThemeProps, ThemeSection, ThemeStory } from '../src/rendering/theme-props.ts';
import { FooterLines } from './parts/footer.tsx';
import { NoteWords } from './parts/note-words.tsx';
import { ActionButton, Page, Rows, sides } from './parts/page.tsx';
import { pictureOf } from './parts/picture.ts';
import { sampleProps } from './preview/sample.ts';

/** Pictures lead: a band in the newsletter's colour, a cover from edge to edge, and a wide picture over each story. */
export default function Magazine(props: ThemeProps) {
  const { edition, reader, words, brand } = props;
  const { start, end } = sides(props.direction);
  return (
    <Page
      language={props.language}
      direction={props.direction}
      title={edition.subject}
      preheader={edition.preheader}
      stylesheets={brand.fonts.stylesheets}
      css={cssFor(props)}
      background="#ecebe8"
      paper="#ffffff"
      width={640}
      outlookFont="'Segoe UI',Arial,sans-serif"
    >
      <Section
        className="cover inner"
        bgcolor={brand.colour}
        style={{ backgroundColor: brand.colour, padding: '10px 40px 26px' }}
      >
        <Rows>
          <tr>
            {/* As high as the link beside it, which the archive's page is without. */}
            <td className="on-cover" height={44} style={{ ...fine, color: brand.onColour, textAlign: start }}>
              {edition.date}
            </td>
            <td style={{ ...fine, textAlign: end }}>
              <Link className="on-cover" href={reader.viewUrl} style={{ ...target, color: brand.onColour }}>
                {words.view}
              </Link>
            </td>
          </tr>
        </Rows>
        <Masthead props={props} />
      </Section>

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

      <Footer props={props} />
    </Page>
  );
}

function Fragment({ children }: { children: ReactNode }) {
  return <>{children}</>;
}

function Masthead({ props }: { props: ThemeProps }) {
  const { newsletter, brand } = props;
  const { logo } = brand;
  return (
    <>
      <Heading
        as="h1"
        className="on-cover masthead"
        style={{ ...masthead, ...heading(props), color: brand.onColour }}
      >
        {logo ? (
          <Img
            src={logo.url}
            alt={logo.alt || newsletter.name}
            width={logo.width}
            style={{ width: `${logo.width}px`, maxWidth: '100%', height: 'auto' }}
          />
        ) : (
          newsletter.name
        )}
      </Heading>
      {newsletter.description ? (
        <Text
          className="on-cover"
          style={{ ...text(17, 25), ...body(props), color: brand.onColour, margin: '4px 0 0' }}
        >
          {newsletter.description}
        </Text>
      ) : null}
    </>
  );
}

function SectionTitle({ section, props }: { section: ThemeSection; props: ThemeProps }) {
  if (section.slot === 'lead') return null;
  return (
    <Section className="inner" style={{ padding: '44px 40px 0' }}>
      <Heading
        as="h2"
        className="ink"
        style={{
          ...text(28, 34),
          ...heading(props),
          margin: 0,
          fontWeight: 700,
          letterSpacing: '-0.02em',
          color: ink,
        }}
      >
        {section.title}
      </Heading>
    </Section>
  );
}

function Story({ slot, story, props }: { slot: string; story: ThemeStory; props: ThemeProps }) {
  if (slot === 'note') return <Note story={story} props={props} />;
  const Block = slot === 'lead' ? Cover : slot === 'top' ? Feature : slot === 'brief' ? Brief : Beside;
  return (
    <>
      <Block story={story} props={props} />
      {story.note ? <Beneath note={story.note} props={props} /> : null}
    </>
  );
}

/** What the editors say about a story. */
function Beneath({ note, props }: { note: ThemeNote; props: ThemeProps }) {
  const radius = `${props.brand.radius ?? 6}px`;
  return (
    <Section className="inner" style={{ padding: '0 40px 14px' }}>
      <Section
        className="panel"
        bgcolor="#f4f3f0"
        style={{ backgroundColor: '#f4f3f0', borderRadius: radius, padding: '14px 20px 6px' }}
      >
        {note.title ? (
          <Text
            className="ink"
            style={{ ...text(16, 24), ...body(props), margin: '0 0 4px', fontWeight: 700, color: ink }}
          >
            {note.title}
          </Text>
        ) : null}
        <NoteWords note={note} style={{ ...text(16, 25), ...body(props) }} accent={props.brand.textColour} />
      </Section>
    </Section>
  );
}

function Cover({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  const { brand } = props;
  return (
    <Section>
      <Picture story={story} width={640} radius={0} />
      <Section className="inner" style={{ padding: '30px 40px 8px' }}>
        <Heading as="h2" className="cover-title" style={{ ...coverTitle, ...heading(props) }}>
          <Link className="ink" href={story.url} style={titleLink}>
            {story.title}
          </Link>
        </Heading>
        {story.dek ? (
          <Text className="body" style={{ ...text(19, 30), ...body(props), margin: '0 0 12px' }}>
            {story.dek}
          </Text>
        ) : null}
        <Facts story={story} props={props} />
        <Section style={{ paddingTop: '20px', paddingBottom: '10px' }}>
          <ActionButton
            href={story.url}
            label={props.words.readMore}
            colour={brand.colour}
            onColour={brand.onColour}
            font={brand.fonts.body || sans}
            radius={brand.radius ?? 6}
          />
        </Section>
        <Related story={story} props={props} />
      </Section>
    </Section>
  );
}

function Feature({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  return (
    <Section className="inner" style={{ padding: '22px 40px 14px' }}>
      <Picture story={story} width={560} radius={props.brand.radius ?? 6} />
      <Section
        className="band"
        style={
          story.image
            ? { paddingTop: '12px' }
            : { borderTop: `4px solid ${props.brand.colour}`, paddingTop: '8px' }
        }
      >
        <Words story={story} props={props} title={featureTitle} />
      </Section>
    </Section>
  );
}

function Words({ story, props, title }: { story: ThemeStory; props: ThemeProps; title: CSSProperties }) {
  return (
    <>
      <Heading as="h3" style={{ ...title, ...heading(props) }}>
        <Link className="ink" href={story.url} style={{ ...titleLink, padding: '9px 0' }}>
          {story.title}
        </Link>
      </Heading>
      <Dek story={story} props={props} />
      <Facts story={story} props={props} />
      <Related story={story} props={props} />
    </>
  );
}

/** A picture beside the text; above it on a phone. Outlook for Windows, which knows no inline blocks, gets a table. */
function Beside({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  const { Start } = sides(props.direction);
  const words = <Words story={story} props={props} title={besideTitle} />;
  return (
    <Section className="inner" style={{ padding: '20px 40px 10px' }}>
      {story.image ? (
        <Rows>
          <tr>
            <td className="stack" valign="top" width="220" style={{ width: '220px', paddingTop: '6px' }}>
              <Picture story={story} width={220} radius={props.brand.radius ?? 6} />
            </td>
            <td className="stack stack-text" valign="top" style={{ [`padding${Start}`]: '24px' }}>
              {words}
            </td>
          </tr>
        </Rows>
      ) : (
        words
      )}
    </Section>
  );
}

function Brief({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  return (
    <Section className="inner" style={{ padding: '0 40px' }}>
      <Section className="rule" style={{ borderBottom: '1px solid #dddbd6' }}>
        <Link
          className="ink"
          href={story.url}
          style={{
            ...titleLink,
            padding: '14px 0 14px',
            ...text(18, 25),
            ...heading(props),
            fontWeight: 600,
          }}
        >
          {story.title}
          <span className="quiet" style={{ ...fine, display: 'block', fontWeight: 400 }}>
            {[story.publisher, story.age].filter(Boolean).join(' · ')}
          </span>
        </Link>
      </Section>
    </Section>
  );
}

function Note({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  const radius = `${props.brand.radius ?? 6}px`;
  return (
    <Section className="inner" style={{ padding: '18px 40px 4px' }}>
      <Section
        className="panel"
        bgcolor="#f4f3f0"
        style={{ backgroundColor: '#f4f3f0', borderRadius: radius, padding: '20px 24px 18px' }}
      >
        {story.title ? (
          <Heading
            as="h3"
            className="ink"
            style={{ ...besideTitle, ...heading(props), margin: '0 0 6px', color: ink }}
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
          <Text
            className="body"
            style={{ ...text(17, 27), ...body(props), margin: 0, whiteSpace: 'pre-line' }}
          >
            {story.dek}
          </Text>
        )}
        {story.url !== '' && story.url !== '#' ? (
          <Link
            className="accent"
            href={story.url}
            style={{
              ...target,
              ...text(16, 24),
              color: props.brand.textColour,
              fontWeight: 600,
              textDecoration: 'underline',
            }}
          >
            {props.words.readMore}
          </Link>
        ) : null}
      </Section>
    </Section>
  );
}

function Picture({ story, width, radius }: { story: ThemeStory; width: number; radius: number }) {
  if (!story.image) return null;
  return (
    <Link href={story.url} style={{ display: 'block', textDecoration: 'none' }}>
      <Img
        {...pictureOf(story.image, width)}
        className="picture"
        style={{ ...picture, borderRadius: `${radius}px` }}
      />
    </Link>
  );
}

function Dek({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  if (!story.dek) return null;
  return (
    <Text className="body" style={{ ...text(17, 26), ...body(props), margin: '0 0 8px' }}>
      {story.dek}
    </Text>
  );
}

function Facts({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  return (
    <Text className="quiet" style={{ ...fine, margin: 0 }}>
      {story.developing ? (
        <>
          <span className="accent" style={{ color: props.brand.textColour, fontWeight: 600 }}>
            {props.words.developing}
          </span>
          {`: ${story.developing} · `}
        </>
      ) : null}
      {[story.publisher, story.age, story.coverage].filter(Boolean).join(' · ')}
    </Text>
  );
}

function Related({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  if (story.related.length === 0) return null;
  return (
    <Section style={{ paddingTop: '12px' }}>
      {story.related.map((related) => (
        <Section key={related.url} className="rule" style={{ borderTop: '1px solid #dddbd6' }}>
          <Link
            className="ink"
            href={related.url}
            style={{ ...titleLink, padding: '9px 0 11px', ...text(16, 23), ...body(props), color: ink }}
          >
            <span className="quiet" style={{ ...fine, display: 'block', lineHeight: '20px' }}>
              {related.label} · {related.publisher}
            </span>
            {related.title}
          </Link>
        </Section>
      ))}
    </Section>
  );
}

function Footer({ props }: { props: ThemeProps }) {
  return (
    <Section style={{ paddingTop: '48px' }}>
      <Section
        className="panel inner"
        bgcolor="#f4f3f0"
        style={{ backgroundColor: '#f4f3f0', padding: '26px 40px 34px' }}
      >
        <Text className="body" style={{ ...text(16, 24), ...body(props), margin: '0 0 4px' }}>
          {props.reader.greeting}
        </Text>
        <FooterLines props={props} fine={fine} target={target} ink={ink} />
      </Section>
    </Section>
  );
}

const sans = "'Avenir Next', 'Segoe UI', Roboto, 'Helvetica Neue', Helvetica, Arial, sans-serif";
const ink = '#17181a';

const heading = ({ brand }: ThemeProps) => ({ fontFamily: brand.fonts.heading || sans });
const body = ({ brand }: ThemeProps) => ({ fontFamily: brand.fonts.body || sans, color: '#3b3d40' });
const text = (size: number, line: number) => ({ fontSize: `${size}px`, lineHeight: `${line}px` });

const fine: CSSProperties = { fontFamily: sans, fontSize: '14px', lineHeight: '21px', color: '#5f6266' };
/** A line of its own that a finger can hit: 44 px. */
const target: CSSProperties = {
  display: 'inline-block',
  padding: '10px 0',
  fontFamily: sans,
  lineHeight: '24px',
  textDecoration: 'none',
};
const titleLink: CSSProperties = { display: 'block', color: ink, textDecoration: 'none' };
const masthead: CSSProperties = {
  margin: 0,
  padding: '26px 0 0',
  fontSize: '50px',
  lineHeight: '54px',
  fontWeight: 700,
  letterSpacing: '-0.035em',
};
const coverTitle: CSSProperties = {
  margin: '0 0 14px',
  fontSize: '42px',
  lineHeight: '46px',
  fontWeight: 700,
  letterSpacing: '-0.03em',
};
const featureTitle: CSSProperties = {
  margin: '0 0 2px',
  fontSize: '26px',
  lineHeight: '32px',
  fontWeight: 700,
  letterSpacing: '-0.02em',
};
const besideTitle: CSSProperties = {
  margin: '0 0 2px',
  fontSize: '20px',
  lineHeight: '26px',
  fontWeight: 700,
  letterSpacing: '-0.01em',
};

/** What stands in for a picture that is not shown is a tinted field with its text. */
const picture: CSSProperties = {
  display: 'block',
  width: '100%',
  height: 'auto',
  minHeight: '44px',
  backgroundColor: '#e2e0db',
  color: '#3b3d40',
  fontFamily: sans,
  fontSize: '15px',
  lineHeight: '24px',
};

const cssFor = ({ brand, direction }: ThemeProps) => `
${direction === 'rtl' ? 'h1, h2, h3 { letter-spacing: 0 !important; } .masthead, .cover-title { line-height: 1.35 !important; }' : ''}
@media (max-width: 520px) {
  .inner > tbody > tr > td { padding-left: 20px !important; padding-right: 20px !important; }
  .masthead { font-size: 38px !important; line-height: 42px !important; }
  .cover-title { font-size: 32px !important; line-height: 37px !important; }
  .stack { display: block !important; width: 100% !important; box-sizing: border-box; }
  .stack-text { padding: 8px 0 0 !important; }
}
@media (prefers-color-scheme: dark) {
  .page { background-color: #0e0f10 !important; }
  .paper { background-color: #18191b !important; }
  .ink { color: #f4f4f2 !important; }
  .body { color: #d6d7d8 !important; }
  .quiet { color: #a6a9ad !important; }
  .rule { border-color: #35373a !important; }
  .panel { background-color: #232527 !important; }
  .accent { color: ${brand.darkColour} !important; }
  .band { border-color: ${brand.darkColour} !important; }
  .picture { background-color: #35373a !important; color: #d6d7d8 !important; }
  .button { background-color: ${brand.darkColour} !important; color: ${brand.onDarkColour} !important; }
}
[data-ogsc] .ink { color: #f4f4f2 !important; }
[data-ogsc] .body { color: #d6d7d8 !important; }
[data-ogsc] .quiet { color: #a6a9ad !important; }
[data-ogsc] .accent { color: ${brand.darkColour} !important; }
[data-ogsc] .button { color: ${brand.onDarkColour} !important; }
[data-ogsb] .button { background-color: ${brand.darkColour} !important; }
[data-ogsb] .page { background-color: #0e0f10 !important; }
[data-ogsb] .paper { background-color: #18191b !important; }
[data-ogsb] .panel { background-color: #232527 !important; }
`;

Magazine.PreviewProps = sampleProps satisfies ThemeProps;
