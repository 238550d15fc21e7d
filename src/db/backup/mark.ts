/**
 * A table that stands in a database until all of a backup is in it. A process that finds it there does not work with the data;
 * a restore over them takes them for what they are.
 */
export const unfinishedMark = 'public.restore_unfinished';
