import { type Policy, policySchema } from '../../../selection/policy.ts';
import { type Rule, ruleSchema } from '../../../selection/rules.ts';
import type { Speak } from '../words/words.ts';
import type { policyTexts } from './words.ts';

export type PolicySay = Speak<keyof (typeof policyTexts)['en']>;

/** What is wrong, by the path of the field, as in `weights.coverage` and `slots.1.count`; `''`: the whole. */
export type Wrong = Record<string, string>;

export const numbers = [
  'windowHours',
  'minimumStories',
  'candidates',
  'halfLifeHours',
  'diversity',
  'exploration',
  'related',
] as const;
export const lists = ['topics', 'withoutTopics', 'languages'] as const;
export const weights = ['coverage', 'freshness', 'prominence', 'engagement'] as const;
const spareSlots = 2;

/** A policy as it stands in a form: each field as it was written. */
export interface PolicyForm {
  fields: Record<string, string>;
  slots: { name: string; count: string; topic: string; title: string }[];
  json: string;
}

/** A policy as a form shows it, with places for two more slots. */
export function formOfPolicy(policy: Policy, document: unknown): PolicyForm {
  return {
    fields: {
      ...Object.fromEntries(numbers.map((name) => [name, String(policy[name])])),
      ...Object.fromEntries(lists.map((name) => [name, policy[name].join(', ')])),
      ...Object.fromEntries(weights.map((name) => [`weights.${name}`, String(policy.weights[name])])),
    },
    slots: [
      ...policy.slots.map(({ name, count, topic = '', title = '' }) => ({
        name,
        count: String(count),
        topic,
        title,
      })),
      ...emptySlots(spareSlots),
    ],
    json: JSON.stringify(document, null, 2),
  };
}

const emptySlots = (count: number) =>
  Array.from({ length: count }, () => ({ name: '', count: '', topic: '', title: '' }));

type Posted = Record<string, string[]>;

const given = (posted: Posted, name: string) =>
  (posted[name]?.[0] ?? '').replaceAll('\0', '').toWellFormed().trim();

/** What was sent, to be shown again if it is wrong. */
export function postedForm(posted: Posted): PolicyForm {
  const names = [...numbers, ...lists, ...weights.map((name) => `weights.${name}`)];
  const at = (column: string, row: number) =>
    (posted[`slots.${column}`]?.[row] ?? '').replaceAll('\0', '').toWellFormed().trim();
  const rows = Math.min(12, posted['slots.name']?.length ?? 0);
  return {
    fields: Object.fromEntries(names.map((name) => [name, given(posted, name)])),
    slots: Array.from({ length: rows }, (_, row) => ({
      name: at('name', row),
      count: at('count', row),
      topic: at('topic', row),
      title: at('title', row),
    })),
    json: given(posted, 'json'),
  };
}

/**
 * The policy that a form describes.
 * @param stored the document of which the form shows a part: rules, and what the newsletter is about, stay
 */
export function policyOfForm(form: PolicyForm, stored: Record<string, unknown>, say: PolicySay): Read {
  const read = (text: string) => {
    if (text === '') return undefined;
    const value = Number(text.replace(',', '.'));
    return Number.isNaN(value) ? text : value;
  };
  const filled = form.slots.flatMap((slot, row) => (slot.name === '' ? [] : [{ slot, row }]));
  const document = {
    ...stored,
    ...Object.fromEntries(numbers.map((name) => [name, read(form.fields[name] ?? '')])),
    ...Object.fromEntries(
      lists.map((name) => [
        name,
        (form.fields[name] ?? '')
          .split(',')
          .map((each) => each.trim())
          .filter(Boolean),
      ]),
    ),
    weights: Object.fromEntries(weights.map((name) => [name, read(form.fields[`weights.${name}`] ?? '')])),
    slots: filled.map(({ slot: { name, count, topic, title } }) => ({
      name,
      count: read(count),
      ...(topic && { topic }),
      ...(title && { title }),
    })),
  };
  return checkedDocument(document, say, (path) =>
    // Rows that were left empty count in the form, and not in the policy.
    path[0] === 'slots' && typeof path[1] === 'number'
      ? ['slots', filled[path[1]]?.row ?? path[1], ...path.slice(2)]
      : path,
  );
}

