import { fieldDocs } from '#generated/field-docs'
import { brotliDecompressSync } from 'node:zlib'
import type { StructSchema } from '../../../../src-kube/machinery/schema/index.ts'

/** Words of a type (no field) or of one of its fields, for `kubectl explain`; undefined where there are none. */
export type Docs = (schema: Pick<StructSchema, 'groupVersion' | 'type'>, field?: string) => string | undefined

/** A type's own words under ``, its fields' under their names. */
type Words = Map<string, string>

/**
 * Unpacks the words that the generator took from upstream's client: some milliseconds and a megabyte, so a caller makes documents from them and
 * lets them go. Types that only old versions have are explained by their newest version.
 */
export function readDocs(): Docs {
  return docsFrom(brotliDecompressSync(Buffer.from(fieldDocs, 'base64')).toString('utf8'))
}

/** @param text one line a type or field: class, field, words, apart by tabs. */
export function docsFrom(text: string): Docs {
  const classes = new Map<string, Words>()
  for (const line of text.split('\n')) {
    const [name, field, words] = line.split('\t')
    if (words === undefined) continue
    const known = classes.get(name!)
    if (known) known.set(field!, words)
    else classes.set(name!, new Map([[field!, words]]))
  }
  return ({ groupVersion, type }, field = '') => {
    for (const name of classNames(groupVersion, type)) {
      const words = classes.get(name)?.get(field)
      if (words) return words
    }
    return undefined
  }
}

const capital = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1)

/** The client names a class by version and type, and by its group too where groups share a type's name. Best first. */
function classNames(groupVersion: string, type: string): string[] {
  const [group, version] = groupVersion.includes('/') ? groupVersion.split('/') : ['core', groupVersion]
  const prefix = capital(group!.split('.')[0]!)
  const versions = [version!, 'v1', 'v2', 'v1beta2', 'v1beta1', 'v1alpha3', 'v1alpha2', 'v1alpha1']
  return versions.flatMap((one) => [`${prefix}${capital(one)}${type}`, `${capital(one)}${type}`])
}
