import type Docker from 'dockerode'
import { existsSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { PassThrough } from 'node:stream'
import tar from 'tar-stream'
import type { ExecResult, NodeConfig, NodeMachine, NodeNetwork, NodeOptions, NodeState, Provider } from '../provider.ts'
import { UserError } from '../user-error.ts'
import { statusOf, unlessGone } from './engine.ts'
import { labelsOf, namesOf, LABEL_CLUSTER, LABEL_NODE, LABEL_PURPOSE } from './names.ts'
import { nodeContainer, refusesPrivileged, type NodeRights } from './node-container.ts'
import { freeSubnet, nodeAddress } from './subnets.ts'

/** The engine that nodes of one cluster are containers of. */
export interface DockerProviderOptions {
  docker: Docker
  cluster: string
  /** Node image, present in the engine. */
  image: string
  /** Folder with agent and supervisor. */
  bundle: string
}

/** Nodes as Docker-in-Docker containers. Everything it makes is named and labelled; state is read back from the engine. */
export class DockerProvider implements Provider {
  readonly #docker: Docker
  readonly #cluster: string
  readonly #image: string
  readonly #bundle: string
  readonly #names
  /** What this engine grants; learnt at the first start. */
  #mode: NodeRights = 'privileged'

  constructor(options: DockerProviderOptions) {
    this.#docker = options.docker
    this.#cluster = options.cluster
    this.#image = options.image
    this.#bundle = options.bundle
    this.#names = namesOf(options.cluster)
  }

  async ensureNetwork(): Promise<NodeNetwork> {
    const present = await this.#network()
    if (present) return present
    const networks = (await this.#docker.listNetworks()) as Array<{
      IPAM?: { Config?: Array<{ Subnet?: string }> | null }
    }>
    const taken = [
      ...networks.flatMap((network) => (network.IPAM?.Config ?? []).map((c) => c.Subnet ?? '')),
      ...Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((i) => i.cidr ?? '')),
    ]
    const subnet = freeSubnet(taken.filter((cidr) => cidr !== ''))
    if (!subnet) {
      throw new UserError(
        'No free /24 is left for the node network in 172.28.0.0/14.',
        'Remove Docker networks that are not used (docker network prune) and repeat.',
      )
    }
    await this.#docker.createNetwork({
      Name: this.#names.network,
      Driver: 'bridge',
      CheckDuplicate: true,
      Labels: labelsOf(this.#cluster, 'network'),
      IPAM: { Driver: 'default', Config: [{ Subnet: subnet }] },
    })
    const made = await this.#network()
    if (!made) throw new Error(`network ${this.#names.network} is missing right after it was made`)
    return made
  }

  async #network(): Promise<NodeNetwork | undefined> {
    try {
      const found = (await this.#docker.getNetwork(this.#names.network).inspect()) as {
        IPAM: { Config: Array<{ Subnet: string; Gateway?: string }> }
      }
      const config = found.IPAM.Config[0]
      if (!config) return undefined
      return {
        subnet: config.Subnet,
        gateway: (config.Gateway ?? config.Subnet.replace(/\.0\/\d+$/, '.1')).split('/')[0]!,
      }
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw error
    }
  }

  async addressFor(name: string): Promise<string> {
    const { subnet } = await this.ensureNetwork()
    const nodes = await this.list()
    const own = nodes.find((node) => node.name === name)
    if (own?.address) return own.address
    const address = nodeAddress(
      subnet,
      name,
      nodes.map((node) => node.address),
    )
    if (!address) throw new UserError(`The node network ${subnet} is full.`, 'Remove a node first.')
    return address
  }

  async list(): Promise<NodeMachine[]> {
    const containers = await this.#docker.listContainers({
      all: true,
      filters: { label: [`${LABEL_CLUSTER}=${this.#cluster}`, `${LABEL_PURPOSE}=node`] },
    })
    const machines = await Promise.all(containers.map((c) => this.#machine(c.Id, c.Labels[LABEL_NODE] ?? '')))
    return machines
      .filter((machine) => machine !== undefined)
      .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))
  }

  async #machine(id: string, name: string): Promise<NodeMachine | undefined> {
    try {
      const { State, NetworkSettings } = await this.#docker.getContainer(id).inspect()
      const endpoint = NetworkSettings.Networks[this.#names.network] as
        | { IPAddress?: string; IPAMConfig?: { IPv4Address?: string } | null }
        | undefined
      return {
        name,
        state: stateOf(State),
        address: endpoint?.IPAMConfig?.IPv4Address ?? endpoint?.IPAddress ?? '',
        startedAt: State.StartedAt.startsWith('0001') ? undefined : State.StartedAt,
      }
    } catch (error) {
      if (statusOf(error) === 404) return undefined
      throw error
    }
  }

  async create({ name, config }: NodeOptions): Promise<NodeMachine> {
    await this.ensureNetwork()
    const volumes: Array<[string, string]> = [
      [this.#names.dockerVolume(name), 'docker'],
      [this.#names.kubeletVolume(name), 'kubelet'],
    ]
    for (const [volume, purpose] of volumes) {
      await this.#docker.createVolume({ Name: volume, Labels: labelsOf(this.#cluster, purpose, name) })
    }
    await this.#docker.createVolume({ Name: this.#names.sharedVolume, Labels: labelsOf(this.#cluster, 'volumes') })
    // Nodes are created side by side: each falls back by itself, whatever the others learnt meanwhile.
    const mode = this.#mode
    try {
      await this.#createAndStart(name, config, mode)
    } catch (error) {
      if (mode === 'capabilities' || !refusesPrivileged(error)) throw await this.#withdraw(name, error)
      this.#mode = 'capabilities'
      await unlessGone(this.#container(name).remove({ force: true }))
      try {
        await this.#createAndStart(name, config, 'capabilities')
      } catch (again) {
        throw await this.#withdraw(name, again)
      }
    }
    const machine = (await this.list()).find((node) => node.name === name)
    if (!machine) throw new UserError(`Node ${name} was removed while it was being created.`, 'Create it again.')
    return machine
  }

  async #createAndStart(name: string, config: NodeConfig, mode: NodeRights): Promise<void> {
    const options = nodeContainer({
      cluster: this.#cluster,
      node: name,
      image: this.#image,
      address: config.address,
      bundle: this.#bundle,
      mode,
      modules: existsSync('/lib/modules'),
      hostGateway: process.platform !== 'linux',
    })
    await this.#docker.createContainer(options)
    await this.configure(name, config)
    await this.#container(name).start()
  }

  /** Takes back what a failed creation left, and returns the error to throw. */
  async #withdraw(name: string, error: unknown): Promise<Error> {
    await this.delete(name)
    return new UserError(
      `Node ${name} could not be created: ${error instanceof Error ? error.message : String(error)}`,
      'Nothing of it was left behind. Repeat, or look at the engine with `docker info`.',
      { cause: error },
    )
  }

  async configure(name: string, config: NodeConfig): Promise<void> {
    const pack = tar.pack()
    pack.entry({ name: 'etc/drydock', type: 'directory', mode: 0o700 })
    pack.entry({ name: 'etc/drydock/node.json', mode: 0o600 }, JSON.stringify(config, null, 2))
    pack.finalize()
    await this.#container(name).putArchive(pack as unknown as NodeJS.ReadableStream, { path: '/' })
  }

  async start(name: string): Promise<void> {
    await this.#ignoring(304, this.#container(name).start())
  }

  async stop(name: string): Promise<void> {
    const machine = (await this.list()).find((node) => node.name === name)
    if (machine?.state === 'paused') await this.resume(name)
    await this.#ignoring(304, this.#container(name).stop({ t: 10 }))
  }

  async pause(name: string): Promise<void> {
    await this.#ignoring(409, this.#container(name).pause())
  }

  async resume(name: string): Promise<void> {
    await this.#container(name).unpause()
  }

  async delete(name: string): Promise<void> {
    await unlessGone(this.#container(name).remove({ force: true, v: true }))
    for (const volume of [this.#names.dockerVolume(name), this.#names.kubeletVolume(name)]) {
      await unlessGone(this.#docker.getVolume(volume).remove())
    }
  }

  async deleteShared(): Promise<void> {
    await unlessGone(this.#docker.getVolume(this.#names.sharedVolume).remove())
    await unlessGone(this.#docker.getNetwork(this.#names.network).remove())
  }

  exec(name: string, command: string[]): Promise<ExecResult> {
    return this.#run(name, command)
  }

  async loadImage(name: string, archive: NodeJS.ReadableStream): Promise<void> {
    const { code, stderr, stdout } = await this.#run(name, ['docker', 'load', '--quiet'], archive)
    if (code !== 0) throw new UserError(`Node ${name} could not load the image: ${(stderr || stdout).trim()}`)
  }

  async ended(name: string, signal: AbortSignal): Promise<void> {
    await this.#container(name).wait({ abortSignal: signal })
  }

  async logs(name: string, lines: number): Promise<string[]> {
    try {
      const raw = await this.#container(name).logs({ stdout: true, stderr: true, tail: lines })
      return plainLines(raw).slice(-lines)
    } catch (error) {
      if (statusOf(error) === 404) return []
      throw error
    }
  }

  async #run(name: string, command: string[], input?: NodeJS.ReadableStream): Promise<ExecResult> {
    const attach = { AttachStdin: input !== undefined, AttachStdout: true, AttachStderr: true }
    const exec = await this.#container(name).exec({ Cmd: command, ...attach })
    const stream = await exec.start({ hijack: true, stdin: input !== undefined })
    input?.pipe(stream)
    const [stdout, stderr] = [new PassThrough(), new PassThrough()]
    this.#docker.modem.demuxStream(stream, stdout, stderr)
    stream.on('end', () => {
      stdout.end()
      stderr.end()
    })
    const [out, err] = await Promise.all([textOf(stdout), textOf(stderr)])
    const { ExitCode } = await exec.inspect()
    return { code: ExitCode ?? -1, stdout: out, stderr: err }
  }

  #container(node: string) {
    return this.#docker.getContainer(this.#names.container(node))
  }

  async #ignoring(status: number, call: Promise<unknown>): Promise<void> {
    try {
      await call
    } catch (error) {
      if (statusOf(error) === 404)
        throw new UserError('There is no such node.', 'See `drydock status`.', { cause: error })
      if (statusOf(error) !== status) throw error
    }
  }
}

/** A paused container counts as running to the engine, too. */
function stateOf({ Paused, Running, Status }: { Paused: boolean; Running: boolean; Status: string }): NodeState {
  if (Paused) return 'paused'
  if (Running) return 'running'
  return Status === 'created' ? 'created' : 'stopped'
}

/** Lines of a log of a container without a terminal: frames of an 8-byte header, the last four its length, and the bytes. */
function plainLines(raw: Buffer): string[] {
  let text = ''
  for (let at = 0; at + 8 <= raw.length;) {
    const end = at + 8 + raw.readUInt32BE(at + 4)
    text += raw.toString('utf8', at + 8, end)
    at = end
  }
  return text.split('\n').filter((line) => line.trim() !== '')
}

async function textOf(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}
