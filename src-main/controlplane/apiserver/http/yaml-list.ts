import { setImmediate } from 'node:timers/promises'
import { formatYaml } from '../../../../src-kube/machinery/format-yaml.ts'

/** Objects that are written at once: some milliseconds' work. */
const SLICE = 100

/** A list of the API as YAML, its items last. Other requests get their turn between slices of it. */
export async function yamlOfList({ items, ...head }: { items: readonly unknown[] }): Promise<Buffer> {
  const blocks = [Buffer.from(`${formatYaml(head)}items:${items.length === 0 ? ' []' : ''}\n`)]
  for (let i = 0; i < items.length; i += SLICE) {
    await setImmediate()
    blocks.push(Buffer.from(formatYaml(items.slice(i, i + SLICE))))
  }
  return Buffer.concat(blocks)
}
