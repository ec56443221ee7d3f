import { request } from 'node:http'
import type { LifecycleHandler, Pod } from '#types/core/v1'
import type { Observed } from '../plan/observed.ts'
import type { PodContext } from '../pod-context.ts'
import { execInContainer } from './exec.ts'

/** Runs a lifecycle hook; returns upstream's words when it failed (kubernetes.io, "Container Lifecycle Hooks"). */
export async function runHook(
  context: PodContext,
  pod: Pod,
  observed: Observed,
  hook: LifecycleHandler,
  timeout: number,
): Promise<string | undefined> {
  try {
    if (hook.exec?.command) {
      const { exitCode, output } = await execInContainer(context.engine.docker, observed.id, hook.exec.command, timeout)
      return exitCode === 0
        ? undefined
        : `exec lifecycle hook ([${hook.exec.command.join(' ')}]) failed with ${exitCode}: ${output.slice(0, 500)}`
    }
    if (hook.sleep) {
      await new Promise<void>((resolve) =>
        context.clock.after(Math.min(timeout, (hook.sleep?.seconds ?? 0) * 1000), resolve),
      )
      return undefined
    }
    if (hook.httpGet) {
      const { path = '/', port, host } = hook.httpGet
      const address =
        host ??
        (pod.spec.hostNetwork
          ? context.nodeIp
          : (context.engine.ofPod(pod.metadata.uid).find((one) => one.ip)?.ip ?? ''))
      await get(address, portNumber(pod, port), path, timeout)
    }
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function portNumber(pod: Pod, port: number | string): number {
  if (typeof port === 'number') return port
  for (const container of pod.spec.containers) {
    const named = container.ports?.find((p) => p.name === port)
    if (named) return named.containerPort
  }
  return Number(port)
}

function get(host: string, port: number, path: string, timeout: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const call = request({ host, port, path, timeout }, (response) => {
      response.resume()
      const { statusCode = 0 } = response
      if (statusCode >= 200 && statusCode < 400) resolve()
      else reject(new Error(`HTTP lifecycle hook failed with statuscode: ${statusCode}`))
    })
    call.on('timeout', () => call.destroy(new Error('HTTP lifecycle hook timed out')))
    call.on('error', reject)
    call.end()
  })
}
