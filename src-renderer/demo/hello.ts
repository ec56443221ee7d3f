/** The hello demo: three small web servers that tell which node answers, and one address of this desktop for all of them. */
import type { KubeObject } from '../../src-kube/machinery/meta.ts'
import { desktopPortsOf } from '../detail/desktop-ports.ts'
import { needsAttention, podHealth, type Health } from '../kinds/health.ts'
import { numberAt } from '../kinds/view.ts'

/** Of all that the demo makes. */
export const helloName = 'hello'
export const helloNamespace = 'default'
/** Marks it, so that nothing else of that name is taken for it. */
export const helloLabel = 'drydock.dev/demo'

const page = '<h1>Hello from $NODE</h1><p>pod $POD</p>'

export const helloManifest = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${helloName}
  namespace: ${helloNamespace}
  labels: { ${helloLabel}: hello }
spec:
  replicas: 3
  selector:
    matchLabels: { app: ${helloName} }
  template:
    metadata:
      labels: { app: ${helloName} }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: ${helloName}
          image: busybox
          command: [sh, -c, 'mkdir -p /www && echo "${page}" > /www/index.html && exec httpd -f -p 8080 -h /www']
          env:
            - name: NODE
              valueFrom: { fieldRef: { fieldPath: spec.nodeName } }
            - name: POD
              valueFrom: { fieldRef: { fieldPath: metadata.name } }
          ports:
            - containerPort: 8080
          readinessProbe:
            httpGet: { path: /, port: 8080 }
            periodSeconds: 1
---
apiVersion: v1
kind: Service
metadata:
  name: ${helloName}
  namespace: ${helloNamespace}
  labels: { ${helloLabel}: hello }
spec:
  type: NodePort
  selector: { app: ${helloName} }
  ports:
    - port: 80
      targetPort: 8080
`

/** How far the example application has come, from its objects in the cluster. */
export interface HelloState {
  stage: 'absent' | 'starting' | 'ready'
  ready: number
  wanted: number
  /** Where it answers once it is ready. */
  url?: string
  /** What keeps a pod of it from starting. */
  trouble?: Health
}

/** How far the demo is, from its objects; what has its name but not its mark is not the demo. */
export function helloState(
  deployment: KubeObject | undefined,
  service: KubeObject | undefined,
  pods: Iterable<KubeObject>,
): HelloState {
  const wanted = numberAt(deployment, 'spec', 'replicas')
  const ready = numberAt(deployment, 'status', 'readyReplicas')
  if (deployment?.metadata.labels?.[helloLabel] === undefined) return { stage: 'absent', ready: 0, wanted: 0 }
  const url = service && desktopPortsOf(service)[0]?.url
  if (ready >= wanted && url) return { stage: 'ready', ready, wanted, url }
  const trouble = [...pods]
    .filter(({ metadata }) => metadata.namespace === helloNamespace && metadata.labels?.['app'] === helloName)
    .map(podHealth)
    .find(needsAttention)
  return { stage: 'starting', ready, wanted, ...(trouble ? { trouble } : {}) }
}
