import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { command, type CommandResult, drydock, kubectlOf } from './command.ts'
import { ownFolder, removeLeftovers } from './leftovers.ts'

/** A user of their own: nothing of this machine's clusters is seen or touched, and no engine is there. Their clusters have no nodes. */
export class OwnUser {
  readonly home: string
  readonly env: Record<'HOME' | 'XDG_DATA_HOME' | 'KUBECONFIG' | 'DOCKER_HOST', string>
  readonly #kind: string
  #cleared: Promise<void> | undefined

  constructor(kind: string) {
    this.#kind = kind
    this.home = ownFolder(kind)
    this.env = {
      HOME: this.home,
      XDG_DATA_HOME: join(this.home, 'data'),
      KUBECONFIG: join(this.home, 'user-config'),
      DOCKER_HOST: `unix://${join(this.home, 'nowhere.sock')}`,
    }
  }

  /** Where a cluster's data lies, or would. */
  folder(cluster: string): string {
    return join(this.env.XDG_DATA_HOME, 'drydock', 'clusters', cluster)
  }

  async drydock(cluster: string, ...args: string[]): Promise<CommandResult> {
    await (this.#cleared ??= removeLeftovers(this.#kind))
    return drydock([...args, '--name', cluster], { env: this.env })
  }

  /** kubectl 1.36 as the administrator of a cluster. */
  kubectl(cluster: string, ...args: string[]): Promise<CommandResult> {
    const env = { ...this.env, KUBECONFIG: join(this.folder(cluster), 'kubeconfig') }
    return command(kubectlOf('1.36'), args, { env })
  }

  /** Removes them and all their clusters. */
  async delete(): Promise<void> {
    const clusters = this.folder('')
    for (const cluster of existsSync(clusters) ? readdirSync(clusters) : [])
      await this.drydock(cluster, 'down', '--delete')
    rmSync(this.home, { recursive: true, force: true })
  }
}
