import type { SourceChanges } from '../../../stories/edit-source.ts';
import type { Source } from '../../../stories/sources.ts';
import type { SourceSay } from './list-page.tsx';

/** A source's settings as they stand in a form. */
export interface SourceForm {
  /** Its stories are sent to us: it has no address. */
  isApi: boolean;
  address: string;
  name: string;
  publisher: string;
  topics: string;
  language: string;
  weight: string;
  minutes: string;
}

/** What is wrong, by field; `form`: as a whole. */
export type WrongFields = Partial<Record<keyof SourceForm | 'form', string>>;

/** What a form holds. */
export function sourceFormOf(fields: Record<string, string[]>): SourceForm {
  const given = (name: string) => (fields[name]?.[0] ?? '').replaceAll('\0', '').toWellFormed().trim();
  return {
    isApi: false,
    address: given('address'),
    name: given('name'),
    publisher: given('publisher'),
    topics: given('topics'),
    language: given('language'),
    weight: given('weight'),
    minutes: given('minutes'),
  };
}

/** How a source's settings stand in its form. */
export const formOfSource = (
  source: Pick<
    Source,
    'kind' | 'url' | 'name' | 'publisher' | 'topics' | 'language' | 'weight' | 'interval_seconds'
  >,
): SourceForm => ({
  isApi: source.kind === 'api',
  address: source.url,
  name: source.name,
  publisher: source.publisher,
  topics: source.topics.join(', '),
  language: source.language ?? '',
  weight: String(source.weight),
  minutes: String(Math.max(1, Math.round(source.interval_seconds / 60))),
});

/** The fields as they are stamped: without the address, which a fetch may change when the source has moved. */
export const valuesOf = ({ isApi: _, address: _address, ...fields }: SourceForm): Record<string, string[]> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, [value]]));

/** What a form asks for, or what is wrong in it. */
export function changesOf(
  form: SourceForm,
  say: SourceSay,
): { changes: Omit<SourceChanges, 'address'> } | { wrong: WrongFields } {
  const weight = Number(form.weight.replace(',', '.') || '1');
  const minutes = Number(form.minutes || '15');
  const wrong: WrongFields = {
    ...(Number.isFinite(weight) && weight >= 0 && weight <= 1000 ? {} : { weight: say('notNumber') }),
    ...(Number.isInteger(minutes) && minutes >= 1 && minutes <= 43_200 ? {} : { minutes: say('notNumber') }),
  };
  if (Object.keys(wrong).length > 0) return { wrong };
  return {
    changes: {
      ...(form.name && { name: form.name }),
      ...(form.publisher && { publisher: form.publisher }),
      topics: form.topics
        .split(',')
        .map((topic) => topic.trim())
        .filter(Boolean)
        .slice(0, 30),
      language: form.language || null,
      weight,
      intervalSeconds: minutes * 60,
    },
  };
}

/** A web address as somebody typed it, with https:// where they left it out; undefined: it is none, and nothing on our disk either. */
export function webAddress(text: string): string | undefined {
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `https://${text}`;
  if (!/^https?:\/\//i.test(address) || !URL.canParse(address)) return undefined;
  const { hostname } = new URL(address);
  return /^[^.]+(\.[^.]+)+\.?$/.test(hostname) || (address === text && /^[^.]+$/.test(hostname))
    ? address
    : undefined;
}
