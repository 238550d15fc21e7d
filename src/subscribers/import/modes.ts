/** What an import does with the people in the file. */
export const importModes = ['add', 'update', 'subscribe', 'unsubscribe', 'suppress'] as const;
export type ImportMode = (typeof importModes)[number];

/** The kinds of file that can be imported. */
export const fileFormats = ['csv', 'ndjson', 'xlsx'] as const;
export type FileFormat = (typeof fileFormats)[number];
