import type Docker from 'dockerode'
import { reported } from '../../../src-wire/node/engine-report.ts'
import { NODE_ROOT_ARCHIVE, NODE_ROOT_IMAGE } from '../../../src-wire/node/node-image.ts'

/** The image of every sandbox. */
export const PAUSE = 'drydock/pause:1'

interface Carried {
  archive: string
  changes: string[]
}

/** Images that are packed in the node's own file system: a fresh engine gets them without any registry. */
const carried: Readonly<Record<string, Carried>> = {
  [PAUSE]: { archive: '/usr/share/drydock/pause.tar', changes: ['ENTRYPOINT ["/pause","-P"]'] },
  [NODE_ROOT_IMAGE]: { archive: NODE_ROOT_ARCHIVE, changes: ['USER 101:101'] },
}

export const isCarried = (reference: string): boolean => Object.hasOwn(carried, reference)

/** Puts a carried image into the engine, under its name. */
export async function importCarried(docker: Docker, reference: string): Promise<void> {
  const { archive, changes } = carried[reference]!
  const at = reference.lastIndexOf(':')
  const importing = docker.importImage(archive, { repo: reference.slice(0, at), tag: reference.slice(at + 1), changes })
  await reported((await (importing as Promise<NodeJS.ReadableStream>)) as NodeJS.ReadableStream)
}
