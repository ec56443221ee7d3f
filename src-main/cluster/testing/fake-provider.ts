import type { ExecResult, NodeMachine, NodeNetwork, NodeOptions, Provider } from '../provider.ts'

/** Machines that exist only in memory; each act is noted in `acts`. */
export class FakeProvider implements Provider {
  readonly acts: string[] = []
  readonly #machines = new Map<string, NodeMachine>()
  readonly #logs = new Map<string, string[]>()
  readonly #ends = new Map<string, Set<() => void>>()

  /** How many wait for the end of a machine. */
  get waiting(): number {
    return [...this.#ends.values()].reduce((sum, set) => sum + set.size, 0)
  }

  /** Ends a machine by itself, its last words as given. */
  die(name: string, words: string[]): void {
    this.#logs.set(name, words)
    this.#set(name, 'stopped')
    for (const end of this.#ends.get(name) ?? []) end()
  }

  ensureNetwork(): Promise<NodeNetwork> {
    return Promise.resolve({ subnet: '172.28.0.0/24', gateway: '172.28.0.1' })
  }

  addressFor(name: string): Promise<string> {
    return Promise.resolve(`172.28.0.${10 + Number(/\d+$/.exec(name)?.[0] ?? 100)}`)
  }

  list(): Promise<NodeMachine[]> {
    return Promise.resolve([...this.#machines.values()])
  }

  async create({ name }: NodeOptions): Promise<NodeMachine> {
    this.acts.push(`create ${name}`)
    const machine = { name, state: 'running' as const, address: await this.addressFor(name), startedAt: undefined }
    this.#machines.set(name, machine)
    return machine
  }

  configure(name: string): Promise<void> {
    return Promise.resolve(void this.acts.push(`configure ${name}`))
  }

  start(name: string): Promise<void> {
    return this.#act('start', name, 'running')
  }

  stop(name: string): Promise<void> {
    return this.#act('stop', name, 'stopped')
  }

  pause(name: string): Promise<void> {
    return this.#act('pause', name, 'paused')
  }

  resume(name: string): Promise<void> {
    return this.#act('resume', name, 'running')
  }

  delete(name: string): Promise<void> {
    this.acts.push(`delete ${name}`)
    this.#machines.delete(name)
    return Promise.resolve()
  }

  exec(): Promise<ExecResult> {
    return Promise.resolve({ code: 0, stdout: '', stderr: '' })
  }

  loadImage(name: string): Promise<void> {
    return Promise.resolve(void this.acts.push(`load ${name}`))
  }

  ended(name: string, signal: AbortSignal): Promise<void> {
    const waiters = this.#ends.get(name) ?? new Set()
    this.#ends.set(name, waiters)
    return new Promise((resolve, reject) => {
      waiters.add(resolve)
      signal.addEventListener('abort', () => {
        waiters.delete(resolve)
        reject(signal.reason as Error)
      })
    })
  }

  logs(name: string, lines: number): Promise<string[]> {
    return Promise.resolve((this.#logs.get(name) ?? []).slice(-lines))
  }

  deleteShared(): Promise<void> {
    return Promise.resolve(void this.acts.push('delete shared'))
  }

  #act(act: string, name: string, state: NodeMachine['state']): Promise<void> {
    this.acts.push(`${act} ${name}`)
    this.#set(name, state)
    return Promise.resolve()
  }

  #set(name: string, state: NodeMachine['state']): void {
    const machine = this.#machines.get(name)
    if (machine) this.#machines.set(name, { ...machine, state })
  }
}
