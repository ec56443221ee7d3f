/** What a pod, or the template of one, asks of the nodes it may run on. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { selectorWords } from './policy-sections.ts'
import { at, listAt, pairsAt, textAt, type Section } from './view.ts'

/** `path` leads to the pod's spec. */
export function schedulingOf(object: KubeObject, ...path: string[]): Section {
  const spec = at(object, ...path)
  return {
    title: 'scheduling',
    facts: [
      { label: 'nodeSelector', value: pairsAt(spec, 'nodeSelector') },
      { label: 'affinity', value: affinityWords(at(spec, 'affinity')) },
      { label: 'spread', value: listAt(spec, 'topologySpreadConstraints').map(spreadWords) },
      { label: 'tolerations', value: listAt(spec, 'tolerations').map(tolerationWords) },
      {
        label: 'priority',
        value: [textAt(spec, 'priorityClassName'), textAt(spec, 'priority')].filter((word) => word && word !== '0'),
      },
      { label: 'gates', value: listAt(spec, 'schedulingGates').map((gate) => textAt(gate, 'name')) },
      { label: 'runtimeClass', value: textAt(spec, 'runtimeClassName') },
      { label: 'hostNetwork', value: at(spec, 'hostNetwork') === true ? 'true' : '' },
      { label: 'pullSecrets', value: listAt(spec, 'imagePullSecrets').map((secret) => textAt(secret, 'name')) },
    ],
  }
}

/** `node.kubernetes.io/not-ready:NoExecute 300s`; `*` tolerates every taint. */
function tolerationWords(toleration: unknown): string {
  const [key, value] = [textAt(toleration, 'key') || '*', textAt(toleration, 'value')]
  const effect = textAt(toleration, 'effect')
  const seconds = textAt(toleration, 'tolerationSeconds')
  return `${key}${value ? `=${value}` : ''}${effect ? `:${effect}` : ''}${seconds ? ` ${seconds}s` : ''}`
}

const spreadWords = (constraint: unknown): string =>
  `${textAt(constraint, 'topologyKey')} ≤ ${textAt(constraint, 'maxSkew')}${textAt(constraint, 'whenUnsatisfiable') === 'ScheduleAnyway' ? ' ?' : ''}`

const required = 'requiredDuringSchedulingIgnoredDuringExecution'
const preferred = 'preferredDuringSchedulingIgnoredDuringExecution'

/** Rules that must hold, and with a question mark those that had better. */
function affinityWords(affinity: unknown): string[] {
  return [
    ...listAt(affinity, 'nodeAffinity', required, 'nodeSelectorTerms').map((term) => `Node ${nodeTerm(term)}`),
    ...listAt(affinity, 'nodeAffinity', preferred).map((one) => `Node ${nodeTerm(at(one, 'preference'))} ?`),
    ...['podAffinity', 'podAntiAffinity'].flatMap((field) => {
      const sign = field === 'podAntiAffinity' ? '≠ Pod' : 'Pod'
      return [
        ...listAt(affinity, field, required).map((term) => `${sign} ${podTerm(term)}`),
        ...listAt(affinity, field, preferred).map((one) => `${sign} ${podTerm(at(one, 'podAffinityTerm'))} ?`),
      ]
    }),
  ]
}

const nodeTerm = (term: unknown): string =>
  selectorWords({ matchExpressions: [...listAt(term, 'matchExpressions'), ...listAt(term, 'matchFields')] }).join(', ')

const podTerm = (term: unknown): string =>
  `${selectorWords(at(term, 'labelSelector')).join(', ')} / ${textAt(term, 'topologyKey')}`
