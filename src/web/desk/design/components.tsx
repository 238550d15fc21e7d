/** @jsxImportSource hono/jsx */
import type { Child } from 'hono/jsx';
import type { EditionState } from '../../../editions/editions.ts';
import type { DeskLanguage } from '../words/words.ts';
import { Icon, type IconName } from './icons.tsx';
import { componentTexts } from './words.ts';

/** How something stands: well, waiting for somebody, badly, or at work. */
export type Mood = 'good' | 'wait' | 'bad' | 'busy' | 'plain';

/** Attributes that a component hands on: `hx-*`, `data-*`, `aria-*` and the like. */
type Further = Record<`hx-${string}` | `data-${string}` | `aria-${string}`, string | number | undefined>;

interface ButtonProps extends Partial<Further> {
  children?: Child;
  icon?: IconName;
  /** Leads somewhere: a link that looks like a button. */
  href?: string;
  kind?: 'main' | 'danger' | 'plain';
  little?: boolean;
  /** Its name, where it shows an icon only. */
  label?: string;
  type?: 'submit' | 'button';
  name?: string;
  value?: string | number;
  disabled?: boolean;
  pressed?: boolean;
  form?: string;
  formaction?: string;
  formnovalidate?: boolean;
  id?: string;
  title?: string;
}

/** Something to press. With `label` and no children it shows its icon alone. */
export function Button({ children, icon, href, kind, little, label, pressed, ...rest }: ButtonProps) {
  const classes = ['button', kind, little && 'little', !children && 'bare'].filter(Boolean).join(' ');
  const inside = (
    <>
      {icon ? <Icon name={icon} size={little ? 16 : 18} /> : null}
      {children}
    </>
  );
  const named = { 'aria-label': label, title: rest.title ?? (children ? undefined : label) };
  if (href !== undefined)
    return (
      <a class={classes} href={href} {...rest} {...named}>
        {inside}
      </a>
    );
  return (
    <button
      class={classes}
      type={rest.type ?? 'submit'}
      aria-pressed={pressed === undefined ? undefined : pressed ? 'true' : 'false'}
      {...rest}
      {...named}
    >
      {inside}
    </button>
  );
}

/** A word on how something stands, with its colour. */
export function State({ mood, children }: { mood: Mood; children: Child }) {
  return <span class={mood === 'plain' ? 'state' : `state ${mood}`}>{children}</span>;
}

const moods: Record<EditionState, Mood> = {
  draft: 'plain',
  review: 'wait',
  approved: 'good',
  sending: 'busy',
  paused: 'wait',
  sent: 'good',
  cancelled: 'plain',
  skipped: 'plain',
};

/** The state of an edition. */
export function EditionStateChip({ state, language }: { state: EditionState; language: DeskLanguage }) {
  return <State mood={moods[state]}>{componentTexts[language][state]}</State>;
}

interface CardProps {
  title?: Child;
  /** Stands opposite to the title. */
  aside?: Child;
  footer?: Child;
  close?: boolean;
  id?: string;
  children?: Child;
}

/** A sheet with a thing on it. */
export function Card({ title, aside, footer, close, id, children }: CardProps) {
  return (
    <section
      class={close ? 'card close' : 'card'}
      id={id}
      aria-labelledby={title && id ? `${id}-title` : undefined}
    >
      {title || aside ? (
        <header>
          <h2 id={id ? `${id}-title` : undefined}>{title}</h2>
          {aside}
        </header>
      ) : null}
      {children}
      {footer ? <footer>{footer}</footer> : null}
    </section>
  );
}

interface FieldProps {
  /** Of the control within, which has it as its id. */
  id: string;
  label: Child;
  hint?: Child;
  error?: Child;
  children: Child;
}

/**
 * A control with its label, hint and mistake. The control says of itself `aria-describedby={described(id, …)}`.
 */
export function Field({ id, label, hint, error, children }: FieldProps) {
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children}
      {hint ? (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      ) : null}
      {error ? (
        <p class="error" id={`${id}-error`} role="alert">
          {error}
        </p>
      ) : null}
    </div>
  );
}

