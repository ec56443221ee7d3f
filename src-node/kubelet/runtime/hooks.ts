import type { Container, HTTPGetAction, LifecycleHandler, Pod } from '#types/core/v1'
import { SANDBOX } from '../plan/naming.ts'
import { attemptsOf } from '../plan/observed.ts'
import type { PodContext } from '../pod-context.ts'
import { httpGet, httpTarget, type HttpTarget, urlOf } from '../probes/http-get.ts'
import { portOf } from '../probes/run-probe.ts'
import { dialWords, speaksNoTls } from '../probes/tcp.ts'
import { engineWords } from './engine-words.ts'
import { execInContainer } from './exec.ts'
import type { Running } from './stop-containers.ts'

const AGENT = 'kube-lifecycle/1.36'
/** Characters of a command's output that are told. */
const SHOWN = 500

/** What is to be run at a turn of a container's life. */
interface Hook {
  handler: LifecycleHandler
  /** Milliseconds that it may take. */
  timeout: number
}

/**
 * Runs a lifecycle hook; returns upstream's words when it failed (kubernetes.io, "Container Lifecycle
 * Hooks"). A `tcpSocket` hook is none: it is kept in the API for old objects' sake and fails when it is to run.
 */
export async function runHook(
  context: PodContext,
  pod: Pod,
  running: Running,
  { handler, timeout }: Hook,
): Promise<string | undefined> {
  try {
    if (handler.exec) return await runCommand(context, running, handler.exec.command ?? [], timeout)
    if (handler.sleep) return await sleep(context, handler.sleep.seconds, timeout)
    if (handler.httpGet) return await ask(addressOf(context, pod), running.container, handler.httpGet, timeout)
    return 'invalid handler: only exec, httpGet and sleep can be run'
  } catch (error) {
    return engineWords(error)
  }
}

async function runCommand(
  { engine }: PodContext,
  { observed }: Running,
  command: string[],
  timeout: number,
): Promise<string | undefined> {
  const { exitCode, output } = await execInContainer(engine.docker, observed.id, command, timeout)
  if (exitCode === 0) return undefined
  return `exec lifecycle hook ([${command.join(' ')}]) failed with ${exitCode}: ${output.slice(0, SHOWN)}`
}

async function sleep({ clock }: PodContext, seconds: number, timeout: number): Promise<undefined> {
  await new Promise<void>((resolve) => clock.after(Math.min(timeout, seconds * 1000), resolve))
  return undefined
}

function addressOf({ engine, nodeIp }: PodContext, { metadata, spec }: Pod): string {
  return spec.hostNetwork ? nodeIp : (attemptsOf(engine.ofPod(metadata.uid), SANDBOX).last?.ip ?? '')
}

/** Whatever is answered is well: the hook was called. Where only plain HTTP is spoken, HTTPS is asked for again without. */
async function ask(
  address: string,
  container: Container,
  action: HTTPGetAction,
  timeout: number,
): Promise<string | undefined> {
  const target = httpTarget(action, address, portOf(action.port, container), AGENT)
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(new Error('context deadline exceeded')), timeout)
  try {
    await called(target, late.signal)
    return undefined
  } catch (error) {
    return `Get "${urlOf(target)}": ${dialWords(error as NodeJS.ErrnoException, target.host, target.port)}`
  } finally {
    clearTimeout(timer)
  }
}

async function called(target: HttpTarget, signal: AbortSignal): Promise<void> {
  try {
    await httpGet(target, signal)
  } catch (error) {
    if (!target.secure || !speaksNoTls(error as NodeJS.ErrnoException)) throw error
    const { authorization: _secret, ...headers } = target.headers
    await httpGet({ ...target, secure: false, headers }, signal)
  }
}
