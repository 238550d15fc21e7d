import { Body, Button, Container, Head, Heading, Hr, Html, Link, Preview, Section, Text } from 'react-email';
import type { ConfirmMailProps } from '../src/delivery/transactional.ts';

/** Asks someone whether they really want a list: one question, one button, and the link in plain sight. */
export default function Confirm({
  listName,
  listDescription,
  senderName,
  confirmUrl,
  days,
}: ConfirmMailProps) {
  return (
    <Html lang="en">
      <Head>
        <title>{`Please confirm your subscription to ${listName}`}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <style>{css}</style>
      </Head>
      <Body className="page" style={styles.page}>
        <Preview>One click, and {listName} is yours. If you did not ask for it, do nothing.</Preview>
        <Container className="paper" style={styles.paper}>
          <Section className="inner" style={styles.inner}>
            <Text className="ink" style={styles.masthead}>
              {listName}
            </Text>
            {listDescription ? (
              <Text className="quiet" style={styles.motto}>
                {listDescription}
              </Text>
            ) : null}
            <Hr className="rule" style={styles.doubleRule} />
            <Heading as="h1" className="ink" style={styles.title}>
              One click to confirm
            </Heading>
            <Text className="body" style={styles.body}>
              Someone, we hope you, asked for {listName} to be sent to this address. Please confirm that you
              want it, and it will come with the next edition.
            </Text>
            <Section style={styles.action}>
              <Button className="button" href={confirmUrl} style={styles.button}>
                Confirm my subscription
              </Button>
            </Section>
            <Text className="quiet" style={styles.small}>
              If the button does not work, open this address in your browser:
              <br />
              <Link className="accent" href={confirmUrl} style={styles.link}>
                {confirmUrl}
              </Link>
            </Text>
            <Hr className="rule" style={styles.rule} />
            <Text className="quiet" style={styles.small}>
              The link works for {days} days. If you did not ask for this, do nothing: you will get no
              newsletter, and this address stays off the list.
            </Text>
            <Text className="quiet" style={styles.sender}>
              {senderName}
            </Text>
          </Section>
        </Container>
      </Body>
    </Html>
  );
}

const serif = "'Iowan Old Style', 'Palatino Linotype', Palatino, Georgia, 'Times New Roman', serif";
const sans = "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";

const styles = {
  page: { margin: 0, padding: '32px 0', backgroundColor: '#ece8e1', fontFamily: sans, color: '#1d1a16' },
  paper: { maxWidth: '560px', width: '100%', margin: '0 auto', backgroundColor: '#fffdf9' },
  inner: { padding: '36px 48px 32px' },
  masthead: {
    margin: 0,
    textAlign: 'center',
    fontFamily: serif,
    fontSize: '26px',
    lineHeight: '32px',
    fontWeight: 700,
    letterSpacing: '-0.01em',
    color: '#1d1a16',
  },
  motto: {
    margin: '4px 0 0',
    textAlign: 'center',
    fontFamily: serif,
    fontStyle: 'italic',
    fontSize: '15px',
    lineHeight: '22px',
    color: '#6b645a',
  },
  doubleRule: { margin: '18px 0 30px', border: 0, borderTop: '3px double #1d1a16', width: '100%' },
  rule: { margin: '28px 0 20px', border: 0, borderTop: '1px solid #dcd5ca', width: '100%' },
  title: {
    margin: '0 0 12px',
    fontFamily: serif,
    fontSize: '30px',
    lineHeight: '36px',
    fontWeight: 700,
    letterSpacing: '-0.015em',
    color: '#1d1a16',
  },
  body: { margin: 0, fontSize: '17px', lineHeight: '27px', color: '#3a352e' },
  action: { margin: '26px 0 24px' },
  button: {
    display: 'inline-block',
    padding: '15px 28px',
    backgroundColor: '#8a2b1d',
    color: '#ffffff',
    fontSize: '17px',
    lineHeight: '22px',
    fontWeight: 600,
    textDecoration: 'none',
    borderRadius: '3px',
  },
  small: { margin: 0, fontSize: '14px', lineHeight: '22px', color: '#6b645a' },
  link: { color: '#8a2b1d', textDecoration: 'underline', wordBreak: 'break-all' },
  sender: { margin: '14px 0 0', fontFamily: serif, fontSize: '15px', lineHeight: '22px', color: '#6b645a' },
} as const;

const css = `
@media (max-width: 480px) {
  .page, .page > table > tbody > tr > td { padding: 0 !important; }
  .inner > tbody > tr > td { padding: 28px 22px 28px !important; }
  .button { display: block !important; text-align: center !important; }
}
@media (prefers-color-scheme: dark) {
  .page, .page > table > tbody > tr > td { background-color: #141210 !important; }
  .paper { background-color: #1e1b18 !important; }
  .ink { color: #f3eee6 !important; border-color: #f3eee6; }
  .body { color: #d9d2c7 !important; }
  .quiet { color: #a89f92 !important; }
  .rule { border-color: #3c3630 !important; }
  .accent { color: #f0a08f !important; }
}
[data-ogsc] .ink { color: #f3eee6 !important; }
[data-ogsc] .body { color: #d9d2c7 !important; }
[data-ogsc] .quiet { color: #a89f92 !important; }
[data-ogsb] .paper { background-color: #1e1b18 !important; }
`;

Confirm.PreviewProps = {
  listName: 'The Harbour Letter',
  listDescription: 'What happened on the coast this week, told in ten minutes.',
  senderName: 'The Harbour Letter',
  confirmUrl: 'https://news.example.com/confirm/12-3-1795766400-8c1f0b2e6a4d9375c0aa41e2b7d803',
  days: 7,
} satisfies ConfirmMailProps;
