import type { Container, Pod } from '#types/core/v1'
import type { Observed } from './observed.ts'
import { mayRestart } from './restart.ts'

/** Why a container whose liveness or startup probe failed is ended, in upstream's words: with the last of a pod its pod ends. */
export function probeKillWords(
  pod: Pod,
  container: Container,
  running: Observed,
  kind: 'liveness' | 'startup',
): string {
  const { name } = container
  const words = `Container ${name} failed ${kind} probe`
  if (mayRestart(pod, container, { ...running, state: 'exited', exitCode: 137 })) return `${words}, will be restarted`
  const others = pod.spec.containers.filter((one) => one.name !== name)
  return others.length > 0 ? words : `Stopping container ${name}`
}
