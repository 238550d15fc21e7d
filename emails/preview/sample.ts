import type { ThemeProps } from '../../src/rendering/theme-props.ts';
import english from './en.json' with { type: 'json' };

/** What React Email's preview server shows: an edition of an invented newsletter. */
export const sampleProps = english as ThemeProps;
