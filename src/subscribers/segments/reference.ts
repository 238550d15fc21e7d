import type { RawBuilder, SqlBool } from 'kysely';
import type { Context } from '../../context.ts';
import { UserError } from '../../errors.ts';
import { type Compiled, compileFilter, type Target, toSql } from './compile.ts';
import { fieldNamed } from './fields.ts';
import { type Filter, testsOf, valuesOf } from './filter.ts';
import { filterError, nearNames, quoted } from './filter-error.ts';
import { parseFilter } from './parse.ts';

type Deps = Pick<Context, 'db' | 'clock'>;

// Segments may name segments, and each time the whole of it is asked.
const mostSegments = 100;

/** A filter, found, parsed and made ready for the database. */
export interface Resolved {
  /** Its name, if it is a saved one. */
  name: string | null;
  /** As it was written. */
  text: string;
  filter: Filter;
  compiled: Compiled;
}

/**
 * The condition that a segment puts on subscribers, to be used in any statement.
 * @param reference the name or id of a saved segment, or a filter
 * @param alias what the table `subscribers` is called in the statement
 * @throws UserError if there is no such segment, or the filter is wrong; that shows where
 */
export async function segmentCondition(
  context: Deps,
  reference: string | number,
  alias = 'subscribers',
): Promise<RawBuilder<SqlBool>> {
  return toSql((await resolveSegment(context, reference, alias)).compiled);
}

/** Finds, parses and compiles a segment. Parameters and errors as `segmentCondition`. */
export async function resolveSegment(
  context: Deps,
  reference: string | number,
  alias = 'subscribers',
): Promise<Resolved> {
  const names = await readNames(context);
  const saved = savedAs(names, String(reference));
  const text = saved?.filter ?? String(reference);
  return { name: saved?.name ?? null, text, ...compileText(context, text, names, alias, saved?.name) };
}

/** Checks a filter as a whole: its grammar, and that the lists and segments are there which it names. @throws UserError */
export async function checkFilter(context: Deps, text: string, ownName?: string): Promise<Filter> {
  return compileText(context, text, await readNames(context), 'subscribers', ownName).filter;
}

interface Names {
  /** Ids by slug, former slug, and id. */
  lists: Map<string, number>;
  /** Slugs of now. */
  slugs: string[];
  segments: Map<string, { id: number; name: string; filter: string }>;
}

async function readNames({ db }: Deps): Promise<Names> {
  const [lists, former, segments] = await Promise.all([
    db.selectFrom('lists').select(['id', 'slug']).orderBy('slug').execute(),
    db.selectFrom('former_list_slugs').select(['slug', 'list_id']).execute(),
    db.selectFrom('segments').select(['id', 'name', 'filter']).orderBy('name').execute(),
  ]);
  return {
    lists: new Map([
      ...former.map(({ slug, list_id }) => [slug, list_id] as const),
      ...lists.map(({ id }) => [String(id), id] as const),
      ...lists.map(({ id, slug }) => [slug, id] as const),
    ]),
    slugs: lists.map(({ slug }) => slug),
    segments: new Map(segments.map((segment) => [segment.name, segment])),
  };
}

/** What is a word alone and no filter is meant as a name. */
function savedAs({ segments }: Names, reference: string): { name: string; filter: string } | undefined {
  const wanted = reference.trim().toLowerCase();
  const found =
    segments.get(wanted) ??
    (/^\d{1,15}$/.test(wanted) ? [...segments.values()].find(({ id }) => id === Number(wanted)) : undefined);
  if (found) return found;
  const kind = fieldNamed(wanted)?.kind;
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(wanted) || kind === 'event' || kind === 'flag') return undefined;
  throw noSegment(reference.trim(), [...segments.keys()]);
}

/** The error that there is no segment of a name. @param names of those that there are */
export function noSegment(wanted: string, names: string[]): UserError {
  const near = nearNames(wanted, names);
  return new UserError(`There is no segment ${quoted(wanted)}.`, {
    code: 'not-found',
    hint:
      near.length > 0
        ? `Did you mean ${near.join(', ')}?`
        : names.length > 0
          ? `There is ${names.slice(0, 10).join(', ')}.`
          : 'There are no segments yet. Make one with: broadsheet segments create NAME "frequency = weekly"',
  });
}

function compileText(
  { clock }: Deps,
  text: string,
  names: Names,
  alias: string,
  ownName: string | undefined,
): { filter: Filter; compiled: Compiled } {
  const now = clock.now();
  const parsed = new Map<string, Filter>();
  let uses = 0;
  const targetWithin = (path: string[]): Target => ({
    alias,
    now,
    list(name) {
      const id = names.lists.get(name.toLowerCase());
      if (id === undefined)
        throw new UserError(`There is no list "${name}" any more.`, { code: 'not-found' });
      return id;
    },
    segment(written) {
      const name = written.toLowerCase();
      const segment = names.segments.get(name);
      if (!segment) throw noSegment(written, [...names.segments.keys()]);
      if (path.includes(name))
        throw new UserError(
          `Segments cannot be made of each other in a circle: ${[...path.slice(path.indexOf(name)), name].join(' → ')}.`,
          { code: 'cycle', hint: 'Take one of these out, or write its filter where it is named.' },
        );
      if (++uses > mostSegments)
        throw new UserError(
          `Segments are named more than ${mostSegments} times in this filter, all in all.`,
          {
            code: 'filter',
            hint: 'Name each of them once.',
          },
        );
      const filter = parsed.get(name) ?? parseNamed(segment, names);
      parsed.set(name, filter);
      return { filter, target: targetWithin([...path, name]) };
    },
  });
  const filter = parseFilter(text);
  checkNames(text, filter, names);
  return {
    filter,
    compiled: compileFilter(filter, targetWithin(ownName === undefined ? [] : [ownName]), false),
  };
}

function parseNamed({ name, filter: text }: { name: string; filter: string }, names: Names): Filter {
  try {
    const filter = parseFilter(text);
    checkNames(text, filter, names);
    return filter;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new UserError(`In the segment "${name}": ${error.message}`, {
      code: error.code,
      hint: error.hint,
      details: { ...error.details, segment: name },
    });
  }
}

function checkNames(text: string, filter: Filter, { lists, slugs, segments }: Names): void {
  for (const { field, condition } of testsOf(filter))
    for (const value of valuesOf(condition)) {
      const name = value.text.toLowerCase();
      if (field.name === 'list' && !lists.has(name))
        throw filterError(text, value.at, {
          problem: `there is no list ${quoted(value.text)}`,
          suggestions: nearNames(name, slugs),
          hint:
            slugs.length > 0 ? `The lists are ${slugs.slice(0, 10).join(', ')}.` : 'There are no lists yet.',
        });
      if (field.name === 'segment' && !segments.has(name))
        throw filterError(text, value.at, {
          problem: `there is no segment ${quoted(value.text)}`,
          suggestions: nearNames(name, segments.keys()),
        });
    }
}
