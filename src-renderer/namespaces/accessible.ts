/** Namespaces one by one where there are no more than this many: each is a list and a watch of every kind on screen. */
export const mostByThemselves = 30

/** Where names of namespaces may come from, for people who may not list them. */
export interface KnownNamespaces {
  /** Those a person named for this cluster. */
  named: readonly string[]
  /** That of the kubeconfig's context. */
  context: string | undefined
  /** All there are; undefined where they may not be listed. */
  listed: readonly string[] | undefined
  /** Those that links and filters led to since the window was opened. */
  visited: readonly string[]
}

/**
 * The namespaces to ask where the cluster as a whole may not be read: those a person named, else all where they can be listed and are few,
 * else that of the context, as kubectl would. What was visited is among them.
 */
export function namespacesToAsk({ named, context, listed, visited }: KnownNamespaces): string[] {
  const all = listed && listed.length <= mostByThemselves ? listed : []
  const base = named.length > 0 ? named : all.length > 0 ? all : [context || 'default']
  return [...new Set([...base, ...visited])].sort()
}
