import { EMPTY_ALT, EmbeddedActionsParser, type IToken, type TokenType } from 'chevrotain';
import { type Field, fieldNamed } from './fields.ts';
import type { Condition, FieldRef, Filter, Operator, Span, Test, Value, When } from './filter.ts';
import { cleanLength, unitWords } from './moments.ts';
import * as t from './tokens.ts';

/** What the parser asks of its user, who knows the text and turns a mistake into an error. */
export interface Listener {
  /** A field was read. @returns what is known of it @throws if there is no such field */
  field(ref: FieldRef): Field;
  /** A test was read. @param next what stands behind it @throws if it cannot be asked of this field */
  test(test: Test, field: Field, next: IToken): void;
}

const recordingListener: Listener = {
  field: () => fieldNamed('email') as Field,
  test: () => undefined,
};

const lengthUnits = new Set(unitWords);

/**
 * The grammar of filters:
 *
 *     filter    = all { "or" all }
 *     all       = one { "and" one }
 *     one       = { "not" } ( "(" filter ")" | field condition )
 *     condition = [ compare value [ when ] | [ "not" ] "in" "(" value { "," value } ")" | "contains" value
 *               | ( "starts" | "ends" ) "with" value | "is" [ "not" ] ( "empty" | value ) | when ]
 *     when      = ( "within" | "before" | "after" | "since" ) value [ unit ]
 */
export class FilterParser extends EmbeddedActionsParser {
  #listener: Listener = recordingListener;

  constructor() {
    super([...t.vocabulary], { recoveryEnabled: false, errorMessageProvider: messages, maxLookahead: 2 });
    this.performSelfAnalysis();
  }

  /** Parses tokens as a whole filter. Afterwards `errors` holds what is wrong with the grammar, if anything is. */
  parse(tokens: IToken[], listener: Listener): Filter {
    this.#listener = listener;
    this.input = tokens;
    return this.filter();
  }

  filter = this.RULE('filter', (): Filter => this.chain('or'));

  all = this.RULE('all', (): Filter => this.chain('and'));

  private chain(kind: 'and' | 'or'): Filter {
    const terms: Filter[] = [];
    this.AT_LEAST_ONE_SEP({
      SEP: kind === 'and' ? t.And : t.Or,
      DEF: () => {
        terms.push(kind === 'and' ? this.SUBRULE(this.one) : this.SUBRULE(this.all));
      },
    });
    const [only] = terms;
    return only && terms.length === 1 ? only : { kind, terms };
  }

  one = this.RULE('one', (): Filter => {
    let negations = 0;
    this.MANY(() => {
      this.CONSUME(t.Not);
      negations++;
    });
    let term: Filter = this.OR([
      {
        ALT: () => {
          this.CONSUME(t.Open);
          const inner = this.SUBRULE(this.filter);
          this.CONSUME(t.Close);
          return inner;
        },
      },
      { ALT: () => this.SUBRULE(this.test) },
    ]);
    for (; negations > 0; negations--) term = { kind: 'not', term };
    return term;
  });

  test = this.RULE('test', (): Test => {
    const ref: FieldRef = this.OR1([
      { ALT: () => nameOf(this.CONSUME1(t.Word)) },
      { ALT: () => nameOf(this.CONSUME(t.LongField)) },
      { ALT: () => nameOf(this.CONSUME(t.QuotedField)) },
    ]);
    const field = this.ACTION(() => this.#listener.field(ref));
    const condition: Condition = this.OR2([
      { ALT: () => this.SUBRULE(this.comparison) },
      { ALT: () => this.SUBRULE(this.membership) },
      {
        ALT: (): Condition => {
          this.CONSUME(t.Contains);
          return { is: 'text', how: 'contains', value: this.SUBRULE1(this.value) };
        },
      },
      {
        ALT: (): Condition => {
          this.CONSUME(t.Starts);
          this.CONSUME1(t.With);
          return { is: 'text', how: 'starts with', value: this.SUBRULE2(this.value) };
        },
      },
      {
        ALT: (): Condition => {
          this.CONSUME(t.Ends);
          this.CONSUME2(t.With);
          return { is: 'text', how: 'ends with', value: this.SUBRULE3(this.value) };
        },
      },
      { ALT: () => this.SUBRULE(this.being) },
      { ALT: (): Condition => ({ is: 'when', when: this.SUBRULE1(this.when) }) },
      { ALT: EMPTY_ALT<Condition>({ is: 'true' }) },
    ]);
    const test: Test = { kind: 'test', field: ref, condition };
    this.ACTION(() => this.#listener.test(test, field, this.LA(1)));
    return test;
  });

  comparison = this.RULE('comparison', (): Condition => {
    const sign = this.OR([
      { ALT: () => this.CONSUME(t.Equal) },
      { ALT: () => this.CONSUME(t.Unequal) },
      { ALT: () => this.CONSUME(t.AtMost) },
      { ALT: () => this.CONSUME(t.AtLeast) },
      { ALT: () => this.CONSUME(t.Less) },
      { ALT: () => this.CONSUME(t.More) },
    ]);
    const operator = (sign.image === '<>' ? '!=' : sign.image) as Operator;
    const value = this.SUBRULE(this.value);
    const when = this.OPTION(() => this.SUBRULE(this.when));
    return { is: 'compare', operator, value, ...(when && { when }) };
  });

  membership = this.RULE('membership', (): Condition => {
    const not = this.OPTION(() => this.CONSUME(t.Not)) !== undefined;
    this.CONSUME(t.In);
    this.CONSUME(t.Open);
    const values: Value[] = [];
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => values.push(this.SUBRULE(this.value)) });
    this.CONSUME(t.Close);
    return { is: 'in', not, values };
  });

