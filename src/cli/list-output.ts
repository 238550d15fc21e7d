/** The fields of a list, as --json gives them. */
export const listShape =
  '{ id, slug, name, description, optIn, topics, welcome, goodbye, createdAt, archivedAt }';
