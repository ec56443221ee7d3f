import type { ConfigMap, KeyToPath, Secret } from '#types/core/v1'
import type { Payload } from './atomic-writer.ts'
import type { References } from './references.ts'

/** A configMap or secret as a volume or a part of one names it. */
export interface KeySource {
  kind: 'configMap' | 'secret'
  name: string
  items: readonly KeyToPath[] | undefined
  optional: boolean
}

/** The files made from a configMap's or secret's keys. */
export async function keysPayload(
  references: References,
  namespace: string,
  source: KeySource,
  defaultMode: number,
): Promise<Payload> {
  const { kind, name, optional } = source
  const object =
    kind === 'configMap' ? await references.configMap(namespace, name) : await references.secret(namespace, name)
  if (!object && !optional) throw new Error(`${kind === 'configMap' ? 'configmap' : 'secret'} "${name}" not found`)
  const values = kind === 'configMap' ? configMapValues(object) : secretValues(object)
  const payload: Payload = new Map()
  if (!source.items?.length) {
    for (const [key, data] of values) payload.set(key, { data, mode: defaultMode })
    return payload
  }
  for (const { key, path, mode } of source.items) {
    const data = values.get(key)
    if (data) payload.set(path, { data, mode: mode ?? defaultMode })
    else if (!optional) throw new Error(missingKey(kind, key))
  }
  return payload
}

function missingKey(kind: 'configMap' | 'secret', key: string): string {
  const words =
    kind === 'configMap' ? 'configmap references non-existent config key' : 'references non-existent secret key'
  return `${words}: ${key}`
}

function configMapValues(object: ConfigMap | undefined): Map<string, Buffer> {
  const values = new Map<string, Buffer>()
  for (const [key, text] of Object.entries(object?.data ?? {})) values.set(key, Buffer.from(text))
  for (const [key, data] of Object.entries(object?.binaryData ?? {})) values.set(key, Buffer.from(data, 'base64'))
  return values
}

function secretValues(object: Secret | undefined): Map<string, Buffer> {
  return new Map(Object.entries(object?.data ?? {}).map(([key, data]) => [key, Buffer.from(data, 'base64')]))
}
