import type Docker from 'dockerode'
import type { ContainerCreateOptions } from 'dockerode'
import { PassThrough } from 'node:stream'
import type { Clock } from '../../../src-kube/machinery/clock.ts'

/** What becomes of one request: done, refused in the engine's words, never heard, or done without an answer. */
export type Fate = 'done' | 'refused' | 'unheard' | 'unanswered'

export interface FakeEngineOptions {
  clock: Pick<Clock, 'now'>
  /** Decides over each request that changes something. */
  fate(): Fate
}

interface FakeContainer {
  id: string
  name: string
  options: ContainerCreateOptions
  created: string
  startedAt?: string
  finishedAt?: string
  running: boolean
  exitCode: number
}

const away = (): Error => Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
const answer = (statusCode: number, words: string): Error => Object.assign(new Error(words), { statusCode })

/** One step of the event loop, as every request to an engine takes at least. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** An engine in memory that runs containers for ever, until they are stopped, it is told that they end, or it dies and loses what was said meanwhile. */
export class FakeEngine {
  readonly containers = new Map<string, FakeContainer>()
  readonly #options: FakeEngineOptions
  readonly #streams = new Set<PassThrough>()
  #isUp = true
  #serial = 0

  constructor(options: FakeEngineOptions) {
    this.#options = options
  }

  get running(): FakeContainer[] {
    return [...this.containers.values()].filter(({ running }) => running)
  }

  /** The process is gone; containers run on. */
  die(): void {
    this.#isUp = false
    for (const stream of this.#streams) stream.end()
    this.#streams.clear()
  }

  rise(): void {
    this.#isUp = true
  }

  /** A container's process ends by itself. */
  exit(id: string, exitCode: number): void {
    const found = this.containers.get(id)
    if (!found?.running) return
    Object.assign(found, { running: false, exitCode, finishedAt: this.#time() })
    this.#tell('die', found)
  }

  /** The engine as one agent has it: once `isDead`, nothing it asked for is answered. */
  docker(isDead: () => boolean): Docker {
    const heard = async <T>(work: () => Promise<T>): Promise<T> => {
      if (isDead()) return new Promise(() => undefined)
      try {
        const result = await work()
        return isDead() ? await new Promise(() => undefined) : result
      } catch (error) {
        if (isDead()) await new Promise(() => undefined)
        throw error
      }
    }
    const containerOf = (id: string) => ({
      id,
      inspect: () => heard(() => this.#inspect(id)),
      start: () => heard(() => this.#change(() => this.#start(id))),
      stop: () => heard(() => this.#change(() => this.#stop(id))),
      kill: () => heard(() => this.#change(() => this.#kill(id))),
      remove: () => heard(() => this.#change(() => this.#remove(id))),
      logs: () => heard(async () => Buffer.alloc(0)),
    })
    return {
      getEvents: () => heard(() => this.#events()),
      listContainers: () => heard(() => this.#list()),
      createContainer: (options: ContainerCreateOptions) =>
        heard(async () => containerOf(await this.#change(() => this.#create(options)))),
      getContainer: containerOf,
      getImage: () => ({ inspect: () => heard(() => this.#asked({ Id: 'sha256:i', Config: {}, RepoDigests: [] })) }),
      listImages: () => heard(() => this.#asked([])),
      version: () => heard(() => this.#asked({ Version: '26.1.5' })),
      ping: () => heard(() => this.#asked('OK')),
      info: () => heard(() => this.#asked({})),
    } as unknown as Docker
  }

  #time = (): string => new Date(this.#options.clock.now()).toISOString()

  async #asked<T>(value: T): Promise<T> {
    await turn()
    if (!this.#isUp) throw away()
    return value
  }

  async #change<T>(work: () => T): Promise<T> {
    await turn()
    if (!this.#isUp) throw away()
    const fate = this.#options.fate()
    if (fate === 'refused') throw answer(500, 'the engine is out of sorts')
    if (fate === 'unheard') throw away()
    const result = work()
    await turn()
    if (fate === 'unanswered') throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    return result
  }

  async #events(): Promise<PassThrough> {
    const stream = await this.#asked(new PassThrough())
    this.#streams.add(stream)
    stream.once('close', () => this.#streams.delete(stream))
    return stream
  }

  #tell(Action: string, { id, options }: FakeContainer): void {
    const line = `${JSON.stringify({ id, Action, Actor: { Attributes: options.Labels ?? {} } })}\n`
    for (const stream of this.#streams) stream.write(line)
  }

  #list(): Promise<Array<{ Id: string }>> {
    return this.#asked([...this.containers.keys()].map((Id) => ({ Id })))
  }

  #find(id: string): FakeContainer {
    const found = this.containers.get(id) ?? [...this.containers.values()].find(({ name }) => name === id)
    if (!found) throw answer(404, `No such container: ${id}`)
    return found
  }

  #create(options: ContainerCreateOptions): string {
    const name = options.name!
    if ([...this.containers.values()].some((one) => one.name === name)) throw answer(409, `name ${name} is in use`)
    const id = (++this.#serial).toString(16).padStart(64, '0').split('').toReversed().join('')
    this.containers.set(id, { id, name, options, created: this.#time(), running: false, exitCode: 0 })
    return id
  }

  #start(id: string): void {
    const found = this.#find(id)
    const network = found.options.HostConfig?.NetworkMode ?? ''
    const sandbox = network.startsWith('container:') && this.containers.get(network.slice('container:'.length))
    if (network.startsWith('container:') && !(sandbox && sandbox.running))
      throw answer(409, 'cannot join network of a non running container')
    if (found.running) throw answer(304, 'container already started')
    Object.assign(found, { running: true, startedAt: this.#time() })
    this.#tell('start', found)
  }

  #stop(id: string): void {
    const found = this.#find(id)
    if (!found.running) throw answer(304, 'container already stopped')
    this.exit(found.id, 143)
  }

  #kill(id: string): void {
    const found = this.#find(id)
    if (!found.running) throw answer(409, 'container is not running')
    this.exit(found.id, 137)
  }

  #remove(id: string): void {
    const found = this.#find(id)
    this.exit(found.id, 137)
    this.containers.delete(found.id)
    this.#tell('destroy', found)
  }

  async #inspect(id: string) {
    const { name, options, created, startedAt, finishedAt, running, exitCode } = await this.#asked(this.#find(id))
    return {
      Id: id,
      Name: `/${name}`,
      Image: 'sha256:i',
      Created: created,
      LogPath: `/var/lib/docker/containers/${id}/${id}-json.log`,
      Config: { Tty: false, Labels: options.Labels ?? {} },
      HostConfig: options.HostConfig,
      Mounts: [],
      NetworkSettings: { Networks: {} },
      State: {
        Running: running,
        Status: running ? 'running' : startedAt ? 'exited' : 'created',
        Pid: running ? 7 : 0,
        ExitCode: exitCode,
        OOMKilled: false,
        Error: '',
        StartedAt: startedAt ?? '0001-01-01T00:00:00Z',
        FinishedAt: finishedAt ?? '0001-01-01T00:00:00Z',
      },
    }
  }
}
