import type { eld } from 'eld/small';

let loaded: Promise<Pick<typeof eld, 'detect'>> | undefined;

/** Its tables take more than 100 MB, which processes that take no stories in should not have. */
function detector() {
  loaded ??= import('eld/small').then((module) => module.eld);
  return loaded;
}

// So much text is told reliably. A headline alone may look like a neighbour of its language.
const enoughCharacters = 120;
const readCharacters = 600;
const leastShare = 0.6;

/** What a story's language is told by. */
export interface Spoken {
  title: string;
  dek: string;
  bodyText: string;
}

/**
 * Tells the languages of stories that do not say theirs, by the text. Where they come from one source, a short text is
 * taken to be in the language that most of the source's texts are in.
 * @param oneSource whether they all come from one source
 * @returns ISO 639-1 codes; null where it cannot be told
 */
export async function detectLanguages(stories: Spoken[], oneSource: boolean): Promise<(string | null)[]> {
  const languages = await detector();
  const found = stories.map((story) => {
    const text = `${story.title}. ${story.dek} ${story.bodyText}`.slice(0, readCharacters);
    const result = languages.detect(text);
    return {
      language: result.language || null,
      sure: result.isReliable() && text.length >= enoughCharacters,
      plausible: result.isReliable() ? result.language || null : null,
    };
  });
  const usual = oneSource ? mostOften(found.map(({ language }) => language)) : null;
  return found.map(({ language, sure, plausible }) => (sure ? language : (usual ?? plausible)));
}

/** The value that most of several have; null if none has. */
function mostOften(languages: (string | null)[]): string | null {
  const counts = new Map<string, number>();
  for (const language of languages) if (language) counts.set(language, (counts.get(language) ?? 0) + 1);
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most && languages.length >= 3 && most[1] / languages.length >= leastShare ? most[0] : null;
}
