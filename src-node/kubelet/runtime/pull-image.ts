import type Docker from 'dockerode'
import type { Readable } from 'node:stream'
import type { RegistryCredentials } from '../plan/registry-credentials.ts'
import { engineWords } from './engine-words.ts'

export interface PullOptions {
  docker: Docker
  reference: string
  /** Whether the reference says which version; the latest is meant otherwise. */
  tagged: boolean
  /** To be tried one after the other; without any the registry is asked as nobody. */
  credentials: readonly RegistryCredentials[]
  fromDesktop(reference: string): Promise<Readable | undefined>
  /** An older image of that name will do when no newer can be had. */
  present: boolean
}

/**
 * Gets an image from its registry, else from the desktop's own engine; answers whether it came, or the one that is present stays.
 * Throws with what each of them said.
 */
export async function pullImage(options: PullOptions): Promise<boolean> {
  const { reference, present } = options
  const refusal = await fromRegistry(options)
  if (refusal === undefined) return true
  const asked = `failed to pull image ${JSON.stringify(reference)}: ${refusal}`
  const loaded = await loadFromDesktop(options).catch((cause: unknown) => {
    throw new Error(`${asked}; asking the desktop failed too: ${String(cause)}`, { cause })
  })
  if (!loaded && !present) throw new Error(`${asked}; the desktop's Docker does not have it either`)
  return loaded
}

/** Why the registry does not give it; undefined when it did. */
async function fromRegistry({ docker, reference, tagged, credentials }: PullOptions): Promise<string | undefined> {
  const refusals: string[] = []
  const tries = credentials.length > 0 ? credentials : [undefined]
  for (const authconfig of tries) {
    try {
      const name = tagged ? reference : `${reference}:latest`
      await finished(docker, await docker.pull(name, authconfig ? { authconfig } : {}))
      return undefined
    } catch (error) {
      refusals.push(engineWords(error))
    }
  }
  return refusals.length > 1 ? `[${[...new Set(refusals)].join(', ')}]` : refusals[0]
}

async function loadFromDesktop({ docker, reference, fromDesktop }: PullOptions): Promise<boolean> {
  const archive = await fromDesktop(reference)
  if (!archive) return false
  await finished(docker, await docker.loadImage(archive))
  return true
}

/** Resolves when the engine's report of a task ends; rejects with the error in it. */
export function finished(docker: Docker, progress: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    docker.modem.followProgress(progress, (error: Error | null) => (error ? reject(error) : resolve()))
  })
}
