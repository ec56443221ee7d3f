import type Docker from 'dockerode'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { createInterface } from 'node:readline'
import { join } from 'node:path'
import { spawn } from 'node:child_process'
import { reported } from '../../../src-wire/node/engine-report.ts'
import { UserError } from '../user-error.ts'
import { statusOf } from './engine.ts'

/** Files that decide what is in the image; its tag is their digest, so that a change makes a new image and nothing else does. */
const recipe = ['build.sh', 'packages.txt']

/** The engine that gets the node image, and what it is built from where the engine lacks it. */
export interface NodeImageOptions {
  docker: Docker
  /** Folder with the recipe, and with `node-image.tar` when the app carries the image ready made. */
  resources: string
  log?: (line: string) => void
  /** Hears every line of a build. */
  detail?: ((line: string) => void) | undefined
  /** Ends a build. */
  signal?: AbortSignal | undefined
}

/** The node image's name: a hash of what it is built from, so that a changed recipe is another image and none is built twice. */
export function nodeImageTag(resources: string): string {
  const hash = createHash('sha256')
  for (const file of recipe) hash.update(readFileSync(join(resources, file)))
  return `drydock/node:${hash.digest('hex').slice(0, 12)}`
}

/**
 * The node image, in the engine: there already, imported from the archive the app carries, or built from Debian packages
 * (needs mmdebstrap; about half a minute). Returns its tag.
 */
export async function ensureNodeImage(options: NodeImageOptions): Promise<string> {
  const { docker, resources, log = () => {}, detail = () => {}, signal } = options
  const tag = nodeImageTag(resources)
  try {
    await docker.getImage(tag).inspect()
    return tag
  } catch (error) {
    if (statusOf(error) !== 404) throw error
  }
  const carried = join(resources, 'node-image.tar')
  if (existsSync(carried)) {
    log('importing the node image')
    await importImage(docker, carried, tag)
    return tag
  }
  log('building the node image from Debian packages (about half a minute, once)')
  const directory = await mkdtemp(join(tmpdir(), 'drydock-image-'))
  try {
    const archive = join(directory, 'node.tar')
    await build(join(resources, 'build.sh'), archive, { detail, signal })
    await importImage(docker, archive, tag)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
  return tag
}

async function importImage(docker: Docker, archive: string, tag: string): Promise<void> {
  const [repo, version] = tag.split(':') as [string, string]
  const changes = [
    'ENTRYPOINT ["/usr/bin/catatonit","--","/bin/sh","/drydock/supervisor.sh"]',
    'ENV container=docker',
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  ]
  // The callback is left out: dockerode then returns a promise, which its types do not know of.
  const importing = docker.importImage(archive, {
    repo,
    tag: version,
    changes,
  }) as Promise<NodeJS.ReadableStream>
  await reported(await importing)
}

async function build(
  script: string,
  archive: string,
  { detail, signal }: { detail: (line: string) => void; signal: AbortSignal | undefined },
): Promise<void> {
  const child = spawn('sh', [script, archive], { stdio: ['ignore', 'pipe', 'pipe'], ...(signal ? { signal } : {}) })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    createInterface(stream).on('line', (line) => {
      output += `${line}\n`
      detail(line)
    })
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (status) => resolve(status ?? -1))
  })
  if (code === 0) return
  if (/mmdebstrap: (command )?not found/.test(output)) {
    throw new UserError(
      'The node image must be built, and mmdebstrap is missing.',
      'Install it: sudo apt-get install mmdebstrap',
    )
  }
  throw new UserError(`Building the node image failed (exit ${code}): ${output.trim().split('\n').slice(-3).join(' ')}`)
}
