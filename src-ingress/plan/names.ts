import type { Model } from './model.ts'

/** Addresses by the names of upstreams that nginx asks for: what changes in them needs no other configuration. */
export function namesOf({ upstreams }: Model): Map<string, string[]> {
  const named = upstreams.filter(({ port }) => port)
  return new Map(named.map(({ name, servers }) => [name, servers.map((one) => one.slice(0, one.lastIndexOf(':')))]))
}
