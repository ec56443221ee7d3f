/** What is asked of a container for a terminal, and how the container stands. Pure. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { pathOf } from '../api/kube.ts'
import { at, listAt, textAt } from '../kinds/view.ts'
import type { DockTab } from '../stores/dock.ts'
import { commandOf } from './shell-program.ts'

/** The container that a terminal is in, and the program it runs there or attaches to. */
export type ShellTarget = Pick<
  Extract<DockTab, { kind: 'shell' }>,
  'namespace' | 'pod' | 'container' | 'program' | 'attach'
>

const specs = ['containers', 'initContainers', 'ephemeralContainers'] as const
const statuses = ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses'] as const

const named = (pod: unknown, part: 'spec' | 'status', fields: readonly string[], name: string): unknown =>
  fields.flatMap((field) => listAt(pod, part, field)).find((one) => textAt(one, 'name') === name)

/** Names of the containers that run now: sidecars and what was added to debug among them. */
export const runningIn = (pod: unknown): string[] =>
  statuses
    .flatMap((field) => listAt(pod, 'status', field))
    .filter((status) => at(status, 'state', 'running') !== undefined)
    .map((status) => textAt(status, 'name'))

/** Whether a container can be entered now, with the words that say why it cannot. */
export type Standing = { state: 'running' } | { state: 'waiting' | 'terminated' | 'unknown'; words: string }

/** How a container stands, with Kubernetes' own words for why it does not run. */
export function standingOf(pod: KubeObject | undefined, container: string): Standing {
  const status = named(pod, 'status', statuses, container)
  if (at(status, 'state', 'running')) return { state: 'running' }
  for (const state of ['waiting', 'terminated'] as const) {
    const found = at(status, 'state', state)
    if (found) return { state, words: [textAt(found, 'reason'), textAt(found, 'message')].filter(Boolean).join(': ') }
  }
  return { state: 'unknown', words: '' }
}

/** Whether the process of a container hears what is typed, and whether it has a terminal: it says so itself, once, in its spec. */
export function processOf(pod: KubeObject | undefined, container: string): { hears: boolean; hasTerminal: boolean } {
  const spec = named(pod, 'spec', specs, container)
  return { hears: at(spec, 'stdin') === true, hasTerminal: at(spec, 'tty') === true }
}

/**
 * Path of the stream (kubernetes.io, "Get a Shell to a Running Container"): a command of its own in a terminal, or the container's own
 * process, which is given a terminal and input only where it has them.
 */
export function streamPath(target: ShellTarget, pod: KubeObject | undefined): string {
  const { namespace, container, attach, program = '' } = target
  const { hears, hasTerminal } = attach ? processOf(pod, container) : { hears: true, hasTerminal: true }
  const query = {
    container,
    ...(attach ? {} : { command: commandOf(program) }),
    stdin: String(hears),
    stdout: 'true',
    // With a terminal there is one stream of output alone.
    stderr: String(!hasTerminal),
    tty: String(hasTerminal),
  }
  const subresource = attach ? 'attach' : 'exec'
  return pathOf({ group: '', version: 'v1', resource: 'pods' }, { namespace, name: target.pod, subresource, query })
}
