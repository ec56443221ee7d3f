/** A few schemas as `/openapi/v3` publishes them, for tests of editors. */
const text = { type: 'string' }
const texts = { type: 'object', additionalProperties: text }
const reference = (name: string) => ({ allOf: [{ $ref: `#/components/schemas/${name}` }] })

const metadata = {
  type: 'object',
  description: 'Standard metadata of an object.',
  properties: {
    name: text,
    namespace: text,
    labels: texts,
    annotations: texts,
    resourceVersion: text,
    uid: text,
    creationTimestamp: text,
    generation: { type: 'integer' },
  },
}

function kind(group: string, name: string, properties: object, required: string[] = []) {
  return {
    type: 'object',
    required,
    properties: { apiVersion: text, kind: text, metadata: reference('ObjectMeta'), ...properties },
    'x-kubernetes-group-version-kind': [{ group, version: 'v1', kind: name }],
  }
}

const container = {
  type: 'object',
  required: ['name'],
  properties: {
    name: { ...text, description: 'Name of the container, unique in the pod.' },
    image: { ...text, description: 'Image that the container runs.' },
    imagePullPolicy: { ...text, enum: ['Always', 'IfNotPresent', 'Never'] },
    args: { type: 'array', items: text },
    ports: { type: 'array', items: { type: 'object', properties: { containerPort: { type: 'integer' } } } },
  },
}

const documents: Record<string, object> = {
  'api/v1': {
    ObjectMeta: metadata,
    ConfigMap: kind('', 'ConfigMap', { data: texts, binaryData: texts, immutable: { type: 'boolean' } }),
  },
  'apis/apps/v1': {
    ObjectMeta: metadata,
    Container: container,
    Deployment: kind('apps', 'Deployment', { spec: reference('DeploymentSpec'), status: { type: 'object' } }),
    DeploymentSpec: {
      type: 'object',
      required: ['selector', 'template'],
      properties: {
        replicas: { type: 'integer', description: 'Number of pods wanted.', default: 1 },
        paused: { type: 'boolean', description: 'New templates are not rolled out.' },
        selector: { type: 'object', properties: { matchLabels: texts } },
        strategy: { type: 'object', properties: { type: { ...text, enum: ['Recreate', 'RollingUpdate'] } } },
        template: {
          type: 'object',
          properties: {
            metadata: reference('ObjectMeta'),
            spec: { type: 'object', properties: { containers: { type: 'array', items: reference('Container') } } },
          },
        },
      },
    },
  },
}

/** The document of a path below the root, `` being the index; undefined when there is none. */
export function openapi(path: string): object | undefined {
  if (path === '')
    return {
      paths: Object.fromEntries(
        Object.keys(documents).map((one) => [one, { serverRelativeURL: `/openapi/v3/${one}` }]),
      ),
    }
  const schemas = documents[path]
  return schemas && { openapi: '3.0.0', components: { schemas } }
}
