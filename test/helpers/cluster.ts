import { spawn, type ChildProcess } from 'node:child_process'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { command, type CommandResult, drydock, kubectlOf } from './command.ts'
import { clusterName, labelled, ownFolder, removeLeftovers } from './leftovers.ts'

/** A real cluster through the command line, as a user makes one. What a run of the same kind left that was cut off goes before the first command. */
export class TestCluster {
  readonly name: string
  readonly data: string
  readonly #kind: string
  #cleared: Promise<void> | undefined

  constructor(kind: string) {
    this.#kind = kind
    this.name = clusterName(kind)
    this.data = ownFolder(kind)
  }

  /** A verb of the command line, which must succeed. */
  async drydock(...args: string[]): Promise<CommandResult> {
    await (this.#cleared ??= removeLeftovers(this.#kind))
    const where = ['--name', this.name, '--data', join(this.data, 'cluster')]
    const result = await drydock([...args, ...where], { timeout: 300_000 })
    if (result.code !== 0)
      throw new Error(`drydock ${args.join(' ')}: exit ${result.code}\n${result.stderr}${result.stdout}`)
    return result
  }

  get kubeconfig(): string {
    return join(this.data, 'cluster', 'kubeconfig')
  }

  /** kubectl of a version; the test looks at the exit code. */
  kubectl(version: string, ...args: string[]): Promise<CommandResult> {
    return command(kubectlOf(version), args, { env: { KUBECONFIG: this.kubeconfig } })
  }

  /** kubectl 1.36, which must succeed; its stdout. */
  async k(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.kubectl('1.36', ...args)
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: exit ${code}\n${stderr}${stdout}`)
    return stdout
  }

  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.k(...args, '-o', 'json')) as T
  }

  spawnKubectl(version: string, ...args: string[]): ChildProcess {
    const env = { ...process.env, KUBECONFIG: this.kubeconfig }
    return spawn(kubectlOf(version), args, { env, stdio: 'pipe' })
  }

  /** Docker's name of the network between the nodes. */
  get network(): string {
    return `drydock-${this.name}`
  }

  /** Docker's name of a node's container. */
  machine(node: string): string {
    return `drydock-${this.name}-${node}`
  }

  /** A command inside a node. */
  onNode(node: string, ...args: string[]): Promise<CommandResult> {
    return command('docker', ['exec', this.machine(node), ...args])
  }

  /** Throws if anything of it is left in Docker. */
  async delete(): Promise<void> {
    await this.drydock('down', '--delete')
    rmSync(this.data, { recursive: true, force: true })
    const left = await labelled(this.name)
    if (left.length > 0) throw new Error(`The cluster ${this.name} is deleted, and left is: ${left.join(', ')}`)
  }
}
