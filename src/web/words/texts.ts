import type { english } from './en.ts';

/** All that the public pages say in one language. */
export type PageTexts = Record<keyof typeof english, string>;
