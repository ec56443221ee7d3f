import { randomUUID } from 'node:crypto'
import type { Node } from '#types/core/v1'
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

/** Nodes that listen at most, when it may come out anywhere. */
const MOST_NODES = 16

/** Sends the packet, with everybody listening where it may come out, and asks who should have seen it. */
export async function followPacket(plan: TracePlan, facts: Facts, tunnels: NodeTunnels): Promise<Followed> {
  if (!tunnels.has(plan.node)) return { isThere: false }
  const nodes = await facts.nodes()
  const source = nodes.find(({ metadata }) => metadata.name === plan.node)
  const listening = await listen(plan, nodes, source, tunnels)
  const probe = await traceOf(tunnels, plan.node).probe(plan.probe)
  const target = targetOf(probe)
  if (target === undefined) return { probe, isThere: false }
  const targetNode = nodeOfAddress(nodes, target) ?? (probe.route?.kind === 'local' ? source : undefined)
  const name = targetNode?.metadata.name ?? ''
  const isThere = tunnels.has(name)
  const { flow } = probe
  if (!isThere || !flow) return { probe, target, ...(targetNode && { targetNode }), isThere }
  const watch = listening.get(name)
  const step = { ...(watch && { watch }), protocol: plan.probe.protocol, reply: flow.reply }
  const arrival = await traceOf(tunnels, name).arrival(step)
  return { probe, target, ...(targetNode && { targetNode }), arrival, isThere }
}

/** Where the packet was sent in the end: the endpoint, else what was asked for. */
export const targetOf = ({ flow, rules, address }: ProbeReport): string | undefined =>
  flow?.reply.source ?? rules?.endpoint?.address ?? address

/** Watches that were begun, by node. One that cannot begin is done without: the node's table still tells of connections that stand. */
async function listen(
  plan: TracePlan,
  nodes: readonly Node[],
  source: Node | undefined,
  tunnels: NodeTunnels,
): Promise<Map<string, string>> {
  const { pod, probe } = plan
  const direct = nodeOfAddress(nodes, probe.host)?.metadata.name
  const names = plan.nodes ?? (direct ? [direct] : nodes.map(({ metadata }) => metadata.name))
  const wanted = [...new Set(names)].filter((name) => tunnels.has(name)).slice(0, MOST_NODES)
  const address = pod?.spec.hostNetwork ? internalIp(source) : (pod?.status?.podIP ?? internalIp(source))
  const sources = sourcesOn(source, address)
  const begun = await Promise.all(
    wanted.map(async (name) => {
      const id = randomUUID()
      try {
        await traceOf(tunnels, name).watch({ id, protocol: probe.protocol, sources })
        return [[name, id] as const]
      } catch (error) {
        if (error instanceof StatusError) return []
        throw error
      }
    }),
  )
  return new Map(begun.flat())
}

function traceOf(tunnels: NodeTunnels, node: string): TraceServices {
  const { trace } = tunnels.get(node)
  if (trace) return trace
  throw new StatusError(501, 'NotImplemented', `node "${node}" does not know how to follow packets`)
}
