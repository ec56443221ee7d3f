import type { KindView } from './view.ts'

/** The example of a kind as the editor begins with it, in the namespace that is shown when there is one; empty where a kind has no example. */
export function draftOf({ example = '', namespaced }: KindView, namespaces: readonly string[]): string {
  const [only, ...others] = namespaces
  if (!namespaced || only === undefined || others.length > 0) return example
  return example.replace(/^metadata:\n/m, `metadata:\n  namespace: ${only}\n`)
}
