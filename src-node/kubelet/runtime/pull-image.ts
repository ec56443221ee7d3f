import type Docker from 'dockerode'
import type { Readable } from 'node:stream'
import { reported } from '../../../src-wire/node/engine-report.ts'
import type { PullCredentials } from '../plan/registry-credentials.ts'
import type { PullSecret } from '../plan/pull-records.ts'
import { engineWords } from './engine-words.ts'

/** One image to be fetched, by the ways to try in turn. */
export interface PullOptions {
  docker: Docker
  reference: string
  /** Whether the reference says which version; the latest is meant otherwise. */
  tagged: boolean
  /** To be tried one after the other; without any the registry is asked as nobody. */
  credentials: readonly PullCredentials[]
  fromDesktop(reference: string): Promise<Readable | undefined>
  /** An older image of that name will do when no newer can be had. */
  present: boolean
}

/** How an image was had: by a secret, by nobody's (from a registry that asks for none, or the desktop), or not: the one that is present stays. */
export type Pulled = { secret: PullSecret | undefined } | 'kept'

/** Gets an image from its registry, else from the desktop's own engine. Throws with what each of them said. */
export async function pullImage(options: PullOptions): Promise<Pulled> {
  const { reference, present } = options
  const got = await fromRegistry(options)
  if (!('refusal' in got)) return got
  const { refusal } = got
  const asked = `failed to pull image ${JSON.stringify(reference)}: ${refusal}`
  const loaded = await loadFromDesktop(options).catch((cause: unknown) => {
    throw new Error(`${asked}; asking the desktop failed too: ${engineWords(cause)}`, { cause })
  })
  if (!loaded && !present) throw new Error(`${asked}; the desktop's Docker does not have it either`)
  return loaded ? { secret: undefined } : 'kept'
}

/** With whose secret the registry gave it, or why it did not. */
async function fromRegistry({
  docker,
  reference,
  tagged,
  credentials,
}: PullOptions): Promise<{ secret: PullSecret | undefined } | { refusal: string }> {
  const refusals: string[] = []
  const tries = credentials.length > 0 ? credentials : [undefined]
  for (const one of tries) {
    try {
      const name = tagged ? reference : `${reference}:latest`
      await reported(await docker.pull(name, one ? { authconfig: one.auth } : {}))
      return { secret: one?.secret }
    } catch (error) {
      refusals.push(engineWords(error))
    }
  }
  return { refusal: refusals.length > 1 ? `[${[...new Set(refusals)].join(', ')}]` : (refusals[0] ?? '') }
}

async function loadFromDesktop({ docker, reference, fromDesktop }: PullOptions): Promise<boolean> {
  const archive = await fromDesktop(reference)
  if (!archive) return false
  await reported(await docker.loadImage(archive))
  return true
}
