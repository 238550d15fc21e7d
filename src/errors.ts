/**
 * An error that a person can act on. `message` says what happened and where; `hint` says what to do next.
 * The CLI prints both without a stack trace; the API answers with `code`.
 */
export class UserError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  /** Facts for scripts (`--json`), such as the line of a bad row. */
  readonly details: Record<string, unknown>;

  constructor(
    message: string,
    options: { code?: string; hint?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'UserError';
    this.code = options.code ?? 'failed';
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** What went wrong, in one line, whatever was thrown. AggregateErrors (as Node's connect throws) and objects with a `message` are opened. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0 && !error.message)
    return messageOf(error.errors[0]);
  if (error instanceof Error) return error.message || error.name;
  if (typeof error !== 'object' || error === null) return String(error);
  // What is no Error may still say what happened, as what pg-boss tells of its queues.
  const { message, code } = error as Record<string, unknown>;
  if (typeof message === 'string' && message) return message;
  return typeof code === 'string' ? code : 'an error without words';
}
