import type { DeskLanguage } from '../words/words.ts';

/** What a language is called in the desk's. @param tag a BCP 47 tag; what is none comes back as it is */
export function languageName(tag: string, language: DeskLanguage): string {
  try {
    return new Intl.DisplayNames([language], { type: 'language' }).of(tag) ?? tag;
  } catch {
    return tag;
  }
}
