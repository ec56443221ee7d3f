/** Which file a socket is: another one at the same path is another plugin. */
export type Stamp = string

/** What is to be done after a look into the directory of sockets. */
export interface PluginPlan {
  /** Paths whose plugin is no more. */
  gone: string[]
  /** Paths at which a plugin is to be asked who it is. */
  fresh: string[]
}

/** What changed between what is known and what was found, by path. A socket that was made anew is both. */
export function planPlugins(known: ReadonlyMap<string, Stamp>, found: ReadonlyMap<string, Stamp>): PluginPlan {
  return {
    gone: [...known.keys()].filter((path) => found.get(path) !== known.get(path)),
    fresh: [...found.keys()].filter((path) => known.get(path) !== found.get(path)),
  }
}
