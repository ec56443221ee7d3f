import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { unlessMissing } from '../../host/unless-missing.ts'
import { deviceEdits, type DeviceEdits, type PlacedSpec } from './plan/edits.ts'
import { parseSpec } from './plan/spec.ts'

/** Where specifications of devices are; what is in a later one counts more. */
const cdiDirectories: readonly string[] = ['/etc/cdi', '/var/run/cdi']

/**
 * What devices of these names ask of a container, by the specifications that are on the node now (Container Device Interface): engines of all versions
 * are told of it as of anything else. A file that is no specification is told of and passed over. Throws an Error.
 */
export async function cdiEdits(
  names: readonly string[],
  { directories = cdiDirectories, log }: { directories?: readonly string[]; log(message: string): void },
): Promise<DeviceEdits> {
  if (names.length === 0) return deviceEdits([], [])
  const read = await Promise.all(directories.map((directory, priority) => readSpecs(directory, priority, log)))
  return deviceEdits(names, read.flat())
}

async function readSpecs(directory: string, priority: number, log: (message: string) => void): Promise<PlacedSpec[]> {
  const names = ((await unlessMissing(readdir(directory))) ?? []).filter((name) => /\.(json|yaml)$/.test(name))
  const found: PlacedSpec[] = []
  for (const name of names) {
    const file = join(directory, name)
    try {
      const text = await unlessMissing(readFile(file, 'utf8'))
      if (text !== undefined) found.push({ spec: parseSpec(text), priority })
    } catch (error) {
      log(`${file}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  return found
}
