import type { CSSProperties } from 'react';
import { Fragment } from 'react';
import { Link, Text } from 'react-email';
import type { ThemeProps } from '../../src/rendering/theme-props.ts';
import { sides } from './page.tsx';

interface FooterProps {
  props: ThemeProps;
  /** Small type, and how a link is made large enough for a finger. */
  fine: CSSProperties;
  target: CSSProperties;
  ink: string;
  /** Above why the reader gets the mail. */
  above?: string;
}

/** What stands at the foot of every mail: why it comes, the links to change or end that, and who sends it. */
export function FooterLines({ props, fine, target, ink, above = '0' }: FooterProps) {
  const { reader, words, brand } = props;
  const links = [
    { name: words.share, url: reader.shareUrl },
    { name: words.preferences, url: reader.preferencesUrl },
    { name: words.unsubscribe, url: reader.unsubscribeUrl },
    ...brand.social,
  ];
  return (
    <>
      <Text className="quiet" style={{ ...fine, margin: `${above} 0 4px` }}>
        {reader.why}
      </Text>
      <Text style={{ ...fine, margin: 0 }}>
        {links.map(({ name, url }) => (
          <Fragment key={name}>
            <Link
              className="ink"
              href={url}
              style={{
                ...target,
                [`margin${sides(props.direction).End}`]: '22px',
                color: ink,
                textDecoration: 'underline',
              }}
            >
              {name}
            </Link>{' '}
          </Fragment>
        ))}
      </Text>
      {brand.footer ? (
        <Text className="quiet" style={{ ...fine, margin: '4px 0 0', whiteSpace: 'pre-line' }}>
          {brand.footer}
        </Text>
      ) : null}
    </>
  );
}