/** The policy that a text in JSON is. */
export function policyOfJson(text: string, say: PolicySay): Read {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    return { wrong: { json: say('noJson', { reason: (error as Error).message }) } };
  }
  const read = checkedDocument(document, say, (path) => path);
  if (!('wrong' in read)) return read;
  return {
    wrong: {
      json: Object.entries(read.wrong)
        .map(([path, reason]) => (path ? `${path}: ${reason}` : reason))
        .join('\n'),
    },
  };
}

/** A policy that was read, or what is wrong with it. */
export type Read = { document: Record<string, unknown>; policy: Policy } | { wrong: Wrong };

function checkedDocument(
  document: unknown,
  say: PolicySay,
  place: (path: (string | number)[]) => (string | number)[],
): Read {
  // What is not given at all has its default.
  const whole = JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
  const parsed = policySchema.safeParse(whole);
  if (parsed.success) return { document: whole, policy: parsed.data };
  const wrong: Wrong = {};
  for (const issue of parsed.error.issues) {
    const path = place(issue.path.filter((part) => typeof part !== 'symbol') as (string | number)[]).join(
      '.',
    );
    wrong[path] ??= issueText(issue, say);
  }
  return { wrong };
}

type Issue = NonNullable<ReturnType<typeof policySchema.safeParse>['error']>['issues'][number];

function issueText(issue: Issue, say: PolicySay): string {
  if (issue.code === 'invalid_type' && issue.expected === 'number') return say('aNumber');
  if (issue.code === 'invalid_type' && issue.expected === 'int') return say('aWhole');
  if (issue.code === 'too_small' && issue.origin !== 'string')
    return say('atLeast', { minimum: Number(issue.minimum) });
  if (issue.code === 'too_big' && issue.origin !== 'string')
    return say('atMost', { maximum: Number(issue.maximum) });
  if (issue.code === 'unrecognized_keys') return say('unknownField', { name: issue.keys.join(', ') });
  return issue.message;
}

export const ruleFields = ['publisher', 'topic', 'author', 'keyword', 'host'] as const;

/** A rule as it stands in a form. */
export type RuleForm = Record<'action' | (typeof ruleFields)[number] | 'factor' | 'because', string>;

/** @param posted the fields of a form, or of an address */
export const ruleFormOf = (posted: Posted): RuleForm => ({
  action: given(posted, 'action') || 'boost',
  publisher: given(posted, 'publisher').slice(0, 200),
  topic: given(posted, 'topic').slice(0, 200),
  author: given(posted, 'author').slice(0, 200),
  keyword: given(posted, 'keyword').slice(0, 200),
  host: given(posted, 'host')
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/, '')
    .slice(0, 253),
  factor: given(posted, 'factor'),
  because: given(posted, 'because').slice(0, 200),
});

/** The rule that a form describes, or what is wrong in it, by field. */
export function ruleOfForm(form: RuleForm, say: PolicySay): { rule: Rule } | { wrong: Wrong } {
  if (ruleFields.every((name) => form[name] === '')) return { wrong: { '': say('ruleNeeds') } };
  const factor =
    form.factor === '' || form.action === 'block' ? undefined : Number(form.factor.replace(',', '.'));
  if (factor !== undefined && !(factor > 0 && factor <= 10)) return { wrong: { factor: say('aNumber') } };
  if (factor !== undefined && (form.action === 'boost') !== factor > 1)
    return { wrong: { factor: say('ruleFactor') } };
  const parsed = ruleSchema.safeParse({
    action: form.action,
    ...Object.fromEntries(ruleFields.flatMap((name) => (form[name] ? [[name, form[name]]] : []))),
    ...(factor !== undefined && { factor }),
    ...(form.because && { because: form.because }),
  });
  if (parsed.success) return { rule: parsed.data };
  return {
    wrong: Object.fromEntries(parsed.error.issues.map((issue) => [issue.path.join('.'), issue.message])),
  };
}

const ruleTexts = {
  publisher: 'ruleOf',
  topic: 'ruleOn',
  author: 'ruleBy',
  keyword: 'ruleWith',
  host: 'ruleAt',
} as const;

/** What a rule is about, in words. */
export const saidRule = (rule: Rule, say: PolicySay) =>
  ruleFields.flatMap((name) => (rule[name] ? [say(ruleTexts[name], { value: rule[name] })] : [])).join(', ');
