/**
 * The agent: one process on every node that is kubelet, kube-proxy, flannel, DNS and network policies. It joins with a bootstrap token once, then
 * works with the node's own certificate. Everything here is started in the order in which it is needed and stopped with the process.
 */
import './polyfills.ts'
import { setMaxListeners } from 'node:events'
import Docker from 'dockerode'
import { createClient } from '../src-kube/client/typed-client.ts'
import { createInformer } from '../src-kube/client/informer.ts'
import { informerFactory } from '../src-kube/client/informer-factory.ts'
import { refs } from '../src-kube/client/refs.ts'
import { DNS_CONFIG_NAME } from '../src-kube/kinds/core/dns-config.ts'
import { createEventRecorder } from '../src-kube/runtime/events.ts'
import { systemClock } from '../src-kube/machinery/clock.ts'
import { httpTransport, type HttpTransport } from '../src-wire/http-transport.ts'
import { desktopImages } from '../src-wire/node/desktop-images.ts'
import { outliveFullDisk } from '../src-wire/outlive-full-disk.ts'
import { connectTunnel } from '../src-wire/tunnel/connect-tunnel.ts'
import { startDns } from './dns/index.ts'
import { startFlannel, type Lease } from './flannel/index.ts'
import { createHost, type Host, machineStart } from './host/index.ts'
import { loadKeyPair, requestCertificate, saveKeyPair, type KeyPair } from './identity/identity.ts'
import { startKubelet, type Kubelet } from './kubelet/index.ts'
import { openKubeletPort } from './kubelet-port.ts'
import { readConfig, watchConfig, type NodeConfig } from './node-config.ts'
import { keepPolicies, NetworkPolicies } from './policy/index.ts'
import { openStatusServers, type ProxyOptions, startProxy } from './proxy/index.ts'
import { createTrace } from './trace/index.ts'

const STATE = '/var/lib/kubelet'
const PKI = `${STATE}/pki`
/** Milliseconds between two tries to join. */
const RETRY = 1_000

/** The engine's own, which pods are on. */
const BRIDGE = 'docker0'

const log = (message: string): void => console.log(`${new Date().toISOString()} ${message}`)

/** Asks again until it works: the API server may not be up yet. */
async function persist<T>(what: string, attempt: () => Promise<T>): Promise<T> {
  for (let last = ''; ;) {
    try {
      return await attempt()
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      if (words !== last) log(`${what}: ${words}`)
      last = words
      await new Promise((resolve) => setTimeout(resolve, RETRY))
    }
  }
}

/** The first of the API server's addresses that answers. */
async function reachable(config: NodeConfig): Promise<string> {
  for (const server of config.servers) {
    const transport = httpTransport({ server, ca: config.ca, dialTimeout: 3_000 })
    try {
      await transport.raw({ path: '/livez' })
      return server
    } catch (error) {
      if (server === config.servers.at(-1)) throw error
    } finally {
      transport.close()
    }
  }
  throw new Error('the node has no address of an API server')
}

async function clientCertificate(config: NodeConfig, server: string, signal: AbortSignal): Promise<KeyPair> {
  const kept = await loadKeyPair(PKI, 'kubelet-client', Date.now())
  if (kept) return kept
  const transport = httpTransport({ server, ca: config.ca, token: config.token })
  try {
    const signer = 'kubernetes.io/kube-apiserver-client-kubelet'
    const pair = await requestCertificate({ transport, node: config.node, signer, names: { dns: [], ips: [] }, signal })
    await saveKeyPair(PKI, 'kubelet-client', pair)
    return pair
  } finally {
    transport.close()
  }
}

/** Hands the lease to the supervisor, which starts dockerd on it. */
async function publishLease(host: Host, { subnet, bridge, mtu }: Lease, clusterCidr: string): Promise<void> {
  const lines = [
    `FLANNEL_NETWORK=${clusterCidr}`,
    `FLANNEL_SUBNET=${bridge}`,
    `FLANNEL_MTU=${mtu}`,
    'FLANNEL_IPMASQ=true',
  ]
  await host.run('mkdir', ['-p', '/run/flannel'])
  await host.writeFile('/run/flannel/subnet.env', `${lines.join('\n')}\n`)
  await host.writeFile('/run/drydock/subnet.env', `FLANNEL_BIP=${bridge}\nFLANNEL_MTU=${mtu}\n`)
  // The supervisor reads the FIFO once; with nobody reading there is nobody to wake.
  await host.run('sh', ['-c', 'timeout 0.2 sh -c "echo >/run/drydock/lease" || true'])
  log(`lease ${subnet}, MTU ${mtu}`)
}

