import type { ReactNode } from 'react';
import { Body, Container, Head, Heading, Hr, Html, Img, Link, Preview, Section, Text } from 'react-email';
import type { ThemeProps, ThemeStory } from '../src/rendering/theme-props.ts';
import { sampleProps } from './preview/sample.ts';

/** A newspaper's front page: a masthead between rules, a lead with its picture, columns of serif text below. */
export default function Broadsheet(props: ThemeProps) {
  const { newsletter, edition, reader, words, brand } = props;
  return (
    <Html lang={props.language} dir={props.direction}>
      <Head>
        <title>{edition.subject}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <style>{css}</style>
      </Head>
      <Body className="page" style={styles.page}>
        <Preview>{edition.preheader}</Preview>
        <Container className="paper" style={styles.paper}>
          <Section style={styles.inner} className="inner">
            <Text className="quiet" style={styles.dateline}>
              {edition.date}
            </Text>
            <Heading as="h1" className="ink masthead" style={styles.masthead}>
              {newsletter.name}
            </Heading>
            {newsletter.description ? (
              <Text className="quiet" style={styles.motto}>
                {newsletter.description}
              </Text>
            ) : null}
            <Hr className="rule" style={styles.doubleRule} />

            {props.sections.map((section) => (
              <Fragment key={section.slot}>
                {section.open}
                {section.slot === 'lead' ? null : (
                  <Heading
                    as="h2"
                    className="ink"
                    style={{ ...styles.sectionTitle, borderTopColor: brand.colour }}
                  >
                    {section.title}
                  </Heading>
                )}
                {section.stories.map((story, index) => (
                  <Fragment key={`${section.slot}${index}`}>
                    {story.open}
                    {section.slot === 'lead' ? (
                      <Lead story={story} props={props} />
                    ) : section.slot === 'brief' ? (
                      <Brief story={story} />
                    ) : (
                      <Story story={story} props={props} />
                    )}
                    {story.close}
                  </Fragment>
                ))}
                {section.close}
              </Fragment>
            ))}

            <Hr className="rule" style={styles.doubleRule} />
            <Text className="quiet" style={styles.footer}>
              {reader.why}
            </Text>
            <Text className="quiet" style={styles.footerLinks}>
              <Link className="ink" href={reader.viewUrl} style={styles.footerLink}>
                {words.view}
              </Link>{' '}
              <Link className="ink" href={reader.preferencesUrl} style={styles.footerLink}>
                {words.preferences}
              </Link>{' '}
              <Link className="ink" href={reader.unsubscribeUrl} style={styles.footerLink}>
                {words.unsubscribe}
              </Link>
            </Text>
            {brand.footer ? (
              <Text className="quiet" style={styles.footer}>
                {brand.footer}
              </Text>
            ) : null}
          </Section>
        </Container>
      </Body>
    </Html>
  );
}

function Fragment({ children }: { children: ReactNode }) {
  return <>{children}</>;
}

