import { same } from './same.ts'

/**
 * What changed between two specs of a type (`PodSpec`), as the API server appends it to its refusal: a Go-like literal of which only the differing
 * top-level fields are written out, `-` before the old value and `+` before the new one. For people: its form is no contract.
 */
export function describeDifference(type: string, before: object, now: object): string {
  const old = before as Record<string, unknown>
  const fresh = now as Record<string, unknown>
  const isSet = (field: string): boolean => old[field] !== undefined || fresh[field] !== undefined
  const fields = [...new Set([...Object.keys(old), ...Object.keys(fresh)])].filter(isSet)
  const lines: string[] = []
  let identical = 0
  const flush = () => {
    if (identical > 0) lines.push(`  \t... // ${identical} identical field${identical > 1 ? 's' : ''}`)
    identical = 0
  }
  for (const field of fields) {
    if (same(old[field], fresh[field])) {
      identical++
      continue
    }
    flush()
    const name = field[0]!.toUpperCase() + field.slice(1)
    lines.push(`- \t${name}: ${show(old[field])},`, `+ \t${name}: ${show(fresh[field])},`)
  }
  flush()
  return `  core.${type}{\n${lines.join('\n')}\n  }\n`
}

function show(value: unknown): string {
  return value === undefined ? 'nil' : JSON.stringify(value)
}
