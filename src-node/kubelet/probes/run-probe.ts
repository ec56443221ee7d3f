import type { Container, Pod, Probe } from '#types/core/v1'
import { probeGrpc } from './grpc.ts'
import { probeHttp, type ProbeAnswer } from './http.ts'
import { probeTcp } from './tcp.ts'

/** Runs a command in a container. */
export type ProbeExec = (
  container: { pod: Pod; container: string },
  command: string[],
  timeoutMs: number,
) => Promise<{ exitCode: number; output: string }>

const shownOutput = 10_240

/** Asks the question once. Never rejects: what cannot be asked is a failure; undefined when the engine did not run the command. */
export async function runProbe(
  probe: Probe,
  { pod, container, podIp }: { pod: Pod; container: Container; podIp: string },
  exec: ProbeExec,
): Promise<ProbeAnswer | undefined> {
  const timeoutMs = (probe.timeoutSeconds ?? 1) * 1000
  try {
    const { httpGet, tcpSocket, grpc } = probe
    if (probe.exec) {
      const command = probe.exec.command ?? []
      const answer = await exec({ pod, container: container.name }, command, timeoutMs).catch(() => undefined)
      // Without the engine nobody knows: that is no failure of the container.
      if (!answer) return undefined
      const { exitCode, output } = answer
      return { ok: exitCode === 0, message: output.slice(0, shownOutput) }
    }
    if (httpGet) return await probeHttp(httpGet, podIp, portOf(httpGet.port, container), timeoutMs)
    if (tcpSocket) return await probeTcp(tcpSocket.host || podIp, portOf(tcpSocket.port, container), timeoutMs)
    if (grpc) return await probeGrpc(podIp, grpc.port, grpc.service ?? '', timeoutMs)
    return { ok: false, message: 'missing probe handler' }
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) }
  }
}

/** A port by number or by the container's name for it. */
export function portOf(port: number | string, container: Container): number {
  const named = container.ports?.find(({ name }) => name !== undefined && name === port)
  const found = named?.containerPort ?? Number(port)
  if (!Number.isInteger(found) || found < 1 || found > 65_535) throw new Error(`couldn't find port: ${port}`)
  return found
}
