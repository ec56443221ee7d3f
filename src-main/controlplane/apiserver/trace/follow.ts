import { randomUUID } from 'node:crypto'
import type { Node } from '#types/core/v1'
import type { Clock } from '../../../../src-kube/machinery/clock.ts'
import { StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { NodeTunnels } from '../../../../src-wire/node/node-connection.ts'
import type { ArrivalReport, ProbeReport, TraceServices } from '../../../../src-wire/trace/steps.ts'
import { internalIp, nodeOfAddress, sourcesOn, type Facts } from './facts.ts'
import type { TracePlan } from './plan.ts'

/** What both ends said. */
export interface Followed {
  /** Absent when the source's node is not connected. */
  probe?: ProbeReport
  /** Address where it should have come out, where it was sent to one. */
  target?: string
  /** The node with that address; absent for an address outside of the cluster. */
  targetNode?: Node
  /** Absent when that node is not connected, or was not asked. */
  arrival?: ArrivalReport
  /** Whether the target's node is connected. */
  isThere: boolean
}

/** Milliseconds that a node may take for a step, and for a probe: the wait for answers is part of it. */
const STEP_WAIT = 3_000
const PROBE_WAIT = 20_000

/** Nodes that listen at most, when it may come out anywhere. */
const MOST_NODES = 16

/** Sends the packet, with everybody listening where it may come out, and asks who should have seen it. */
export async function followPacket(
  plan: TracePlan,
  facts: Facts,
  tunnels: NodeTunnels,
  clock: Clock,
): Promise<Followed> {
  if (!tunnels.has(plan.node)) return { isThere: false }
  const nodes = await facts.nodes()
  const source = nodes.find(({ metadata }) => metadata.name === plan.node)
  const world = { nodes, source, tunnels, clock }
  const listening = await listen(plan, world)
  try {
    return await sendPacket(plan, world, listening)
  } finally {
    await stopListening(listening, world)
  }
}

interface World {
  nodes: readonly Node[]
  /** Where the packet begins; absent when it went meanwhile. */
  source: Node | undefined
  tunnels: NodeTunnels
  clock: Clock
}

async function sendPacket(
  plan: TracePlan,
  { nodes, source, tunnels, clock }: World,
  listening: Map<string, string>,
): Promise<Followed> {
  const probe = await answerOf(clock, PROBE_WAIT, () => traceOf(tunnels, plan.node).probe(plan.probe))
  if (!probe) return { isThere: false }
  const target = targetOf(probe)
  if (target === undefined) return { probe, isThere: false }
  const targetNode = nodeOfAddress(nodes, target) ?? (probe.route?.kind === 'local' ? source : undefined)
  const name = targetNode?.metadata.name ?? ''
  const isThere = tunnels.has(name)
  const { flow } = probe
  if (!isThere || !flow) return { probe, target, ...(targetNode && { targetNode }), isThere }
  const watch = listening.get(name)
  const step = { ...(watch && { watch }), protocol: plan.probe.protocol, reply: flow.reply }
  listening.delete(name)
  const arrival = await answerOf(clock, STEP_WAIT, () => traceOf(tunnels, name).arrival(step))
  return { probe, target, ...(targetNode && { targetNode }), ...(arrival && { arrival }), isThere }
}

/** Where the packet was sent in the end: the endpoint, else what was asked for. */
const targetOf = ({ flow, rules, address }: ProbeReport): string | undefined =>
  flow?.reply.source ?? rules?.endpoint?.address ?? address

/** Watches that were begun, by node. One that cannot begin is done without: the node's table still tells of connections that stand. */
async function listen(plan: TracePlan, { nodes, source, tunnels, clock }: World): Promise<Map<string, string>> {
  const { pod, probe } = plan
  const direct = nodeOfAddress(nodes, probe.host)?.metadata.name
  const names = plan.nodes ?? (direct ? [direct] : nodes.map(({ metadata }) => metadata.name))
  const wanted = [...new Set(names)].filter((name) => tunnels.has(name)).slice(0, MOST_NODES)
  const address = pod?.spec.hostNetwork ? internalIp(source) : (pod?.status?.podIP ?? internalIp(source))
  const sources = sourcesOn(source, address)
  const begun = await Promise.all(
    wanted.map(async (name) => {
      const id = randomUUID()
      const step = { id, protocol: probe.protocol, sources }
      const begin = () => traceOf(tunnels, name).watch(step)
      const isOn = await answerOf(clock, STEP_WAIT, () => begin().then(isTrue, refused))
      return isOn ? [[name, id] as const] : []
    }),
  )
  return new Map(begun.flat())
}

/** A node that is lost, or does not answer, ends its watches itself after a while. */
async function stopListening(listening: ReadonlyMap<string, string>, { tunnels, clock }: World): Promise<void> {
  const ends = [...listening].map(([name, id]) =>
    answerOf(clock, STEP_WAIT, async () => traceOf(tunnels, name).unwatch({ id }).then(isTrue, refused)),
  )
  await Promise.all(ends)
}

const isTrue = (): boolean => true

function refused(error: unknown): boolean {
  if (error instanceof StatusError) return false
  throw error
}

/** What a node answers; undefined when it is lost meanwhile, or silent for too long: its connection is noticed to be cut only after some seconds. */
async function answerOf<T>(clock: Clock, most: number, ask: () => Promise<T>): Promise<T | undefined> {
  const late = Promise.withResolvers<undefined>()
  const timer = clock.after(most, () => late.resolve(undefined))
  try {
    return await Promise.race([ask(), late.promise])
  } catch (error) {
    if (error instanceof StatusError && error.code === 502) return undefined
    throw error
  } finally {
    timer.cancel()
  }
}

/** Throws 501 for an agent that is older, 502 for a node that is gone. */
function traceOf(tunnels: NodeTunnels, node: string): TraceServices {
  const { trace } = tunnels.get(node)
  if (trace) return trace
  throw new StatusError(501, 'NotImplemented', `node "${node}" does not know how to follow packets`)
}
