/** A table of functions by name. A row is of all that are treated alike: their names with spaces between, and how they are. */
export const byName = <T>(rows: ReadonlyArray<readonly [names: string, how: T]>): ReadonlyMap<string, T> =>
  new Map(rows.flatMap(([names, how]) => names.split(' ').map((name) => [name, how] as const)))
