import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pod } from '#types/core/v1'
import type { Informer } from '../../src-kube/client/informer.ts'
import { refs } from '../../src-kube/client/refs.ts'
import { isNotFound } from '../../src-kube/machinery/errors.ts'
import { formatMicroTime } from '../../src-kube/machinery/time.ts'
import { parseYaml } from '../../src-kube/machinery/yaml.ts'
import type { KubeletOptions } from './options.ts'
import { isStatic, staticPlan, staticPod } from './plan/static-pod.ts'
import { repeat } from './repeat.ts'

/** The folder whose manifests run on this node, and where their mirror pods are made (kubernetes.io, "Create static Pods"). */
export type StaticPodsOptions = Pick<KubeletOptions, 'client' | 'nodeName' | 'nodes' | 'clock' | 'signal' | 'log'> & {
  /** `/etc/kubernetes/manifests`. */
  directory: string
  /** The pods of this node. */
  pods: Pick<Informer<Pod>, 'list' | 'on'>
}

/** Milliseconds between two looks (`fileCheckFrequency`). */
const INTERVAL = 20_000

/**
 * Keeps the pods that files on the node ask for, one a file (kubernetes.io, "Create static Pods"). A pod of a file is its object in the API: the node
 * makes it, and makes it again at once when somebody has deleted it. Unlike upstream's it does not run before there is an API.
 */
export function keepStaticPods(options: StaticPodsOptions): void {
  const { pods, clock, signal, log } = options
  let said = ''
  const tell = (words: string): void => {
    if (words !== '' && words !== said) log(`static pods: ${words}`)
    said = words
  }
  const look = async (): Promise<void> => {
    const wanted = await wantedPods(options)
    if (!wanted) return
    tell([...wanted.unread, ...(await carryOut(options, wanted.pods))].join('; '))
  }
  const lookNow = repeat(look, { interval: INTERVAL, clock, signal, failed: tell })
  // Also of one whose file has changed: it must be gone before the other is made.
  pods.on({ delete: (pod) => isStatic(pod) && lookNow() })
}

/** The pods of all files, and which could not be read; undefined before the node is known. */
async function wantedPods({ nodeName, nodes, clock, directory }: StaticPodsOptions) {
  const uid = nodes.get(nodeName)?.metadata.uid
  if (uid === undefined) return undefined
  const [pods, unread]: [Pod[], string[]] = [[], []]
  for (const file of await filesIn(directory)) {
    try {
      const text = await readFile(join(directory, file), 'utf8')
      const hash = createHash('md5').update(text).digest('hex')
      const seen = formatMicroTime(clock.now())
      pods.push(staticPod(parseYaml(text), { node: { name: nodeName, uid }, hash, seen }))
    } catch (error) {
      // It may have gone since it was listed.
      if (isMissing(error)) continue
      unread.push(`${file}: ${wordsOf(error)}`)
    }
  }
  return { pods, unread }
}

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT'

async function filesIn(directory: string): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true })
    return entries.flatMap((entry) => (entry.isFile() && !entry.name.startsWith('.') ? entry.name : [])).toSorted()
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

/** Makes missing pods and removes those that are not wanted any more; answers the reasons of what failed. */
async function carryOut({ client, pods: here }: StaticPodsOptions, wanted: readonly Pod[]): Promise<string[]> {
  const pods = client.resource(refs.pods)
  const { create, remove } = staticPlan(wanted, here.list())
  const removed = async ({ metadata: { name, namespace, uid } }: Pod): Promise<void> => {
    try {
      await pods.delete(name, namespace, { preconditions: { uid } })
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
  const done = await Promise.allSettled([...create.map((pod) => pods.create(pod)), ...remove.map(removed)])
  return done.flatMap((one) => (one.status === 'rejected' ? wordsOf(one.reason) : []))
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