function Lead({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  return (
    <Section style={styles.lead}>
      {story.image ? (
        <Link href={story.url}>
          <Img src={story.image.url} alt={story.image.alt} width="552" style={styles.leadImage} />
        </Link>
      ) : null}
      <Heading as="h2" style={styles.leadTitle}>
        <Link className="ink" href={story.url} style={styles.titleLink}>
          {story.title}
        </Link>
      </Heading>
      <Facts story={story} props={props} />
      {story.dek ? (
        <Text className="body" style={styles.leadDek}>
          {story.dek}
        </Text>
      ) : null}
      <Text style={styles.more}>
        <Link className="accent" href={story.url} style={{ ...styles.moreLink, color: props.brand.colour }}>
          {props.words.readMore}
        </Link>
      </Text>
      <Related story={story} />
    </Section>
  );
}

function Story({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  return (
    <Section className="rule" style={styles.story}>
      <Heading as="h3" style={styles.storyTitle}>
        <Link className="ink" href={story.url} style={styles.titleLink}>
          {story.title}
        </Link>
      </Heading>
      <Facts story={story} props={props} />
      {story.dek ? (
        <Text className="body" style={styles.dek}>
          {story.dek}
        </Text>
      ) : null}
      <Related story={story} />
    </Section>
  );
}

function Brief({ story }: { story: ThemeStory }) {
  return (
    <Section className="rule" style={styles.brief}>
      <Text style={styles.briefText}>
        <Link className="ink" href={story.url} style={styles.briefTitle}>
          {story.title}
        </Link>{' '}
        <span className="quiet" style={styles.briefPublisher}>
          {story.publisher}
        </span>
      </Text>
    </Section>
  );
}

function Facts({ story, props }: { story: ThemeStory; props: ThemeProps }) {
  return (
    <Text className="quiet" style={styles.facts}>
      {story.developing ? (
        <span className="accent" style={{ color: props.brand.colour, fontWeight: 700 }}>
          {props.words.developing}
          {' · '}
        </span>
      ) : null}
      {[story.publisher, story.age, story.coverage].filter(Boolean).join(' · ')}
    </Text>
  );
}

function Related({ story }: { story: ThemeStory }) {
  if (story.related.length === 0) return null;
  return (
    <Section className="related" style={styles.related}>
      {story.related.map((related) => (
        <Text key={related.url} style={styles.relatedText}>
          <span className="quiet" style={styles.relatedLabel}>
            {related.label}
          </span>{' '}
          <Link className="ink" href={related.url} style={styles.relatedLink}>
            {related.title}
          </Link>{' '}
          <span className="quiet" style={styles.briefPublisher}>
            {related.publisher}
          </span>
        </Text>
      ))}
    </Section>
  );
}

const serif = "Charter, 'Iowan Old Style', Georgia, 'Times New Roman', serif";
const sans = "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

const styles = {
  page: { margin: 0, padding: 0, backgroundColor: '#ece8e1', fontFamily: serif, color: '#1d1a16' },
  paper: { maxWidth: '640px', width: '100%', margin: '0 auto', backgroundColor: '#fffdf9' },
  inner: { padding: '28px 44px 36px' },
  dateline: {
    margin: 0,
    textAlign: 'center',
    fontFamily: sans,
    fontSize: '12px',
    lineHeight: '18px',
    letterSpacing: '0.04em',
    color: '#6b645a',
  },
  masthead: {
    margin: '6px 0 2px',
    textAlign: 'center',
    fontFamily: serif,
    fontSize: '44px',
    lineHeight: '48px',
    fontWeight: 700,
    letterSpacing: '-0.015em',
    color: '#1d1a16',
  },
  motto: {
    margin: '0 0 14px',
    textAlign: 'center',
    fontStyle: 'italic',
    fontSize: '15px',
    lineHeight: '22px',
    color: '#6b645a',
  },
  doubleRule: { margin: '12px 0 24px', border: 0, borderTop: '3px double #1d1a16', width: '100%' },
  sectionTitle: {
    margin: '8px 0 0',
    padding: '10px 0 12px',
    borderTop: '2px solid',
    fontFamily: sans,
    fontSize: '13px',
    lineHeight: '18px',
    fontWeight: 700,
    letterSpacing: '0.02em',
    color: '#1d1a16',
  },
  lead: { margin: '0 0 24px' },
  leadImage: { display: 'block', width: '100%', maxWidth: '552px', height: 'auto', marginBottom: '18px' },
  leadTitle: {
    margin: '0 0 8px',
    fontSize: '32px',
    lineHeight: '37px',
    fontWeight: 700,
    letterSpacing: '-0.01em',
    wordBreak: 'break-word',
  },
  titleLink: { color: '#1d1a16', textDecoration: 'none' },
  facts: { margin: '0 0 8px', fontFamily: sans, fontSize: '13px', lineHeight: '19px', color: '#6b645a' },
  leadDek: { margin: '0 0 10px', fontSize: '18px', lineHeight: '28px', color: '#3a352e' },
  more: { margin: '0 0 6px', fontFamily: sans, fontSize: '15px', lineHeight: '44px' },
  moreLink: { display: 'inline-block', minHeight: '44px', fontWeight: 600, textDecoration: 'underline' },
  story: { padding: '16px 0 14px', borderTop: '1px solid #ddd6ca' },
  storyTitle: {
    margin: '0 0 5px',
    fontSize: '21px',
    lineHeight: '27px',
    fontWeight: 700,
    wordBreak: 'break-word',
  },
  dek: { margin: '0 0 6px', fontSize: '16px', lineHeight: '25px', color: '#3a352e' },
  related: { margin: '8px 0 0', paddingLeft: '14px', borderLeft: '2px solid #ddd6ca' },
  relatedText: { margin: '0', padding: '5px 0', fontSize: '15px', lineHeight: '22px' },
  relatedLabel: { fontFamily: sans, fontSize: '12px', color: '#6b645a' },
  relatedLink: { color: '#1d1a16', textDecoration: 'underline' },
  brief: { borderTop: '1px solid #ddd6ca' },
  briefText: { margin: 0, padding: '11px 0', fontSize: '17px', lineHeight: '23px' },
  briefTitle: { color: '#1d1a16', textDecoration: 'none', fontWeight: 600 },
  briefPublisher: { fontFamily: sans, fontSize: '13px', color: '#6b645a', whiteSpace: 'nowrap' },
  footer: { margin: '0 0 6px', fontFamily: sans, fontSize: '13px', lineHeight: '20px', color: '#6b645a' },
  footerLinks: { margin: '0 0 6px', fontFamily: sans, fontSize: '13px', lineHeight: '44px' },
  footerLink: { display: 'inline-block', marginRight: '18px', color: '#1d1a16', textDecoration: 'underline' },
} as const;

const css = `
@media (max-width: 480px) {
  .inner > tbody > tr > td { padding: 20px 20px 28px !important; }
  .masthead { font-size: 34px !important; line-height: 38px !important; }
}
@media (prefers-color-scheme: dark) {
  .page, .page > table > tbody > tr > td { background-color: #141210 !important; }
  .paper { background-color: #1e1b18 !important; }
  .ink, .ink a { color: #f3eee6 !important; border-color: #f3eee6; }
  .body { color: #d9d2c7 !important; }
  .quiet { color: #a89f92 !important; }
  .rule, .related { border-color: #3c3630 !important; }
  .accent { color: #f0a08f !important; }
}
[data-ogsc] .ink { color: #f3eee6 !important; }
[data-ogsc] .body { color: #d9d2c7 !important; }
[data-ogsc] .quiet { color: #a89f92 !important; }
[data-ogsb] .paper { background-color: #1e1b18 !important; }
`;

Broadsheet.PreviewProps = sampleProps satisfies ThemeProps;