/** Joined to the API server, with what all parts work with. */
async function join(config: NodeConfig, host: Host, signal: AbortSignal) {
  const server = await persist('looking for the API server', () => reachable(config))
  const pair = await persist('joining', () => clientCertificate(config, server, signal))
  const tls = { ca: config.ca, cert: pair.cert, key: pair.key }
  const transport: HttpTransport = httpTransport({ server, ...tls, userAgent: 'kubelet', signal })
  const client = createClient(transport)
  const clock = systemClock
  const informers = informerFactory({ client, clock, signal, onError: (error) => log(String(error)) })
  const [nodes, services, slices, namespaces] = [
    informers.informer(refs.nodes),
    informers.informer(refs.services),
    informers.informer(refs.endpointSlices),
    informers.informer(refs.namespaces),
  ]
  const configs = createInformer({
    client,
    ref: refs.configMaps,
    namespace: 'kube-system',
    fieldSelector: `metadata.name=${DNS_CONFIG_NAME}`,
    clock,
    signal,
    onError: (error) => log(String(error)),
  })
  const machineStarted = await machineStart((path) => host.readFile(path), clock.now())
  const common = { client, host, nodeName: config.node, nodeIp: config.address, machineStarted, clock, signal, log }
  return { server, tls, transport, common, network: { ...common, services, slices, nodes, namespaces, configs } }
}

type Joined = Awaited<ReturnType<typeof join>>

/** The pods' network, then the pods; resolves at once, each begins when it can. */
function startPods(config: NodeConfig, joined: Joined, policies: NetworkPolicies): Kubelet {
  const { server, tls, transport, common, network } = joined
  const { nodes, services, host, signal } = network
  const { clusterCidr, flannelBackend } = config
  const flannel = startFlannel({ ...common, nodes, clusterCidr, backend: flannelBackend })
  const networkReady = flannel.lease.then(async (lease) => {
    await publishLease(host, lease, config.clusterCidr)
    return lease
  })
  networkReady.catch((error: unknown) => log(String(error)))
  const { clusterDns, clusterDomain } = config
  const kubelet = startKubelet({
    ...common,
    docker: new Docker({ socketPath: '/run/docker.sock' }),
    stateDirectory: STATE,
    memoryDirectory: '/run/drydock/volumes',
    logDirectory: '/var/log',
    networkReady,
    clusterDns,
    clusterDomain,
    services,
    nodes,
    fromDesktop: desktopImages(transport),
  })
  connectTunnel({
    server,
    tls,
    node: config.node,
    streams: {
      ...kubelet.streams,
      enforceNetworkPolicy: policies.enforce,
      trace: createTrace({ ...common, ...kubelet.sandboxes, bridge: BRIDGE, random: Math.random }),
    },
    signal,
    onState(channel, state, error) {
      log(`tunnel ${channel} ${state}${error ? `: ${error.message}` : ''}`)
      if (channel === 'control' && state === 'connected') kubelet.connected()
    },
  })
  return kubelet
}

function proxyOptions(
  config: NodeConfig,
  network: Joined['network'],
  { hostPorts }: Kubelet,
  policies: NetworkPolicies,
): ProxyOptions {
  const { clusterCidr, serviceCidr, clusterDns, proxyMode, ipvsScheduler, node } = config
  const { client, clock, signal } = network
  const events = createEventRecorder({ client, clock, signal, component: 'kube-proxy', host: node })
  const ranges = { clusterCidr, serviceCidr, dnsAddress: clusterDns }
  const repaired = (): Promise<void> => policies.stayFirst()
  const mode = { mode: proxyMode, ipvsScheduler }
  return { ...network, ...ranges, ...mode, hostPorts, events, repaired, openStatus: openStatusServers }
}

async function run(): Promise<void> {
  const stopping = new AbortController()
  const { signal } = stopping
  // Every informer and connection listens to the one end of the process.
  setMaxListeners(0, signal)
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stopping.abort())
  const config = await readConfig()
  const host = createHost()
  const joined = await join(config, host, signal)
  const { transport, network } = joined
  const { clusterDns, clusterDomain } = config
  watchConfig(config, signal, () => {
    log('the configuration has changed: the agent starts anew')
    stopping.abort()
  })
  const policies = new NetworkPolicies({ host, dnsAddress: clusterDns, log })
  const kubelet = startPods(config, joined, policies)
  keepPolicies(policies, network)
  const onError = (error: unknown): void => log(String(error))
  persist('proxy', () => startProxy(proxyOptions(config, network, kubelet, policies)))
    .then(() => policies.stayFirst())
    .catch(onError)
  persist('dns', () => startDns({ ...network, address: clusterDns, domain: clusterDomain })).catch(onError)
  const port = { config, client: network.client, transport, streams: kubelet.streams, signal, directory: PKI }
  openKubeletPort(port).catch((error: unknown) => log(`port 10250: ${String(error)}`))
  signal.addEventListener('abort', () => void kubelet.stop().then(() => process.exit(0)), { once: true })
}

outliveFullDisk()
process.on('unhandledRejection', (reason) => {
  log(`unhandled: ${reason instanceof Error ? reason.stack : String(reason)}`)
})
await run()
