import { matchVariables } from '../../../../src-kube/kinds/admissionregistration/expressions.ts'
import type { ServedVersion } from '../../../../src-kube/kinds/descriptor.ts'
import { CelError } from '../../../../src-kube/machinery/cel/index.ts'
import { forbidden, internalError, StatusError } from '../../../../src-kube/machinery/errors.ts'
import type { KubeObject } from '../../../../src-kube/machinery/meta.ts'
import type { AdmissionAttributes, AdmissionPlugin, ObjectWatcher } from '../admission.ts'
import { keep } from '../keep.ts'
import { answered } from '../policies/authorizer.ts'
import { meetsConditions } from '../policies/conditions.ts'
import { matchBindings } from '../policies/expressions.ts'
import { ask, timed, type Concerned, type PostReview } from '../webhooks/dispatch.ts'
import { isExempt, matchedVersion, selected, type Hook } from '../webhooks/match.ts'
import { WebhookMetrics } from '../webhooks/metrics.ts'
import { denial, patched } from '../webhooks/review.ts'
import { seenIn, takeBack, type ConvertObject } from '../webhooks/seen.ts'
import { inVersion } from '../webhooks/versions.ts'
import type { WatchingHost } from './policies.ts'

const GROUP = 'admissionregistration.k8s.io'

/** All webhooks of one resource, ordered by the names of their configurations; made anew when one changes. */
interface Configured {
  byName: Map<string, Hook[]>
  ordered: readonly Hook[] | undefined
}

function configured(read: ObjectWatcher, resource: string) {
  const kept: Configured = { byName: new Map(), ordered: [] }
  const source = keep(read, { group: GROUP, resource }, kept, (to, object, old) => {
    if (object) to.byName.set(object.metadata.name, (object['webhooks'] as Hook[] | undefined) ?? [])
    else to.byName.delete(old!.metadata.name)
    to.ordered = undefined
  })
  const hooksOf = (one: Configured): readonly Hook[] =>
    (one.ordered ??= [...one.byName].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, hooks]) => hooks))
  return {
    /** At once but for the first question. */
    get(): readonly Hook[] | Promise<readonly Hook[]> {
      const found = source.get()
      return found instanceof Promise ? found.then(hooksOf) : hooksOf(found)
    },
  }
}

async function concerned(host: WatchingHost, hooks: readonly Hook[], attributes: AdmissionAttributes) {
  const found: Concerned[] = []
  for (const hook of hooks) {
    const served = matchedVersion(hook, attributes)
    if (served && (await selected(host.read, hook, attributes)) && (await meets(host, hook, served, attributes)))
      found.push({ hook, served })
  }
  return found
}

/** Whether the webhook's own conditions are met. What cannot be evaluated is refused or lets pass, as its policy says. */
async function meets(
  { may, convert }: WatchingHost,
  hook: Hook,
  served: ServedVersion,
  attributes: AdmissionAttributes,
): Promise<boolean> {
  if (!hook.matchConditions?.length) return true
  try {
    const bindings = matchBindings(await seenIn(attributes, served, convert), served, may)
    return await answered(() => meetsConditions(hook.matchConditions, bindings, matchVariables))
  } catch (error) {
    if (!(error instanceof CelError)) throw error
    if (hook.failurePolicy === 'Ignore') return false
    const { descriptor, served: asked = served, name } = attributes
    throw forbidden({ group: asked.group, resource: descriptor.plural }, name, error.message)
  }
}

function plugin(
  name: string,
  read: ObjectWatcher,
  resource: string,
  use: (hooks: readonly Hook[], attributes: AdmissionAttributes) => Promise<void>,
): AdmissionPlugin & { ask(attributes: AdmissionAttributes): Promise<void> | void } {
  const hooks = configured(read, resource)
  return {
    name,
    handles: (attributes) => !isExempt(attributes),
    // Without webhooks there is nothing to wait for.
    ask(attributes) {
      const found = hooks.get()
      if (found instanceof Promise) return found.then((all) => use(all, attributes))
      return found.length > 0 ? use(found, attributes) : undefined
    },
  }
}

/** Webhooks that may change the object, one after the other (kubernetes.io, "Dynamic Admission Control"). */
export function mutatingWebhooks(
  host: WatchingHost,
  post: PostReview,
  metrics = new WebhookMetrics(),
): AdmissionPlugin {
  const {
    name,
    handles,
    ask: admit,
  } = plugin('MutatingAdmissionWebhook', host.read, 'mutatingwebhookconfigurations', async (hooks, attributes) => {
    const mutate = async (one: Concerned): Promise<boolean> => {
      const seen = await seenIn(attributes, one.served, host.convert)
      const before = inVersion(seen.object, seen, one.served)
      const about = { name: one.hook.name, type: 'admit', operation: attributes.operation } as const
      const verdict = await timed(attributes, () => metrics.count(about, () => ask(post, one, seen)))
      if (verdict && !verdict.allowed) throw denial(one.hook.name, verdict.status)
      return (
        verdict?.patch !== undefined &&
        attributes.object !== undefined &&
        (await change(one, before!, verdict.patch, attributes, host.convert))
      )
    }
    /** Those that were asked, and how many changes were made by then. */
    const asked: Array<{ one: Concerned; changes: number }> = []
    let changes = 0
    for (const hook of hooks) {
      // What an earlier one changed may concern a later one.
      for (const one of await concerned(host, [hook], attributes)) {
        if (await mutate(one)) changes++
        asked.push({ one, changes })
      }
    }
    for (const { one, changes: seen } of asked)
      if (one.hook.reinvocationPolicy === 'IfNeeded' && seen < changes) await mutate(one)
  })
  return { name, handles, admit }
}

/** Applies a webhook's patch; false when it came to nothing. */
async function change(
  { served }: Concerned,
  before: KubeObject,
  patch: unknown,
  attributes: AdmissionAttributes,
  convert: ConvertObject,
): Promise<boolean> {
  try {
    const after = patched(JSON.parse(JSON.stringify(before)), patch)
    if (JSON.stringify(after) === JSON.stringify(before)) return false
    await takeBack(after, attributes, served, convert)
    return true
  } catch (error) {
    // The webhook was there, so its policy has nothing to say.
    throw internalError(error instanceof StatusError && error.cause instanceof Error ? error.cause : error)
  }
}

/** Webhooks that only judge, all at once; the first refusal in their order is the answer. */
export function validatingWebhooks(
  host: WatchingHost,
  post: PostReview,
  metrics = new WebhookMetrics(),
): AdmissionPlugin {
  const {
    name,
    handles,
    ask: validate,
  } = plugin('ValidatingAdmissionWebhook', host.read, 'validatingwebhookconfigurations', async (hooks, attributes) => {
    const all = await concerned(host, hooks, attributes)
    const judge = async (one: Concerned) => {
      const seen = await seenIn(attributes, one.served, host.convert)
      const about = { name: one.hook.name, type: 'validating', operation: attributes.operation } as const
      return metrics.count(about, () => ask(post, one, seen))
    }
    const answers = await timed(attributes, () => Promise.allSettled(all.map(judge)))
    for (const [i, answer] of answers.entries()) {
      if (answer.status === 'rejected') throw answer.reason
      if (answer.value && !answer.value.allowed) throw denial(all[i]!.hook.name, answer.value.status)
    }
  })
  return { name, handles, validate }
}
