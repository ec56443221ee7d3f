/** What the tests of faults run: pods that stay where they are, one that moves, two that can be made unready. */

const shell = (script: string) => [{ name: 'c', image: 'busybox', command: ['sh', '-c', script] }]
const ANSWERING = 'mkdir -p /w; hostname > /w/index.html; exec httpd -f -p 8080 -h /w'

/** A web server that answers with its name, bound to a node and tolerating whatever becomes of it. */
export const pinnedServer = (name: string, node: string, labels: Record<string, string> = {}) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 1,
    tolerations: [{ operator: 'Exists' }],
    containers: shell(ANSWERING).map((c) => ({
      ...c,
      readinessProbe: { httpGet: { port: 8080, path: '/' }, periodSeconds: 1 },
    })),
  },
})

/** As {@link pinnedServer}, ready while `/tmp/ok` is there. */
export const switchedServer = (name: string, node: string, labels: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 1,
    containers: shell(`touch /tmp/ok; ${ANSWERING}`).map((c) => ({
      ...c,
      readinessProbe: { exec: { command: ['test', '-f', '/tmp/ok'] }, periodSeconds: 1, failureThreshold: 1 },
    })),
  },
})

/** Asks a URL without end; each line is the kernel's clock and the answer. */
export const asker = (name: string, node: string, url: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name },
  spec: {
    nodeName: node,
    terminationGracePeriodSeconds: 1,
    containers: shell(
      `while :; do a=$(timeout 1 wget -qO- ${url}); read -r t _ </proc/uptime; echo "$t \${a:-none}"; sleep 0.03; done`,
    ),
  },
})

export const service = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name },
  spec: { selector: { app: name }, ports: [{ port: 80, targetPort: 8080 }] },
})

/** One replica that would rather be on the node, and leaves it five seconds after it is lost. */
export function mobileDeployment(name: string, node: string) {
  const leaves = (taint: string) => ({
    key: `node.kubernetes.io/${taint}`,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: 5,
  })
  const preference = { matchFields: [{ key: 'metadata.name', operator: 'In', values: [node] }] }
  const preferred = { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference }] }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 1,
      selector: { matchLabels: { app: name } },
      template: {
        metadata: { labels: { app: name } },
        spec: {
          terminationGracePeriodSeconds: 1,
          tolerations: [leaves('unreachable'), leaves('not-ready')],
          affinity: { nodeAffinity: preferred },
          containers: shell('exec sleep 3600'),
        },
      },
    },
  }
}
