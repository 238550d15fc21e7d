import { type Policy, policySchema } from '../../../selection/policy.ts';
import { lists, numbers, type PolicySay, saidRule, weights } from './form.ts';

/** A field that two policies have differently, as a person reads it. */
export interface Difference {
  name: string;
  from: string;
  to: string;
}

/** Where two policies differ; defaults count as what they are. Documents that are no policy any more differ in nothing. */
export function differences(before: unknown, after: unknown, say: PolicySay): Difference[] {
  const [a, b] = [policySchema.safeParse(before), policySchema.safeParse(after)];
  if (!a.success || !b.success) return [];
  const [old, fresh] = [flat(a.data, say), flat(b.data, say)];
  const names = [...new Set([...old.keys(), ...fresh.keys()])];
  return names.flatMap((name) => {
    const [from, to] = [old.get(name) ?? say('nothing'), fresh.get(name) ?? say('nothing')];
    return from === to ? [] : [{ name, from, to }];
  });
}

function flat(policy: Policy, say: PolicySay): Map<string, string> {
  const told = { boost: say('boosts'), bury: say('buries'), block: say('blocks') };
  return new Map([
    ...numbers.map((name) => [say(name), String(policy[name])] as const),
    ...weights.map((name) => [say(name), String(policy.weights[name])] as const),
    ...lists.flatMap((name) =>
      policy[name].length > 0 ? [[say(name), policy[name].join(', ')] as const] : [],
    ),
    [
      say('slots'),
      policy.slots
        .map(({ name, count, topic, title }) => [`${name} ${count}`, topic, title].filter(Boolean).join(', '))
        .join(' · '),
    ] as const,
    ...(policy.about ? [[say('about'), policy.about.title] as const] : []),
    ...policy.rules.map(
      (rule) =>
        [
          `${told[rule.action]} ${saidRule(rule, say)}`,
          [rule.factor === undefined ? '✓' : say('times', { factor: String(rule.factor) }), rule.because]
            .filter(Boolean)
            .join(', '),
        ] as const,
    ),
  ]);
}
