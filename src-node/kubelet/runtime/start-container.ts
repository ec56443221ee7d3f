import type { Container, Pod } from '#types/core/v1'
import { expand, fieldValue, resourceValue, serviceVariables } from '../plan/environment.ts'
import { SANDBOX } from '../plan/naming.ts'
import { attemptsOf, type Observed } from '../plan/observed.ts'
import type { PodContext } from '../pod-context.ts'
import { containerOptions, sandboxOptions } from './container-options.ts'
import { runHook } from './hooks.ts'

export interface StartRequest {
  pod: Pod
  container: Container
  attempt: number
  /** Path on the node by volume name. */
  volumes: ReadonlyMap<string, string>
  podIp: string
  observed: readonly Observed[]
}

/** A container that cannot be made as its pod asks. */
export class ContainerConfigError extends Error {
  override readonly name = 'ContainerConfigError'
  readonly reason = 'CreateContainerConfigError'
}

const HOOK_TIMEOUT = 600_000
/** Ended attempts that are kept for `logs --previous`. */
const KEPT = 1

/** Makes sandboxes and containers out of what pods ask for. */
export class ContainerStarter {
  readonly #context: PodContext
  #privileged = true

  constructor(context: PodContext) {
    this.#context = context
  }

  /** A new sandbox; what ran in an old one is removed with it. */
  async createSandbox(pod: Pod): Promise<void> {
    const { engine, images } = this.#context
    const before = engine.ofPod(pod.metadata.uid)
    const { last } = attemptsOf(before, SANDBOX)
    const stillRunning = before.filter((one) => one.name !== SANDBOX && one.state === 'running')
    await Promise.all(
      stillRunning.map((one) =>
        engine.docker
          .getContainer(one.id)
          .kill()
          .then(() => engine.look(one.id)),
      ),
    )
    if (last)
      this.#context.event(
        pod,
        undefined,
        'Normal',
        'SandboxChanged',
        'Pod sandbox changed, it will be killed and re-created.',
      )
    const image = await images.ensurePause()
    const options = sandboxOptions(pod, image, last ? last.attempt + 1 : 0)
    try {
      const container = await engine.docker.createContainer(options)
      await container.start()
      if (last) await engine.remove(last.id)
      await engine.look(container.id)
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      this.#context.event(pod, undefined, 'Warning', 'FailedCreatePodSandBox', `Failed to create pod sandbox: ${words}`)
      // Whatever has the name now is a half-made sandbox: the next try finds it free.
      await engine.remove(options.name!)
      throw error
    }
  }

  /** Image, files, environment, container, postStart hook. */
  async start(request: StartRequest): Promise<void> {
    const { pod, container, attempt } = request
    const { engine, images } = this.#context
    const [binds, env] = await Promise.all([
      this.#binds(request),
      this.#environment(request),
      images.ensure(pod, container),
    ])
    const sandbox = attemptsOf(engine.ofPod(pod.metadata.uid), SANDBOX).last
    if (!sandbox) throw new Error('the sandbox is gone')
    const id = await this.#create(request, { attempt, sandboxId: sandbox.id, env, binds, privileged: this.#privileged })
    this.#context.event(pod, container, 'Normal', 'Created', `Container created`)
    const observed = await engine.look(id)
    this.#context.event(pod, container, 'Normal', 'Started', `Container started`)
    await this.#forgetOld(request)
    const hook = container.lifecycle?.postStart
    if (!hook || !observed) return
    const failed = await runHook(this.#context, pod, observed, hook, HOOK_TIMEOUT)
    if (!failed) return
    this.#context.event(pod, container, 'Warning', 'FailedPostStartHook', failed)
    await engine.docker.getContainer(id).kill()
  }

  async #create(request: StartRequest, facts: Parameters<typeof containerOptions>[2]): Promise<string> {
    const { docker } = this.#context.engine
    const options = containerOptions(request.pod, request.container, facts)
    try {
      const made = await docker.createContainer(options)
      await made.start()
      return made.id
    } catch (error) {
      const words = error instanceof Error ? error.message : String(error)
      const refused =
        request.container.securityContext?.privileged &&
        this.#privileged &&
        /operation not permitted|unable to apply caps/i.test(words)
      const leftover = docker.getContainer(options.name!)
      if (refused) {
        this.#privileged = false
        await leftover.remove({ force: true })
        return this.#create(request, { ...facts, privileged: false })
      }
      const { statusCode } = error as { statusCode?: number }
      if (statusCode === 409) {
        // One of this name is there: made by an agent that died before it could remember.
        await leftover.remove({ force: true })
        return this.#create(request, facts)
      }
      throw error
    }
  }

  async #binds({ pod, container, attempt, volumes, podIp }: StartRequest): Promise<string[]> {
    const { files } = this.#context
    const common = await files.write(pod, podIp)
    const log = await files.terminationLog(pod, container.name, attempt)
    const env = new Map<string, string>((container.env ?? []).map((e) => [e.name, e.value ?? '']))
    const mounts = (container.volumeMounts ?? []).map((mount) => {
      const source = volumes.get(mount.name)
      if (!source) throw new ContainerConfigError(`volume ${JSON.stringify(mount.name)} is not there`)
      const below = mount.subPathExpr ? expand(mount.subPathExpr, env) : (mount.subPath ?? '')
      const flags = [
        mount.readOnly ? 'ro' : 'rw',
        ...(mount.mountPropagation === 'Bidirectional'
          ? ['rshared']
          : mount.mountPropagation === 'HostToContainer'
            ? ['rslave']
            : []),
      ]
      return `${below ? `${source}/${below}` : source}:${mount.mountPath}:${flags.join(',')}`
    })
    const own = new Set((container.volumeMounts ?? []).map((mount) => mount.mountPath))
    const extra = [...common, `${log}:${container.terminationMessagePath ?? '/dev/termination-log'}`]
    return [...mounts, ...extra.filter((bind) => !own.has(bind.split(':')[1]!))]
  }

  /** Services first, then envFrom, then env: later ones win and may use earlier ones. */
  async #environment({ pod, container, podIp }: StartRequest): Promise<Map<string, string>> {
    const namespace = pod.metadata.namespace ?? ''
    const result = serviceVariables(this.#context.services(), namespace, pod.spec.enableServiceLinks ?? true)
    for (const source of container.envFrom ?? []) {
      const data = await this.#dataOf(namespace, source)
      for (const [name, value] of Object.entries(data)) result.set(`${source.prefix ?? ''}${name}`, value)
    }
    for (const variable of container.env ?? []) {
      const from = variable.valueFrom
      const value = from ? await this.#valueFrom(pod, container, from, podIp) : expand(variable.value ?? '', result)
      if (value !== undefined) result.set(variable.name, value)
    }
    return result
  }

  async #dataOf(namespace: string, source: NonNullable<Container['envFrom']>[number]): Promise<Record<string, string>> {
    const { references } = this.#context
    const { configMapRef, secretRef } = source
    if (configMapRef) {
      const found = await references.configMap(namespace, configMapRef.name ?? '')
      if (!found && !configMapRef.optional)
        throw new ContainerConfigError(`configmap ${JSON.stringify(configMapRef.name)} not found`)
      return found?.data ?? {}
    }
    const found = await references.secret(namespace, secretRef?.name ?? '')
    if (!found && !secretRef?.optional)
      throw new ContainerConfigError(`secret ${JSON.stringify(secretRef?.name)} not found`)
    return Object.fromEntries(Object.entries(found?.data ?? {}).map(([key, value]) => [key, decode(value)]))
  }

  async #valueFrom(
    pod: Pod,
    container: Container,
    from: NonNullable<NonNullable<Container['env']>[number]['valueFrom']>,
    podIp: string,
  ): Promise<string | undefined> {
    const { references, nodeName, nodeIp } = this.#context
    const namespace = pod.metadata.namespace ?? ''
    if (from.fieldRef) return fieldValue(pod, from.fieldRef.fieldPath, { nodeName, hostIp: nodeIp, podIp })
    if (from.resourceFieldRef) {
      const { containerName, resource, divisor } = from.resourceFieldRef
      const of = pod.spec.containers.find((c) => c.name === containerName) ?? container
      return resourceValue(of, resource, divisor, {})
    }
    if (from.configMapKeyRef) {
      const { name = '', key, optional } = from.configMapKeyRef
      const found = await references.configMap(namespace, name)
      const value = found?.data?.[key]
      if (value !== undefined || optional) return value
      throw new ContainerConfigError(
        found
          ? `couldn't find key ${key} in ConfigMap ${namespace}/${name}`
          : `configmap ${JSON.stringify(name)} not found`,
      )
    }
    if (!from.secretKeyRef) return undefined
    const { name = '', key, optional } = from.secretKeyRef
    const found = await references.secret(namespace, name)
    const value = found?.data?.[key]
    if (value !== undefined) return decode(value)
    if (optional) return undefined
    throw new ContainerConfigError(
      found ? `couldn't find key ${key} in Secret ${namespace}/${name}` : `secret ${JSON.stringify(name)} not found`,
    )
  }

  async #forgetOld({ pod, container, attempt }: StartRequest): Promise<void> {
    const old = this.#context.engine
      .ofPod(pod.metadata.uid)
      .filter((one) => one.name === container.name && one.attempt < attempt - KEPT)
    await Promise.all(old.map((one) => this.#context.engine.remove(one.id)))
  }
}

const decode = (base64: string): string => Buffer.from(base64, 'base64').toString('utf8')
