import type { Definitions, JsonSchema } from '../json-schema.ts'

const ref = (name: string): JsonSchema => ({ allOf: [{ $ref: `#/components/schemas/${name}` }] })
const text: JsonSchema = { type: 'string' }

/** A few definitions as `/openapi/v3/apis/apps/v1` has them, with one of every form that matters. */
export const appsV1: Definitions = {
  Deployment: {
    type: 'object',
    description: 'Keeps pods running.',
    properties: {
      apiVersion: text,
      kind: text,
      metadata: ref('ObjectMeta'),
      spec: { description: 'What is wanted.', ...ref('DeploymentSpec') },
      status: { type: 'object', properties: { replicas: { type: 'integer' } } },
    },
    'x-kubernetes-group-version-kind': [{ group: 'apps', version: 'v1', kind: 'Deployment' }],
  },
  ObjectMeta: {
    type: 'object',
    properties: {
      name: text,
      namespace: text,
      labels: { type: 'object', additionalProperties: text },
      annotations: { type: 'object', additionalProperties: text },
    },
  },
  DeploymentSpec: {
    type: 'object',
    required: ['selector', 'template'],
    properties: {
      replicas: { type: 'integer', format: 'int32', description: 'Number of pods wanted.', default: 1 },
      paused: { type: 'boolean' },
      selector: {
        type: 'object',
        properties: { matchLabels: { type: 'object', additionalProperties: text } },
      },
      strategy: {
        type: 'object',
        properties: {
          type: { type: 'string', enum: ['Recreate', 'RollingUpdate'] },
          rollingUpdate: { type: 'object', properties: { maxSurge: ref('IntOrString') } },
        },
      },
      template: { type: 'object', properties: { metadata: ref('ObjectMeta'), spec: ref('PodSpec') } },
    },
  },
  PodSpec: {
    type: 'object',
    required: ['containers'],
    properties: {
      containers: { type: 'array', items: ref('Container') },
      restartPolicy: { type: 'string', enum: ['Always', 'Never', 'OnFailure'], default: 'Always' },
    },
  },
  Container: {
    type: 'object',
    required: ['name'],
    properties: {
      name: text,
      image: { type: 'string', description: 'Image of the container.' },
      args: { type: 'array', items: text },
      resources: {
        type: 'object',
        properties: { limits: { type: 'object', additionalProperties: ref('Quantity') } },
      },
    },
  },
  IntOrString: { format: 'int-or-string', oneOf: [{ type: 'integer' }, { type: 'string' }] },
  Quantity: { oneOf: [{ type: 'string' }, { type: 'number' }] },
}
