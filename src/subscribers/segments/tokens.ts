import { createToken, Lexer, type TokenType } from 'chevrotain';

/** Reads a pattern at one place of a text; chevrotain's own reading of patterns knows no classes of Unicode. */
function at(pattern: RegExp) {
  const sticky = new RegExp(pattern.source, 'yu');
  return (text: string, offset: number): RegExpExecArray | null => {
    sticky.lastIndex = offset;
    return sticky.exec(text);
  };
}

// A word is whatever can stand without quotation marks: addresses, dates, zones, numbers, names of any script.
const inWord = String.raw`[^\s()=!<>,"'“”„‘’\p{C}]`;

export const Word = createToken({
  name: 'Word',
  label: 'a word',
  pattern: at(new RegExp(`${inWord}+`, 'u')),
  line_breaks: false,
});

export const Text = createToken({
  name: 'Text',
  label: 'a text in quotation marks',
  pattern: at(/"(?:[^"\\\p{Cc}\p{Cs}]|\\["\\])*"/u),
  line_breaks: false,
});

/** A custom field whose name needs quotation marks: field."Company name". */
export const QuotedField = createToken({
  name: 'QuotedField',
  label: 'a field',
  pattern: at(/[fF][iI][eE][lL][dD]\."(?:[^"\\\p{Cc}\p{Cs}]|\\["\\])+"/u),
  line_breaks: false,
});

/** A field of two words. */
export const LongField = createToken({
  name: 'LongField',
  label: 'a field',
  pattern: at(
    new RegExp(
      `(?:${anyCase('time')}|${anyCase('muted')})[\\s_\\-]+(?:${anyCase('zone')}|${anyCase('topic')}[sS]?)(?!${inWord})`,
      'u',
    ),
  ),
  line_breaks: true,
});

const keyword = (name: string, word: string) =>
  createToken({ name, label: word, pattern: new RegExp(word, 'i'), longer_alt: Word, line_breaks: false });

export const And = keyword('And', 'and');
export const Or = keyword('Or', 'or');
export const Not = keyword('Not', 'not');
export const In = keyword('In', 'in');
export const Contains = keyword('Contains', 'contains');
export const Starts = keyword('Starts', 'starts');
export const Ends = keyword('Ends', 'ends');
export const With = keyword('With', 'with');
export const Is = keyword('Is', 'is');
export const Empty = keyword('Empty', 'empty');
export const Within = keyword('Within', 'within');
export const Before = keyword('Before', 'before');
export const After = keyword('After', 'after');
export const Since = keyword('Since', 'since');

const sign = (name: string, pattern: RegExp, label: string) => createToken({ name, pattern, label });

export const Open = sign('Open', /\(/, '(');
export const Close = sign('Close', /\)/, ')');
export const Comma = sign('Comma', /,/, ',');
export const AtMost = sign('AtMost', /<=/, '<=');
export const AtLeast = sign('AtLeast', />=/, '>=');
export const Unequal = sign('Unequal', /!=|<>/, '!=');
export const Less = sign('Less', /</, '<');
export const More = sign('More', />/, '>');
export const Equal = sign('Equal', /=/, '=');

const Blank = createToken({ name: 'Blank', pattern: at(/\s+/u), group: Lexer.SKIPPED, line_breaks: true });

/** Words that mean something; as a value they need quotation marks. */
export const keywords: readonly TokenType[] = [
  ...[And, Or, Not, Contains, Starts, Ends, Within, With, In, Is, Empty, Before, After, Since],
];

// Of what fits at one place the first is taken.
const inOrder: TokenType[] = [
  ...[Blank, QuotedField, LongField, ...keywords],
  ...[Open, Close, Comma, AtMost, AtLeast, Unequal, Less, More, Equal, Text, Word],
];

/** Every token of the language. */
export const vocabulary: readonly TokenType[] = inOrder;

export const lexer = new Lexer(inOrder, { positionTracking: 'onlyOffset' });

/** Whether a text can stand in a filter as it is, without quotation marks, and is one value. */
export function isPlainWord(text: string): boolean {
  const { tokens, errors } = lexer.tokenize(text);
  const [token] = tokens;
  return errors.length === 0 && tokens.length === 1 && token?.tokenType === Word && token.image === text;
}

function anyCase(word: string): string {
  return [...word].map((letter) => `[${letter}${letter.toUpperCase()}]`).join('');
}