  being = this.RULE('being', (): Condition => {
    this.CONSUME(t.Is);
    const not = this.OPTION(() => this.CONSUME(t.Not)) !== undefined;
    return this.OR([
      {
        ALT: (): Condition => {
          this.CONSUME(t.Empty);
          return { is: 'empty', not };
        },
      },
      {
        ALT: (): Condition => ({
          is: 'compare',
          operator: not ? '!=' : '=',
          value: this.SUBRULE(this.value),
        }),
      },
    ]);
  });

  when = this.RULE('when', (): When => {
    const word = this.OR([
      { ALT: () => this.CONSUME(t.Within) },
      { ALT: () => this.CONSUME(t.Before) },
      { ALT: () => this.CONSUME(t.After) },
      { ALT: () => this.CONSUME(t.Since) },
    ]);
    const time = this.SUBRULE(this.value);
    const unit = this.OPTION({
      GATE: () => /^\d+$/.test(this.LA(0).image ?? '') && lengthUnits.has(this.LA(1).image.toLowerCase()),
      DEF: () => this.CONSUME(t.Word),
    });
    return this.ACTION(() => ({
      how: word.image.toLowerCase() as When['how'],
      time: unit
        ? {
            text: cleanLength(time.text + unit.image) ?? '',
            at: { start: time.at.start, end: spanOf(unit).end },
          }
        : time,
    }));
  });

  value = this.RULE('value', (): Value => {
    const token = this.OR([
      { ALT: () => this.CONSUME(t.Word) },
      { ALT: () => this.CONSUME(t.Text) },
      { ALT: () => this.CONSUME(t.LongField) },
    ]);
    const image = token.image ?? '';
    return { text: token.tokenType === t.Text ? unescaped(image) : image, at: spanOf(token) };
  });
}

/** Where a token stands. */
export function spanOf(token: IToken): Span {
  const start = token.startOffset ?? 0;
  return { start, end: start + (token.image?.length ?? 0) };
}

const unescaped = (image: string) => image.slice(1, -1).replace(/\\(.)/g, '$1');

function nameOf(token: IToken): FieldRef {
  const image = token.image ?? '';
  const at = spanOf(token);
  if (token.tokenType === t.QuotedField) return { name: 'field', custom: unescaped(image.slice(6)), at };
  const dot = /^field\.(.+)$/is.exec(image);
  return dot?.[1] ? { name: 'field', custom: dot[1], at } : { name: image, at };
}

// What could stand at the place of a mistake goes out through the message, a line each.
const messages = {
  buildMismatchTokenMessage: ({ expected }: { expected: TokenType }) => labels([expected]),
  buildNotAllInputParsedMessage: () => 'and\nor\nthe end',
  buildNoViableAltMessage: ({ expectedPathsPerAlt }: { expectedPathsPerAlt: TokenType[][][] }) =>
    labels(expectedPathsPerAlt.flatMap((paths) => paths.flatMap(([first]) => first ?? []))),
  buildEarlyExitMessage: ({ expectedIterationPaths }: { expectedIterationPaths: TokenType[][] }) =>
    labels(expectedIterationPaths.flatMap(([first]) => first ?? [])),
};

const labels = (tokens: TokenType[]) =>
  [...new Set(tokens.map(({ name, LABEL }) => LABEL ?? name))].join('\n');
