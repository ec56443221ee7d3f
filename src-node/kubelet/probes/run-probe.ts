import type { Container, Pod, Probe } from '#types/core/v1'
import { engineWords } from '../runtime/engine-words.ts'
import { probeGrpc } from './grpc.ts'
import { probeHttp, type ProbeAnswer } from './http.ts'
import { probeTcp } from './tcp.ts'

/** Runs a command in a container. */
export type ProbeExec = (
  container: { pod: Pod; container: string },
  command: string[],
  timeoutMs: number,
) => Promise<{ exitCode: number; output: string }>

/** Characters of a command's output that are told. */
const SHOWN_OUTPUT = 10_240

/** Why a question could not even be asked: that is no failure of the container. */
export class ProbeError extends Error {
  override readonly name = 'ProbeError'
}

/** Asks the question once. What is answered wrong, late or not at all is a failure; rejects with a `ProbeError` when it cannot be asked. */
export async function runProbe(
  probe: Probe,
  { pod, container, podIp }: { pod: Pod; container: Container; podIp: string },
  exec: ProbeExec,
): Promise<ProbeAnswer> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000
  try {
    const { httpGet, tcpSocket, grpc } = probe
    if (probe.exec) {
      const command = probe.exec.command ?? []
      const { exitCode, output } = await exec({ pod, container: container.name }, command, timeoutMs).catch(unasked)
      return { ok: exitCode === 0, message: output.slice(0, SHOWN_OUTPUT) }
    }
    if (httpGet) return await probeHttp(httpGet, podIp, probePort(httpGet.port, container), timeoutMs)
    if (tcpSocket) return await probeTcp(tcpSocket.host || podIp, probePort(tcpSocket.port, container), timeoutMs)
    if (grpc) return await probeGrpc(podIp, grpc.port, grpc.service ?? '', timeoutMs)
    throw new ProbeError(`missing probe handler for ${pod.metadata.namespace}/${pod.metadata.name}:${container.name}`)
  } catch (error) {
    if (error instanceof ProbeError) throw error
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

function unasked(error: unknown): never {
  throw new ProbeError(engineWords(error), { cause: error })
}

/** A port of a probe; a name that the container does not know is read as a number, and told of as upstream's is. */
function probePort(port: number | string, container: Container): number {
  const known = container.ports?.some(({ name }) => name !== undefined && name === port)
  if (!known && !/^[+-]?\d+$/.test(String(port)))
    throw new ProbeError(`strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`)
  return portOf(port, container)
}

/** A port by number or by the container's name for it. */
export function portOf(port: number | string, container: Container): number {
  const named = container.ports?.find(({ name }) => name !== undefined && name === port)
  const found = named?.containerPort ?? Number(port)
  if (!Number.isInteger(found) || found < 1 || found > 65_535) throw new Error(`couldn't find port: ${port}`)
  return found
}
