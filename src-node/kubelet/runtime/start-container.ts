import type { Container, Pod } from '#types/core/v1'
import type { ContainerExtras } from '../devices/index.ts'
import { containerName, SANDBOX } from '../plan/naming.ts'
import { attemptsOf, type Observed } from '../plan/observed.ts'
import { findContainer } from '../plan/pod-containers.ts'
import type { PodContext } from '../pod-context.ts'
import { readEnvironment } from './container-environment.ts'
import { abortable } from './abortable.ts'
import { type ContainerFacts, containerOptions } from './container-options.ts'
import { createContainer, RunContainerError } from './create-container.ts'
import { containerDevices } from './devices.ts'
import { runHook } from './hooks.ts'
import { containerMounts, type Mount, type MountRequest } from './mounts.ts'
import { resourceOptions } from './resources.ts'
import { sandboxOptions } from './sandbox-options.ts'
import { checkNonRoot } from './security.ts'
import { ended, type Running, stopWithin } from './stop-containers.ts'

/** A container that is to be started, and what the engine has of its pod already. */
export interface StartRequest extends MountRequest {
  observed: readonly Observed[]
}

/** A container that was stopped because its postStart hook failed, in the words of its waiting state. */
export class PostStartHookError extends Error {
  override readonly name = 'PostStartHookError'
  readonly reason = 'PostStartHookError'
}

/** Milliseconds that a postStart hook may take. */
const HOOK_TIMEOUT = 600_000
/** Ended attempts that are kept for `logs --previous`. */
const KEPT = 1
/** Milliseconds after a sandbox that failed before the next is tried; doubled by each failure up to the most. */
const SANDBOX_RETRY = 2_000
const LONGEST_SANDBOX_RETRY = 60_000
/** Milliseconds after which devices that could not be readied are tried again. */
const CLAIMS_RETRY = 5_000

/** Makes sandboxes and containers out of what pods ask for. */
export class ContainerStarter {
  readonly #context: PodContext
  #sandboxFailures = 0
  #sandboxAt = 0

  constructor(context: PodContext) {
    this.#context = context
  }

