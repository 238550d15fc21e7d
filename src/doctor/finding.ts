/** What one check found. */
export interface Finding {
  /** Which check: "database", "clock", "disk", … */
  check: string;
  status: 'ok' | 'warning' | 'failed';
  /** What is so, in a sentence without its full stop. */
  says: string;
  /** What to do about it; not for what is well. */
  mend?: string;
}

/** @param check its name */
export const ok = (check: string, says: string): Finding => ({ check, status: 'ok', says });

/** @param mend what to do about it */
export const warning = (check: string, says: string, mend: string): Finding => ({
  check,
  status: 'warning',
  says,
  mend,
});

/** @param mend what to do about it */
export const failed = (check: string, says: string, mend: string): Finding => ({
  check,
  status: 'failed',
  says,
  mend,
});
