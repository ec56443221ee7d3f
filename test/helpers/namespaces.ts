import { command } from './command.ts'
import { isAlive } from './leftovers.ts'

/** Runs a program of this machine, which must succeed; its stdout. */
export async function run(program: string, ...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await command(program, args)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')}: exit ${code}: ${stderr}`)
  return stdout
}

/**
 * Namespaces of the kernel's network for one kind of test. Their names carry the process that made them (`np4711-node`): those of a run of the
 * same kind that was cut off go when the first is made.
 */
export class Namespaces {
  readonly #kind: string
  readonly #made: string[] = []

  /** Letters, few enough: with a process and a name the kernel's commands still take it. */
  constructor(kind: string) {
    this.#kind = kind
  }

  /** The name by which the kernel knows it. */
  space(name: string): string {
    return `${this.#kind}${process.pid}-${name}`
  }

  async add(name: string): Promise<void> {
    if (this.#made.length === 0) await this.#removeLeftovers()
    this.#made.push(name)
    await run('ip', 'netns', 'add', this.space(name))
    await this.ip(name, 'link', 'set', 'lo', 'up')
  }

  /** `ip` on the network of a namespace. */
  ip(name: string, ...args: string[]): Promise<string> {
    return run('ip', '-n', this.space(name), ...args)
  }

  /** {@link ip} for each line, one after the other. */
  async setUp(name: string, ...lines: string[]): Promise<void> {
    for (const line of lines) await this.ip(name, ...line.split(' '))
  }

  /** Joins a namespace to the bridge `docker0` of another, as the kubelet joins a pod to its node's; `link` is the node's end. */
  async joinBridge(
    pod: string,
    { node, address, link }: { node: string; address: string; link: string },
  ): Promise<void> {
    const gateway = address.replace(/\d+$/, '1')
    await this.setUp(
      pod,
      `link add eth0 mtu 1450 type veth peer name ${link} netns ${this.space(node)}`,
      `addr add ${address}/24 dev eth0`,
      'link set eth0 up',
      `route add default via ${gateway}`,
    )
    await this.setUp(
      node,
      `link set ${link} mtu 1450 master docker0`,
      `link set ${link} type bridge_slave hairpin on`,
      `link set ${link} up`,
    )
  }

  /** A program inside a namespace, which must succeed. */
  inside(name: string, program: string, ...args: string[]): Promise<string> {
    return run('ip', ...this.words(name, program, ...args))
  }

  /** What makes `ip` run a program inside. */
  words(name: string, program: string, ...args: readonly string[]): string[] {
    return ['netns', 'exec', this.space(name), program, ...args]
  }

  async removeAll(): Promise<void> {
    for (const name of this.#made.splice(0).toReversed()) await run('ip', 'netns', 'del', this.space(name))
  }

  async #removeLeftovers(): Promise<void> {
    const ours = new RegExp(`^(${this.#kind}(\\d+)-\\S+)`, 'gm')
    for (const [, name, pid] of (await run('ip', 'netns', 'list')).matchAll(ours)) {
      if (isAlive(Number(pid))) continue
      const inside = (await run('ip', 'netns', 'pids', name!)).split('\n').filter(Boolean)
      for (const one of inside) process.kill(Number(one), 'SIGKILL')
      await run('ip', 'netns', 'del', name!)
    }
  }
}
