import { DataDirectory } from '../../cluster/data-directory.ts'
import { startDetached, type UpResult } from '../../cluster/detached-host.ts'
import { etcdFlagNames, etcdHelp } from '../../cluster/etcd-settings.ts'
import { networkHelp } from '../../cluster/network-modes.ts'
import type { UpOptions } from '../../cluster/up-options.ts'
import { UserError } from '../../cluster/user-error.ts'
import { host } from '../host/host.ts'
import { catchInterruption } from '../host/interruption.ts'
import { thisProgram } from '../host/this-program.ts'
import { tell } from '../host/waiting-process.ts'
import type { Output } from '../output.ts'
import type { Flags, Verb } from '../verb.ts'

const sizeHelp = [
  '  --nodes N                  how many nodes: 3 in a new cluster; 0 for the control plane alone, which needs no Docker',
  '  --port P                   port of the API server: 6443, or the next free one',
]

export const up: Verb = {
  usage: 'up [--nodes N] [--port P] [--detach]',
  summary: 'Create the cluster, or start it again; --detach leaves it running in the background',
  details: [...sizeHelp, '', ...networkHelp, '', ...etcdHelp],
  flags: ['nodes', 'port', 'detach', 'proxy-mode', 'ipvs-scheduler', 'flannel-backend', ...etcdFlagNames],
  async run(_args, flags, output) {
    if (flags.detach) return detach(flags, output)
    const result = await host(optionsOf(flags), output)
    if (process.connected) tell({ type: 'up', result })
    else report(result, output)
  },
}

function report(result: UpResult, output: Output): void {
  output.result(result, [
    '',
    `Cluster ${result.cluster} is up after ${result.elapsed.toFixed(1)} s.`,
    `  API server  ${result.server}`,
    `  kubectl     export KUBECONFIG=${result.kubeconfig}`,
    ...(result.app ? [`  app         ${result.app}`] : []),
  ])
}

function optionsOf(flags: Flags): UpOptions {
  const number = (text: string | undefined, name: string, least: number, most: number): number | undefined => {
    if (text === undefined) return undefined
    const value = Number(text)
    if (!/^\d+$/.test(text) || value < least || value > most)
      throw new UserError(
        `--${name} takes a whole number from ${least} to ${most}, not "${text}".`,
        `For example --${name} ${name === 'nodes' ? 3 : 6443}.`,
      )
    return value
  }
  return {
    name: flags.name,
    data: flags.data,
    nodes: number(flags.nodes, 'nodes', 0, 50),
    port: number(flags.port, 'port', 1, 65535),
    network: {
      proxyMode: flags['proxy-mode'],
      ipvsScheduler: flags['ipvs-scheduler'],
      flannelBackend: flags['flannel-backend'],
    },
    etcd: {
      servers: flags['etcd-servers'],
      cafile: flags['etcd-cafile'],
      certfile: flags['etcd-certfile'],
      keyfile: flags['etcd-keyfile'],
      prefix: flags['etcd-prefix'],
      keysFrom: flags['keys-from'],
    },
  }
}

/** Starts the host as a process of its own and returns when the cluster is up. */
async function detach(flags: Flags, output: Output): Promise<void> {
  const { name, data, nodes, port, network, etcd } = optionsOf(flags)
  // The host is no member of the terminal's group: Ctrl-C reaches it through us, and it undoes what it made.
  const interruption = catchInterruption()
  const result = await startDetached({
    program: thisProgram(),
    name,
    directory: new DataDirectory(name, data),
    data,
    nodes,
    port,
    network,
    etcd,
    progress: output.step,
    signal: interruption.signal,
  })
  interruption.release()
  report(result, output)
}
