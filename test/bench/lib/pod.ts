/** The pod that benchmarks write: of two containers, about 2.6 KB as stored. */
export const benchPod = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, labels: { app: 'bench', tier: 'web' }, annotations: { note: 'x'.repeat(400) } },
  spec: {
    containers: [1, 2].map((i) => ({
      name: `c${i}`,
      image: 'registry.example.com/team/app:1.2.3',
      env: Array.from({ length: 8 }, (_, n) => ({ name: `VARIABLE_${n}`, value: `value of ${n}` })),
      ports: [{ containerPort: 8000 + i }],
      resources: { requests: { cpu: '100m', memory: '64Mi' } },
    })),
  },
})
