import { lstat, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ImageInspectInfo } from 'dockerode'
import { unlessMissing } from '../../host/unless-missing.ts'
import { type Accounts, parseAccounts } from '../plan/accounts.ts'

type Layered = Pick<ImageInspectInfo, 'Id'> & { GraphDriver?: ImageInspectInfo['GraphDriver'] | undefined }

/** The directories that an image is made of, the uppermost first; none where its engine keeps it in another way. */
export function layersOf({ GraphDriver }: Layered): string[] {
  const { UpperDir, LowerDir } = (GraphDriver?.Data ?? {}) as { UpperDir?: string; LowerDir?: string }
  if (GraphDriver?.Name !== 'overlay2' || !UpperDir) return []
  return [UpperDir, ...(LowerDir ? LowerDir.split(':') : [])]
}

/** Images whose users are remembered. */
const MOST = 256
/** Bytes of a file of users that is read: beyond that nobody means to be read. */
const LARGEST = 1 << 20

/** The users and groups that images know, read once an image. */
export class ImageAccounts {
  readonly #known = new Map<string, Promise<Accounts | undefined>>()

  /** Undefined where the image's files cannot be looked at. */
  of(image: Layered): Promise<Accounts | undefined> {
    const known = this.#known.get(image.Id)
    if (known) return known
    const reading = read(layersOf(image))
    if (this.#known.size >= MOST) this.#known.clear()
    this.#known.set(image.Id, reading)
    // The next container looks again.
    reading.catch(() => this.#known.delete(image.Id))
    return reading
  }
}

async function read(layers: readonly string[]): Promise<Accounts | undefined> {
  if (layers.length === 0) return undefined
  const [passwd, group] = await Promise.all([fileIn(layers, 'passwd'), fileIn(layers, 'group')])
  return parseAccounts({ passwd, group })
}

/** The uppermost `/etc/<name>`. What is no plain file there (a layer's mark that it was removed, a link, which may lead out of the image) tells nothing. */
async function fileIn(layers: readonly string[], name: string): Promise<string> {
  for (const layer of layers) {
    const directory = join(layer, 'etc')
    const found = (await unlessMissing(lstat(directory)))?.isDirectory()
    const file = found ? await unlessMissing(lstat(join(directory, name))) : undefined
    if (file) return file.isFile() && file.size <= LARGEST ? readFile(join(directory, name), 'utf8') : ''
  }
  return ''
}
