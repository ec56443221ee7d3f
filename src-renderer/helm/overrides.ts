import { formatYaml } from '../../src-kube/machinery/format-yaml.ts'
import { parseYaml } from '../../src-kube/machinery/yaml.ts'

/**
 * What a text of values says otherwise than a chart's own, as YAML: given only that, a release takes up new defaults with a new
 * version of the chart. Keys that are missing stay the chart's own, as helm means it (helm.sh, "Values Files"); lists count whole.
 * What is no map of values is given as it stands, for helm to say what is wrong.
 */
export function overridesOf(defaults: string, text: string): string {
  const [own, given] = [read(defaults), read(text)]
  if (own === undefined || given === undefined) return text
  const differing = mapBeside(own, given)
  return Object.keys(differing).length === 0 ? '' : formatYaml(differing)
}

type Values = Record<string, unknown>

function mapBeside(own: Values, given: Values): Values {
  const differing: Values = {}
  for (const [key, value] of Object.entries(given)) {
    const base = own[key]
    if (isMap(value) && isMap(base)) {
      const inner = mapBeside(base, value)
      if (Object.keys(inner).length > 0) differing[key] = inner
    } else if (!Object.hasOwn(own, key) || JSON.stringify(value) !== JSON.stringify(base)) differing[key] = value
  }
  return differing
}

/** Empty for nothing; undefined for what is no map. */
function read(text: string): Values | undefined {
  if (text.trim() === '') return {}
  try {
    const value: unknown = parseYaml(text)
    return value === null || value === undefined ? {} : isMap(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isMap = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value)
