import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { parseAddress } from '../address.ts';
import { parseLanguage, parseTimeZone } from '../personal-values.ts';
import type { Sql, Target } from './compile.ts';
import { countryOf, zonesOfCountries } from './countries.ts';
import { customTest } from './custom-test.ts';
import { eventTest } from './event-test.ts';
import type { Condition, Test } from './filter.ts';
import { rangeOf } from './moments.ts';
import { equality, existing, namesTest, opposite, plain, textTest, timeTest } from './sql-parts.ts';

/** A test of what belongs to the person, as SQL. */
export function personTest({ field, condition }: Test, target: Target): Sql {
  const column = (name: string) => sql.ref(`${target.alias}.${name}`);
  switch (field.name) {
    case 'email':
      return textTest(column('email_key'), condition, {
        spell: (value) => parseAddress(value).key,
        folded: true,
      });
    case 'domain':
      return textTest(sql`split_part(${column('email_key')}, '@', 2)`, condition, {
        spell: asciiDomain,
        folded: true,
      });
    case 'name':
      return textTest(column('name'), condition);
    case 'language':
      return languageTest(column('language'), condition);
    case 'time zone':
      return textTest(column('time_zone'), condition, { spell: parseTimeZone });
    case 'country':
      return countryTest(column('fields'), column('time_zone'), condition);
    case 'created':
      return timeTest(
        column('created_at'),
        condition,
        condition.is === 'when' ? rangeOf(condition.when, target.now) : undefined,
      );
    case 'tag':
      return namesTest(column('tags'), condition);
    case 'suppressed':
      return suppressedTest(condition, target);
    case 'opened':
    case 'clicked':
    case 'received':
      return eventTest(field.name, condition, target);
    case 'field':
      return customTest(column('fields'), field.custom ?? '', condition, target);
    default:
      throw new Error(`no field of a person: ${field.name}`);
  }
}

/** As addresses are compared: an international domain in ASCII. What is no domain is looked for as it is, and not found. */
function asciiDomain(written: string): string {
  const bare = written.replace(/^@/, '');
  try {
    return parseAddress(`someone@${bare}`).key.slice('someone@'.length);
  } catch {
    return bare;
  }
}

/** A language fits its own variants: `de` fits `de-AT`. */
function languageTest(column: RawBuilder<unknown>, condition: Condition): Sql {
  const equal = equality(condition);
  if (!equal) return textTest(column, condition);
  const tags = equal.values.map((value) => parseLanguage(value).toLowerCase());
  const test = plain(sql<SqlBool>`
    lower(${column}) = any(${tags}::text[]) or lower(${column}) like any(${tags.map((tag) => `${tag}-%`)}::text[])`);
  return equal.negated ? opposite(test) : test;
}

/** The custom field "country", by code or English name; without it, the country in which the time zone lies. */
function countryTest(fields: RawBuilder<unknown>, zone: RawBuilder<unknown>, condition: Condition): Sql {
  const own = sql`lower(trim(${fields} ->> 'country'))`;
  const equal = equality(condition);
  const countries = (equal?.values ?? []).flatMap((value) => countryOf(value) ?? []);
  const zones = equal ? countries.flatMap((country) => country.zones) : zonesOfCountries();
  const inZone = sql`coalesce(${zone} = any(${zones}::text[]), false)`;
  if (!equal) {
    const empty = plain(sql<SqlBool>`coalesce(${own}, '') = '' and not ${inZone}`);
    return condition.is === 'empty' && condition.not ? opposite(empty) : empty;
  }
  const spellings = countries.flatMap((country) => country.spellings);
  const test = plain(
    sql<SqlBool>`case when coalesce(${own}, '') = '' then ${inZone} else ${own} = any(${spellings}::text[]) end`,
  );
  return equal.negated ? opposite(test) : test;
}

/** Whether the address gets nothing from any list. Leaving one list is asked for with `state`. */
function suppressedTest(condition: Condition, { alias, now }: Target): Sql {
  const equal = equality(condition);
  const reasons = equal?.values.map((value) => value.toLowerCase());
  const test = existing(sql`
    select from suppressions
    where suppressions.email_hash = ${sql.ref(`${alias}.email_hash`)} and suppressions.list_id is null
      and (suppressions.expires_at is null or suppressions.expires_at > ${now}::timestamptz)
      ${reasons ? sql`and suppressions.reason = any(${reasons}::text[])` : sql``}`);
  return equal?.negated ? opposite(test) : test;
}
