import type Docker from 'dockerode'
import type { ContainerInspectInfo } from 'dockerode'
import type { Readable } from 'node:stream'
import type { Clock } from '../../../src-kube/machinery/clock.ts'
import { groupOf, containerLabels } from '../plan/naming.ts'
import type { Identity } from '../plan/identity.ts'
import type { Observed } from '../plan/observed.ts'
import type { Grants } from './create-container.ts'
import { lastWords } from './last-words.ts'
import { ObservedContainers } from './observed-containers.ts'
import { runtimeWords } from './runtime-words.ts'

/** The engine of the node, and who hears of what happens there. */
export interface EngineOptions {
  docker: Docker
  clock: Clock
  signal: AbortSignal
  /** Something about a pod's containers changed. */
  onChange(podUid: string): void
  /** The engine is there, and what it runs is known. */
  onUp(): void
  /** It is not there any more, and why. */
  onDown(words: string): void
  log(message: string): void
}

/** Milliseconds between two tries to reach an engine that is down. */
const RETRY = 500

/**
 * What the node's engine runs of our pods, kept by its event stream: one inspect an event, no polling. After a gap (the engine was
 * restarted) everything is listed again.
 */
export class Engine {
  readonly docker: Docker
  /** What it has not refused so far. */
  readonly grants: Grants = { privileged: true, lowOomScore: true }
  readonly #options: EngineOptions
  readonly #observed = new ObservedContainers()
  /** Looks that wait for their answer: what one saw of a container that has been removed since is not remembered. */
  readonly #looks = new Set<Look>()
  #isUp = false
  #first = Promise.withResolvers<void>()

  constructor(options: EngineOptions) {
    this.docker = options.docker
    this.#options = options
    void this.#keepConnected()
  }

  get up(): boolean {
    return this.#isUp
  }

  /** Resolves when the engine has answered for the first time and its containers are known. */
  get ready(): Promise<void> {
    return this.#first.promise
  }

  /** A pod's containers, in the order in which they were first seen. */
  ofPod(uid: string): Observed[] {
    return this.#observed.ofPod(uid)
  }

  /** Containers of all pods. */
  all(): Observed[] {
    return this.pods().flatMap(({ uid }) => this.ofPod(uid))
  }

  /** Every pod that has a container here. */
  pods(): Array<{ uid: string; name: string; namespace: string }> {
    return this.#observed.pods()
  }

  /** Looks for containers that no event told of: an agent that died may have asked for them, and the engine made them afterwards. */
  async discover(): Promise<void> {
    const list = await this.#listed()
    const known = new Set(this.all().map(({ id }) => id))
    await Promise.all(list.filter((id) => !known.has(id)).map((id) => this.#lookIfWhole(id)))
  }

  /** Looks at one container now, and remembers what it saw. */
  async look(id: string): Promise<Observed | undefined> {
    const look: Look = { id, isGone: false }
    this.#looks.add(look)
    try {
      const info = await this.docker.getContainer(id).inspect()
      const seen = observedOf(info)
      const observed = seen?.state === 'exited' ? { ...seen, message: await lastWords(this.docker, info) } : seen
      if (observed && !look.isGone) this.#observed.set(observed)
      return observed
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode !== 404) throw error
      this.#forget(id)
      return undefined
    } finally {
      this.#looks.delete(look)
    }
  }

  async remove(id: string): Promise<void> {
    try {
      await this.docker.getContainer(id).remove({ force: true, v: true })
    } catch (error) {
      const { statusCode } = error as { statusCode?: number }
      if (statusCode !== 404 && statusCode !== 409) throw error
    }
    this.#forget(id)
  }

  /** The engine has no such container any more. */
  #forget(id: string): void {
    for (const look of this.#looks) if (look.id === id) look.isGone = true
    this.#observed.delete(id)
  }

  async #keepConnected(): Promise<void> {
    const { signal, clock, log } = this.#options
    let last = ''
    while (!signal.aborted) {
      try {
        await this.#follow()
        last = ''
      } catch (error) {
        const words = error instanceof Error ? error.message : String(error)
        if (words !== last) log(`engine: ${words}`)
        last = words
      }
      if (this.#isUp) {
        this.#isUp = false
        this.#options.onDown(last || 'the event stream ended')
      }
      await new Promise<void>((resolve) => clock.after(RETRY, resolve))
    }
  }

