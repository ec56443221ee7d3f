import type {
  MutatingWebhook,
  MutatingWebhookConfiguration,
  ValidatingWebhook,
  ValidatingWebhookConfiguration,
} from '#types/admissionregistration.k8s.io/v1'
import { age, ageColumn, integer, nameColumn } from '../cells.ts'
import { defineKind, otherVersion } from '../define.ts'
import { deprecated } from '../deprecation.ts'

const GROUP = 'admissionregistration.k8s.io'

type Webhook = ValidatingWebhook & Pick<MutatingWebhook, 'reinvocationPolicy'>

/** What versions default apart: v1 fails closed and soon, v1beta1 failed open and late. */
interface Defaults {
  failurePolicy: 'Fail' | 'Ignore'
  matchPolicy: 'Equivalent' | 'Exact'
  timeoutSeconds: number
}

const current: Defaults = { failurePolicy: 'Fail', matchPolicy: 'Equivalent', timeoutSeconds: 10 }
const before: Defaults = { failurePolicy: 'Ignore', matchPolicy: 'Exact', timeoutSeconds: 30 }

function defaultWebhook(webhook: Webhook, defaults: Defaults): void {
  webhook.failurePolicy ??= defaults.failurePolicy
  webhook.matchPolicy ??= defaults.matchPolicy
  webhook.timeoutSeconds ??= defaults.timeoutSeconds
  webhook.namespaceSelector ??= {}
  webhook.objectSelector ??= {}
  for (const rule of webhook.rules ?? []) rule.scope ??= '*'
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443
  if (defaults === before) {
    webhook.sideEffects ??= 'Unknown'
    webhook.admissionReviewVersions ??= ['v1beta1']
  }
}

const mutating =
  (defaults: Defaults) =>
  ({ webhooks = [] }: MutatingWebhookConfiguration): void => {
    for (const webhook of webhooks) {
      defaultWebhook(webhook, defaults)
      webhook.reinvocationPolicy ??= 'Never'
    }
  }
const validating =
  (defaults: Defaults) =>
  ({ webhooks = [] }: ValidatingWebhookConfiguration): void =>
    webhooks.forEach((webhook) => defaultWebhook(webhook, defaults))

const old = (kind: string) => ({
  group: GROUP,
  version: 'v1beta1',
  deprecated: deprecated('1.16', '1.22', `${GROUP}/v1 ${kind}`),
})

export const mutatingWebhookConfiguration = defineKind<MutatingWebhookConfiguration>({
  group: GROUP,
  kind: 'MutatingWebhookConfiguration',
  plural: 'mutatingwebhookconfigurations',
  categories: ['api-extensions'],
  cluster: true,
  hasGeneration: true,
  defaults: mutating(current),
  others: [
    otherVersion<MutatingWebhookConfiguration, MutatingWebhookConfiguration>({
      ...old('MutatingWebhookConfiguration'),
      defaults: mutating(before),
    }),
  ],
  columns: [nameColumn, integer('Webhooks'), ageColumn],
  row: (o, now) => [o.metadata.name, o.webhooks?.length ?? 0, age(o, now)],
})

export const validatingWebhookConfiguration = defineKind<ValidatingWebhookConfiguration>({
  group: GROUP,
  kind: 'ValidatingWebhookConfiguration',
  plural: 'validatingwebhookconfigurations',
  categories: ['api-extensions'],
  cluster: true,
  hasGeneration: true,
  defaults: validating(current),
  others: [
    otherVersion<ValidatingWebhookConfiguration, ValidatingWebhookConfiguration>({
      ...old('ValidatingWebhookConfiguration'),
      defaults: validating(before),
    }),
  ],
  columns: [nameColumn, integer('Webhooks'), ageColumn],
  row: (o, now) => [o.metadata.name, o.webhooks?.length ?? 0, age(o, now)],
})
