import { readManifests } from '../api/yaml.ts'

/** The objects of a manifest as `Kind namespace/name`, in its order, with the text of each. */
function objectsOf(manifest: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const { object } of readManifests(manifest)) {
    if (!object) continue
    const { namespace, name } = object.metadata
    found.set(`${object.kind ?? ''} ${namespace ? `${namespace}/` : ''}${name}`, JSON.stringify(object))
  }
  return found
}

/** What a manifest holds, to name it. */
export const objectNames = (manifest: string): string[] => [...objectsOf(manifest).keys()]

/** The objects that differ between two manifests: made, changed and removed. */
export function changedObjects(before: string, after: string): string[] {
  const [old, next] = [objectsOf(before), objectsOf(after)]
  const changed = [...next].filter(([name, text]) => old.get(name) !== text).map(([name]) => name)
  return [...changed, ...[...old.keys()].filter((name) => !next.has(name))]
}

/** A manifest without the comments that only tell which template a part comes from. */
export const bare = (manifest: string): string =>
  manifest
    .split('\n')
    .filter((line) => !line.startsWith('# Source: '))
    .join('\n')
    .trim()