/** The ids of what a field says beside its label. */
export const described = (id: string, { hint, error }: { hint?: unknown; error?: unknown }) =>
  [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined;

interface InputProps extends Partial<Further> {
  id: string;
  name?: string;
  label: Child;
  hint?: Child;
  error?: Child;
  type?:
    | 'text'
    | 'email'
    | 'password'
    | 'search'
    | 'url'
    | 'number'
    | 'date'
    | 'time'
    | 'datetime-local'
    | 'color';
  value?: string | number | null;
  placeholder?: string;
  required?: boolean;
  maxlength?: number;
  min?: string | number;
  max?: string | number;
  step?: string | number;
  autocomplete?: string;
  inputmode?: 'decimal' | 'email' | 'numeric' | 'search' | 'tel' | 'text' | 'url';
  spellcheck?: boolean;
  autofocus?: boolean;
  list?: string;
  disabled?: boolean;
}

/** A line to write in. */
export function Input({ id, name, label, hint, error, type = 'text', value, ...rest }: InputProps) {
  return (
    <Field id={id} label={label} hint={hint} error={error}>
      <input
        id={id}
        name={name ?? id}
        type={type}
        value={value ?? ''}
        aria-invalid={error ? 'true' : undefined}
        aria-describedby={described(id, { hint, error })}
        {...rest}
      />
    </Field>
  );
}

interface AreaProps extends Partial<Further> {
  id: string;
  name?: string;
  label: Child;
  hint?: Child;
  error?: Child;
  value?: string | null;
  rows?: number;
  maxlength?: number;
  required?: boolean;
  placeholder?: string;
  spellcheck?: boolean;
}

/** Several lines to write in. */
export function Area({ id, name, label, hint, error, value, ...rest }: AreaProps) {
  return (
    <Field id={id} label={label} hint={hint} error={error}>
      <textarea
        id={id}
        name={name ?? id}
        aria-invalid={error ? 'true' : undefined}
        aria-describedby={described(id, { hint, error })}
        {...rest}
      >
        {value ?? ''}
      </textarea>
    </Field>
  );
}

interface SelectProps extends Partial<Further> {
  id: string;
  name?: string;
  label: Child;
  hint?: Child;
  error?: Child;
  value?: string | number | null;
  options: readonly (readonly [value: string | number, label: string])[];
  required?: boolean;
  disabled?: boolean;
}

/** One of several. */
export function Select({ id, name, label, hint, error, value, options, ...rest }: SelectProps) {
  return (
    <Field id={id} label={label} hint={hint} error={error}>
      <select id={id} name={name ?? id} aria-describedby={described(id, { hint, error })} {...rest}>
        {options.map(([each, text]) => (
          <option value={String(each)} selected={String(each) === String(value ?? '')}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}

interface CheckProps extends Partial<Further> {
  id?: string;
  name: string;
  value?: string;
  checked?: boolean;
  disabled?: boolean;
  hint?: Child;
  type?: 'checkbox' | 'radio';
  children: Child;
}

/** Yes or no, or one of a few that are all to be seen. */
export function Check({ children, hint, type = 'checkbox', ...rest }: CheckProps) {
  return (
    <label class="choice">
      <input type={type} {...rest} />
      <span>
        {children}
        {hint ? <span class="hint quiet small"> {hint}</span> : null}
      </span>
    </label>
  );
}

const noticeIcons: Record<Mood, IconName> = {
  good: 'check',
  wait: 'warning',
  bad: 'error',
  busy: 'info',
  plain: 'info',
};

/** Something that the person at the desk should know. */
export function Notice({ mood = 'plain', children }: { mood?: Mood; children: Child }) {
  return (
    <div class={mood === 'plain' ? 'notice' : `notice ${mood}`} role={mood === 'bad' ? 'alert' : 'status'}>
      <Icon name={noticeIcons[mood]} />
      <div>{children}</div>
    </div>
  );
}

interface FigureProps {
  label: Child;
  value: Child;
  /** What it is compared with. */
  than?: Child;
  better?: boolean;
}

/** A few figures beside each other; each a `Figure`. */
export const Figures = ({ children }: { children: Child }) => <dl class="figures">{children}</dl>;

/** A number that matters, and how it compares. */
export function Figure({ label, value, than, better }: FigureProps) {
  return (
    <div class="figure">
      <dt>{label}</dt>
      <dd>
        {value}
        {than ? (
          <span class={better === undefined ? 'than' : better ? 'than up' : 'than down'}>{than}</span>
        ) : null}
      </dd>
    </div>
  );
}

interface Column {
  label: Child;
  number?: boolean;
}

/** A table that scrolls within itself on small screens. @param caption read out, and not shown */
export function Table({
  caption,
  columns,
  children,
}: {
  caption: string;
  columns: Column[];
  children: Child;
}) {
  return (
    // What scrolls must be reached with the keyboard (axe: scrollable-region-focusable).
    <section class="scroll" tabindex={0} aria-label={caption}>
      <table>
        <caption class="vh">{caption}</caption>
        <thead>
          <tr>
            {columns.map(({ label, number }) => (
              <th scope="col" class={number ? 'number' : undefined}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </section>
  );
}

/** Ways to look at one thing; each is a page of its own. */
export function Tabs({
  label,
  tabs,
  current,
}: {
  label: string;
  tabs: [href: string, text: string][];
  current: string;
}) {
  return (
    <nav class="tabs" aria-label={label}>
      {tabs.map(([href, text]) => (
        <a href={href} aria-current={href === current ? 'page' : undefined}>
          {text}
        </a>
      ))}
    </nav>
  );
}

/** Acts that are not needed often, behind a button. */
export function Menu({
  label,
  icon,
  little,
  start,
  text,
  children,
}: {
  label: string;
  icon?: IconName;
  little?: boolean;
  start?: boolean;
  text?: Child;
  children: Child;
}) {
  return (
    <details class="menu">
      <summary
        class={['button', little && 'little', !text && 'bare'].filter(Boolean).join(' ')}
        aria-label={text ? undefined : label}
        title={text ? undefined : label}
      >
        {icon ? <Icon name={icon} size={little ? 16 : 18} /> : null}
        {text}
      </summary>
      <div class={start ? 'sheet start' : 'sheet'}>{children}</div>
    </details>
  );
}

interface DialogProps {
  id: string;
  title: Child;
  big?: boolean;
  children: Child;
}

/** A question over the page. A button with `data-dialog="ID"` opens it; one with `data-close`, or Escape, closes it. */
export function Dialog({ id, title, big, children }: DialogProps) {
  return (
    <dialog id={id} class={big ? 'big' : undefined} aria-labelledby={`${id}-title`}>
      <div class="inside">
        <h2 id={`${id}-title`}>{title}</h2>
        {children}
      </div>
    </dialog>
  );
}

/** Where a list would be, if there were anything in it. */
export function Empty({ title, children }: { title: Child; children?: Child }) {
  return (
    <div class="empty">
      <h2>{title}</h2>
      {children}
    </div>
  );
}

/** Counts down to a moment; the script of the desk keeps it going. */
export function Countdown({ to, children }: { to: Date; children: Child }) {
  return (
    <time datetime={to.toISOString()} data-countdown={to.toISOString()}>
      {children}
    </time>
  );
}

/** Older and newer. */
export function Pager({
  label,
  newer,
  older,
}: {
  label: string;
  newer?: [string, string];
  older?: [string, string];
}) {
  if (!newer && !older) return null;
  return (
    <nav class="pager" aria-label={label}>
      {newer ? (
        <Button href={newer[0]} icon="left">
          {newer[1]}
        </Button>
      ) : (
        <span />
      )}
      {older ? <Button href={older[0]}>{older[1]}</Button> : null}
    </nav>
  );
}

/** What shows a form to be ours. In each form that posts. */
export const Csrf = ({ token }: { token: string }) => <input type="hidden" name="csrf" value={token} />;