  /** Milliseconds that a sandbox must wait after one that failed: what is cleared away of it would otherwise be a reason to try again at once. */
  get sandboxWait(): number {
    return Math.max(0, this.#sandboxAt - this.#context.clock.monotonic())
  }

  /** A new sandbox; what ran in an old one is removed with it. */
  async createSandbox(pod: Pod): Promise<void> {
    const { engine, images, files, network } = this.#context
    await this.#prepareClaims(pod)
    const before = engine.ofPod(pod.metadata.uid)
    const { last } = attemptsOf(before, SANDBOX)
    await this.#kill(before.filter((one) => one.name !== SANDBOX && one.state === 'running'))
    if (last)
      this.#context.event({ pod }, 'Normal', 'SandboxChanged', 'Pod sandbox changed, it will be killed and re-created.')
    const [image, group] = await Promise.all([images.ensurePause(), this.#groupFor(pod)])
    const attempt = last ? last.attempt + 1 : 0
    let address: string | undefined
    let made: string | undefined
    try {
      const runtime = await this.#context.runtimeHandler(pod)
      if (!pod.spec.hostNetwork) address = await network.take()
      const facts = { image, attempt, group, clusterDomain: files.clusterDomain, runtime, address }
      made = await createContainer(engine.docker, engine.grants, (grants) => sandboxOptions(pod, facts, grants))
      if (last) await engine.remove(last.id)
      const sandbox = await engine.look(made)
      if (sandbox?.state !== 'running') throw new Error('sandbox container is not running')
      if (address) await network.attach(sandbox)
      this.#sandboxFailures = 0
    } catch (error) {
      const wait = Math.min(SANDBOX_RETRY * 2 ** this.#sandboxFailures++, LONGEST_SANDBOX_RETRY)
      this.#sandboxAt = this.#context.clock.monotonic() + wait
      const words = error instanceof Error ? error.message : String(error)
      this.#context.event({ pod }, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${words}`)
      // Whatever has the name now is a half-made sandbox: the next try finds it free, and nothing starts in what was seen of it.
      await engine.remove(made ?? containerName(pod, SANDBOX, attempt))
      throw error
    } finally {
      if (address) network.release(address)
    }
  }

  /** Devices that the pod claims must be ready before anything of it is there. */
  async #prepareClaims(pod: Pod): Promise<void> {
    try {
      await this.#context.devices.prepare(pod)
    } catch (error) {
      this.#sandboxAt = this.#context.clock.monotonic() + CLAIMS_RETRY
      const words = `Failed to prepare dynamic resources: ${error instanceof Error ? error.message : String(error)}`
      this.#context.event({ pod }, 'Warning', 'FailedPrepareDynamicResources', words)
      throw error
    }
  }

  async #groupFor(pod: Pod): Promise<string> {
    try {
      return await this.#context.groups.forSandbox(pod)
    } catch (error) {
      const words = `unable to ensure pod container exists: ${error instanceof Error ? error.message : String(error)}`
      this.#context.event({ pod }, 'Warning', 'FailedCreatePodContainer', words)
      throw error
    }
  }

  /** Ends containers that are to start anew with all others of their pod. */
  async endAll(pod: Pod, running: readonly Observed[]): Promise<void> {
    for (const { name } of running) {
      const container = findContainer(pod, name)
      this.#context.event({ pod, container }, 'Normal', 'Killing', `Stopping container ${name}`)
    }
    await this.#kill(running)
  }

  /** Ends containers at once, without their hooks. */
  async #kill(running: readonly Observed[]): Promise<void> {
    const { engine } = this.#context
    const kill = async ({ id }: Observed): Promise<void> => {
      await ended(engine.docker.getContainer(id).kill())
      await engine.look(id)
    }
    await Promise.all(running.map(kill))
  }

  /**
   * Image, files, environment, container, postStart hook. The signal ends what may take long: the pull and the hook are left
   * behind, and nothing is made any more.
   */
  async start(request: StartRequest, signal: AbortSignal): Promise<void> {
    const { pod, container } = request
    const { engine } = this.#context
    const facts = await abortable(this.#factsOf(request, signal), signal)
    signal.throwIfAborted()
    const id = await this.#create(request, facts)
    this.#context.event({ pod, container }, 'Normal', 'Created', 'Container created')
    const observed = await engine.look(id)
    this.#context.event({ pod, container }, 'Normal', 'Started', 'Container started')
    await this.#forgetOld(request)
    // Without its links a container runs as well.
    const { logs, log } = this.#context
    if (observed) await logs.add(pod, observed).catch((error: unknown) => log(`log links: ${String(error)}`))
    if (observed) await this.#bindTogether(pod, { container, observed })
    if (observed) await this.#postStart(pod, { container, observed }, signal)
  }

  /** One that the node cannot do this for runs as well. */
  async #bindTogether(pod: Pod, { container, observed }: Running): Promise<void> {
    const { endTogether, log } = this.#context
    if (observed.state !== 'running' || !resourceOptions(container, pod.spec.resources).Memory) return
    await endTogether(observed.pid).catch((error: unknown) => log(`memory.oom.group: ${String(error)}`))
  }

  async #factsOf(request: StartRequest, signal: AbortSignal): Promise<ContainerFacts> {
    const { pod, container, attempt } = request
    const { engine, images, files, nodeFacts } = this.#context
    const environment = readEnvironment(this.#context, pod, container, request)
    // What is wrong with the image is said first, as upstream does.
    environment.catch(() => undefined)
    const image = await images.ensure(pod, container)
    signal.throwIfAborted()
    checkNonRoot(pod, container, image.user)
    const extras = await this.#context.devices.extrasFor(pod, container)
    const env = withVariables(await environment, extras)
    const [mounts, seccomp, memoryCapacity, runtime, group] = await Promise.all([
      containerMounts(files, request, env),
      files.seccompProfile(pod, container),
      nodeFacts.memoryCapacity(),
      this.#context.runtimeHandler(pod),
      this.#context.groups.settled(pod),
    ])
    const sandbox = attemptsOf(engine.ofPod(pod.metadata.uid), SANDBOX).last
    if (!sandbox) throw new Error('the sandbox is gone')
    const targetId = targetOf(container, engine.ofPod(pod.metadata.uid))
    const { user: imageUser, digest: imageDigest, accounts } = image
    return {
      attempt,
      group,
      devices: [...containerDevices(container, request.volumes), ...(extras?.devices ?? [])],
      extraGroups: [...(this.#context.volumes.groupsOf(pod.metadata.uid) ?? []), ...(extras?.groups ?? [])],
      annotations: extras?.annotations,
      sandboxId: sandbox.id,
      sandboxAttempt: sandbox.attempt,
      runtime,
      targetId,
      env,
      mounts: withMounts(mounts, extras),
      seccomp,
      seccompDefault: this.#context.settings.seccompDefault,
      imageUser,
      accounts,
      imageDigest,
      memoryCapacity,
    }
  }

  /** A container whose hook fails is stopped (kubernetes.io, "Container Lifecycle Hooks: Hook handler execution"). */
  async #postStart(pod: Pod, running: Running, signal: AbortSignal): Promise<void> {
    const { container } = running
    const handler = container.lifecycle?.postStart
    if (!handler) return
    const hook = { handler, timeout: HOOK_TIMEOUT }
    const failed = await abortable(runHook(this.#context, pod, running, hook), signal)
    if (failed === undefined) return
    this.#context.event({ pod, container }, 'Warning', 'FailedPostStartHook', 'PostStartHook failed')
    this.#context.event({ pod, container }, 'Normal', 'Killing', 'FailedPostStartHook')
    await stopWithin(this.#context, pod, running, { signal })
    throw new PostStartHookError(failed)
  }

  async #create(request: StartRequest, facts: ContainerFacts): Promise<string> {
    const { engine } = this.#context
    const { pod, container } = request
    try {
      return await createContainer(engine.docker, engine.grants, (grants) =>
        containerOptions(pod, container, facts, grants),
      )
    } catch (error) {
      // One that cannot run counts as an attempt that failed.
      if (error instanceof RunContainerError) {
        this.#context.event({ pod, container }, 'Normal', 'Created', 'Container created')
        await engine.look(error.containerId)
        await this.#forgetOld(request)
      }
      throw error
    }
  }

  async #forgetOld({ pod, container, attempt }: StartRequest): Promise<void> {
    const old = this.#context.engine
      .ofPod(pod.metadata.uid)
      .filter((one) => one.name === container.name && one.attempt < attempt - KEPT)
    await Promise.all(old.map((one) => this.#context.engine.remove(one.id)))
  }
}

/** The container's own variables stand before those of its plugins, and those of its devices' specifications before all. */
function withVariables(
  own: ReadonlyMap<string, string>,
  extras: ContainerExtras | undefined,
): ReadonlyMap<string, string> {
  if (!extras) return own
  const before = Object.entries(extras.env).filter(([name]) => !own.has(name))
  return new Map([...before, ...own, ...Object.entries(extras.overrides)])
}

/** Where the container mounts something itself, that is what it sees. */
function withMounts(own: readonly Mount[], extras: ContainerExtras | undefined): readonly Mount[] {
  const taken = new Set(own.map(({ target }) => target))
  return [...own, ...(extras?.mounts ?? []).filter(({ target }) => !taken.has(target))]
}

/** The container whose processes an ephemeral one asks to see. */
function targetOf(container: Container & { targetContainerName?: string }, observed: readonly Observed[]) {
  return container.targetContainerName && attemptsOf(observed, container.targetContainerName).last?.id
}
