/** The functions of a module that answer later; what else it has, such as values and generators, is imported as usual. */
type Answering<Module> = {
  [Name in keyof Module as Module[Name] extends (...given: never[]) => Promise<unknown>
    ? Name
    : never]: Module[Name];
};

/**
 * The asynchronous functions of a module, which is loaded when the first of them is called. The tree of commands names what
 * it may call of nearly all of the program; its help, the completion of shells and each other command should not wait for that.
 * @param load such as `() => import('../subscribers/lists.ts')`
 */
export function lazily<Module extends object>(load: () => Promise<Module>): Answering<Module> {
  const answer =
    (_target: object, name: string | symbol) =>
    async (...given: never[]): Promise<unknown> => {
      const module = (await load()) as Record<string | symbol, (...given: never[]) => Promise<unknown>>;
      return module[name]?.(...given);
    };
  return new Proxy({}, { get: answer }) as Answering<Module>;
}
