import type { CSSProperties, ReactNode } from 'react';
import { Heading, Link, Section, Text } from 'react-email';
import { ActionButton, Page, sides } from './page.tsx';

interface LetterProps {
  language?: string;
  direction?: 'ltr' | 'rtl';
  /** The subject. */
  title: string;
  preheader: string;
  /** At the head: the list or newsletter that writes, and what it says of itself. */
  from: string;
  motto?: string;
  heading: string;
  sender: string;
  /** Beneath the rule, in small type. */
  small?: ReactNode;
  children: ReactNode;
}

/** The sheet on which Broadsheet writes to one person: a masthead, one thing to say, and who says it. */
export function Letter(props: LetterProps) {
  const { language = 'en', direction = 'ltr' } = props;
  return (
    <Page
      language={language}
      direction={direction}
      title={props.title}
      preheader={props.preheader}
      css={cssFor(direction)}
      background="#ebe6dd"
      paper="#fffdf9"
      width={560}
      padding="32px 0"
      outlookFont="Georgia,serif"
    >
      <Section className="inner" style={{ padding: '34px 48px 32px' }}>
        <Text className="ink" style={masthead}>
          {props.from}
        </Text>
        {props.motto ? (
          <Text className="quiet" style={motto}>
            {props.motto}
          </Text>
        ) : null}
        <Section style={{ padding: '18px 0 28px' }}>
          <div
            className="edge"
            style={{ ...rule, borderTop: '4px solid #1d1a16', borderBottom: '1px solid #1d1a16' }}
          >
            &nbsp;
          </div>
        </Section>
        <Heading as="h1" className="ink title" style={title}>
          {props.heading}
        </Heading>
        {props.children}
        <Section style={{ paddingTop: '30px' }}>
          <Section className="hairline" style={{ borderTop: '1px solid #ddd6ca', paddingTop: '18px' }}>
            {props.small}
            <Text
              className="quiet"
              style={{ ...small, fontFamily: serif, fontSize: '16px', marginTop: '8px' }}
            >
              {props.sender}
            </Text>
          </Section>
        </Section>
      </Section>
    </Page>
  );
}

/** A paragraph of the letter. */
export function Paragraph({ children }: { children: ReactNode }) {
  return (
    <Text
      className="body"
      style={{
        margin: '0 0 14px',
        fontFamily: serif,
        fontSize: '18px',
        lineHeight: '28px',
        color: '#3a352e',
      }}
    >
      {children}
    </Text>
  );
}

/** Small type, for what is beside the point. */
export function Small({ children }: { children: ReactNode }) {
  return (
    <Text className="quiet" style={small}>
      {children}
    </Text>
  );
}

/** The one thing to do. */
export function Action({ href, label }: { href: string; label: string }) {
  return (
    <Section style={{ padding: '10px 0 22px' }}>
      <ActionButton href={href} label={label} colour="#8a1c1c" onColour="#ffffff" font={sans} radius={3} />
    </Section>
  );
}

/** An address in plain sight, for those whose button does not work. */
export function PlainLink({ href }: { href: string }) {
  return (
    <Link
      className="accent"
      href={href}
      dir="ltr"
      style={{
        display: 'block',
        padding: '10px 0',
        fontFamily: sans,
        fontSize: '14px',
        lineHeight: '24px',
        color: '#8a1c1c',
        textDecoration: 'underline',
        wordBreak: 'break-all',
      }}
    >
      {href}
    </Link>
  );
}

/** The one thing to do, and the address for those whose button does not work. */
export function ActionWithAddress({
  href,
  label,
  otherwise = 'If the button does not work, open this address in your browser:',
}: {
  href: string;
  label: string;
  otherwise?: string;
}) {
  return (
    <>
      <Action href={href} label={label} />
      <Small>{otherwise}</Small>
      <PlainLink href={href} />
    </>
  );
}

/** Facts as they are, such as what an error said. */
export function Facts({
  facts,
  direction = 'ltr',
}: {
  facts: { name: string; value: string }[];
  direction?: 'ltr' | 'rtl';
}) {
  return (
    <Section style={{ padding: '4px 0 14px' }}>
      {facts.map(({ name, value }) => (
        <Section key={name} className="hairline" style={{ borderTop: '1px solid #ddd6ca' }}>
          <Text
            className="body"
            style={{
              margin: 0,
              padding: '9px 0',
              fontFamily: sans,
              fontSize: '15px',
              lineHeight: '22px',
              color: '#3a352e',
              textAlign: sides(direction).start,
              whiteSpace: 'pre-line',
            }}
          >
            <span
              className="quiet"
              style={{ display: 'block', fontSize: '13px', lineHeight: '18px', color: '#6b645a' }}
            >
              {name}
            </span>
            {value}
          </Text>
        </Section>
      ))}
    </Section>
  );
}

const serif = "Charter, 'Bitstream Charter', 'Iowan Old Style', Georgia, 'Times New Roman', serif";
const sans = "-apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";

const rule: CSSProperties = { height: '3px', lineHeight: '3px', fontSize: '1px' };
const masthead: CSSProperties = {
  margin: 0,
  textAlign: 'center',
  fontFamily: serif,
  fontSize: '29px',
  lineHeight: '35px',
  fontWeight: 700,
  letterSpacing: '-0.015em',
  color: '#1d1a16',
};
const motto: CSSProperties = {
  margin: '4px 0 0',
  textAlign: 'center',
  fontFamily: serif,
  fontStyle: 'italic',
  fontSize: '16px',
  lineHeight: '23px',
  color: '#6b645a',
};
const title: CSSProperties = {
  margin: '0 0 14px',
  fontFamily: serif,
  fontSize: '32px',
  lineHeight: '38px',
  fontWeight: 700,
  letterSpacing: '-0.015em',
  color: '#1d1a16',
};
const small: CSSProperties = {
  margin: '0 0 6px',
  fontFamily: sans,
  fontSize: '14px',
  lineHeight: '22px',
  color: '#6b645a',
};

const cssFor = (direction: string) => `
${direction === 'rtl' ? 'h1, p { letter-spacing: 0 !important; font-style: normal !important; }' : ''}
@media (max-width: 520px) {
  .around { padding: 0 !important; }
  .inner > tbody > tr > td { padding: 26px 22px !important; }
  .title { font-size: 28px !important; line-height: 34px !important; }
  .button { display: block !important; text-align: center !important; }
}
@media (prefers-color-scheme: dark) {
  .page { background-color: #141210 !important; }
  .paper { background-color: #1e1b18 !important; }
  .ink { color: #f3eee6 !important; }
  .body { color: #dcd5ca !important; }
  .quiet { color: #b0a799 !important; }
  .edge { border-color: #f3eee6 !important; }
  .hairline { border-color: #3f3933 !important; }
  .accent { color: #e99a8d !important; }
  .button { background-color: #e99a8d !important; color: #1d1a16 !important; }
}
[data-ogsc] .ink { color: #f3eee6 !important; }
[data-ogsc] .body { color: #dcd5ca !important; }
[data-ogsc] .quiet { color: #b0a799 !important; }
[data-ogsc] .accent { color: #e99a8d !important; }
[data-ogsb] .page { background-color: #141210 !important; }
[data-ogsb] .paper { background-color: #1e1b18 !important; }
`;