  /** Events first, then the list: nothing falls between. Ends when the stream does. */
  async #follow(): Promise<void> {
    const filters = JSON.stringify({ type: ['container'], event: ['start', 'die', 'destroy', 'oom'] })
    const lines = (await this.docker.getEvents({ filters })) as Readable
    const stop = (): void => void lines.destroy()
    this.#options.signal.addEventListener('abort', stop, { once: true })
    try {
      await this.#list()
      this.#isUp = true
      this.#first.resolve()
      this.#options.onUp()
      await this.#read(lines)
    } finally {
      // Without a list the stream would stay open, unread.
      stop()
      this.#options.signal.removeEventListener('abort', stop)
    }
  }

  async #read(lines: Readable): Promise<void> {
    let rest = ''
    for await (const chunk of lines as AsyncIterable<Buffer>) {
      const parts = (rest + chunk.toString('utf8')).split('\n')
      rest = parts.pop() ?? ''
      for (const line of parts) if (line.trim() !== '') this.#event(JSON.parse(line) as EngineEvent)
    }
  }

  async #list(): Promise<void> {
    const list = await this.#listed()
    this.#observed.keep(new Set(list))
    await Promise.all(list.map((id) => this.#lookIfWhole(id)))
    for (const { uid } of this.pods()) this.#options.onChange(uid)
  }

  async #listed(): Promise<string[]> {
    const list = await this.docker.listContainers({ all: true, filters: { label: [containerLabels.uid] } })
    return list.map(({ Id }) => Id)
  }

  /** One that the engine lists and cannot tell of, damaged by the engine's own end, keeps nobody from the others. */
  async #lookIfWhole(id: string): Promise<void> {
    try {
      await this.look(id)
    } catch (error) {
      if ((error as { statusCode?: number }).statusCode === undefined) throw error
      this.#options.log(`inspect ${id.slice(0, 12)}: ${String(error)}`)
    }
  }

  #event({ id, Action, Actor }: EngineEvent): void {
    const uid = Actor?.Attributes?.[containerLabels.uid]
    if (!id || !uid) return
    if (Action === 'destroy') {
      this.#forget(id)
      return this.#options.onChange(uid)
    }
    this.look(id).then(
      () => this.#options.onChange(uid),
      (error: unknown) => this.#options.log(`inspect ${id.slice(0, 12)}: ${String(error)}`),
    )
  }
}

interface Look {
  readonly id: string
  isGone: boolean
}

interface EngineEvent {
  id?: string
  Action?: string
  Actor?: { Attributes?: Record<string, string> }
}

/** A time the engine has not set is the year 1. */
const timeOf = (text: string | undefined): string | undefined => (!text || text.startsWith('0001') ? undefined : text)

const userOf = (label: string | undefined): Pick<Observed, 'user'> =>
  label === undefined ? {} : { user: JSON.parse(label) as Identity }

function observedOf(info: ContainerInspectInfo): Observed | undefined {
  const labels = info.Config.Labels ?? {}
  const uid = labels[containerLabels.uid]
  if (!uid) return undefined
  const { State } = info
  const state = State.Running ? 'running' : State.Status === 'created' && !State.Error ? 'created' : 'exited'
  const address = labels[containerLabels.address]
  return {
    id: info.Id,
    name: labels[containerLabels.container] ?? '',
    podUid: uid,
    podName: labels[containerLabels.pod] ?? '',
    podNamespace: labels[containerLabels.namespace] ?? '',
    attempt: Number(labels[containerLabels.attempt] ?? 0),
    hash: labels[containerLabels.hash] ?? '',
    resources: labels[containerLabels.resources],
    group: groupOf(info.Id, labels),
    ...userOf(labels[containerLabels.user]),
    state,
    pid: State.Pid,
    startedAt: timeOf(State.StartedAt),
    finishedAt: timeOf(State.FinishedAt) ?? (State.Error ? info.Created : undefined),
    exitCode: State.ExitCode || (State.Error ? 128 : 0),
    oomKilled: State.OOMKilled,
    error: runtimeWords(State.Error),
    imageId: info.Image,
    imageDigest: labels[containerLabels.imageDigest],
    logPath: info.LogPath,
    address,
    // Sandboxes without the label are from an agent that had the engine join them.
    ip: address ? (state === 'running' ? address : '') : (info.NetworkSettings.Networks['bridge']?.IPAddress ?? ''),
  }
}
