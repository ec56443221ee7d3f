/**
 * The layers (ARCHITECTURE.md, "Folders") as data: a folder may import itself, what its entry names (a prefix covers its subfolders), and
 * the packages and `node:` modules that `packages` allows. The longest matching folder decides.
 */
export interface Layer {
  folder: string
  /** Folders this one may import, besides itself. */
  needs: string[]
  /** Packages: `*` any, `node:*` Node's own, or names. Types-only imports of `#types` and `#generated` are always allowed. */
  packages: string[]
}

const machinery = 'src-kube/machinery'
const kinds = 'src-kube/kinds'
const client = 'src-kube/client'
const runtime = 'src-kube/runtime'
const kube = [machinery, kinds, client, runtime]
const wire = 'src-wire'
const cp = 'src-main/controlplane'

export const layers: Layer[] = [
  { folder: machinery, needs: [], packages: ['fast-json-patch', 'js-yaml', 'yaml'] },
  { folder: kinds, needs: [machinery], packages: [] },
  { folder: client, needs: [machinery, kinds], packages: [] },
  { folder: runtime, needs: [machinery, kinds, client], packages: [] },
  { folder: `${wire}/trace`, needs: [], packages: [] },
  { folder: wire, needs: kube, packages: ['node:*', 'ws'] },
  {
    folder: `${cp}/pki`,
    needs: [machinery, `${cp}/store/durable-file.ts`],
    packages: ['node:*', '@peculiar/x509', 'reflect-metadata', 'jose'],
  },
  { folder: `${cp}/store`, needs: [machinery], packages: ['node:*'] },
  { folder: `${cp}/store/etcd`, needs: [machinery, `${cp}/store`], packages: ['node:*'] },
  {
    folder: `${cp}/registry`,
    needs: [machinery, kinds, client, `${cp}/store`, `${cp}/admission/admission.ts`],
    packages: ['node:*'],
  },
  { folder: `${cp}/admission`, needs: [machinery, kinds], packages: ['node:*'] },
  {
    folder: `${cp}/apiserver`,
    needs: [...kube, wire, `${cp}/admission`, `${cp}/registry`, `${cp}/pki`, `${cp}/store`],
    packages: ['node:*', 'ws', 'jose', 'js-yaml', 'pino'],
  },
  { folder: `${cp}/bootstrap`, needs: [machinery, kinds, client], packages: ['node:*'] },
  { folder: `${cp}/scheduler`, needs: kube, packages: [] },
  { folder: `${cp}/controllers`, needs: kube, packages: ['node:crypto'] },
  { folder: `${cp}/cloud`, needs: [...kube, wire], packages: ['node:*', 'dockerode'] },
  { folder: cp, needs: [...kube, wire], packages: ['node:*', 'dockerode', 'pino'] },
  {
    folder: 'src-main/cluster',
    needs: [...kube, wire, cp],
    packages: ['node:*', 'dockerode', 'tar-stream', 'js-yaml', 'pino', 'yaml'],
  },
  {
    folder: 'src-main/gateway',
    needs: [...kube, wire, 'src-main/cluster'],
    packages: ['node:*', 'ws', 'js-yaml', 'pino'],
  },
  {
    folder: 'src-main/cli',
    needs: [...kube, wire, 'src-main/cluster', 'src-main/gateway', cp],
    packages: ['node:*', 'pino'],
  },
  { folder: 'src-main/settings', needs: [], packages: ['node:*'] },
  { folder: 'src-main/preload', needs: [], packages: ['electron'] },
  {
    folder: 'src-main/app',
    needs: ['src-main/cluster', 'src-main/gateway', 'src-main/settings', 'src-main/cli', cp, wire],
    packages: ['node:*', 'electron', 'pino'],
  },
  { folder: 'src-node/host', needs: [machinery], packages: ['node:*'] },
  {
    folder: 'src-node/kubelet',
    needs: [...kube, wire, 'src-node/host'],
    packages: ['node:*', 'dockerode', 'tar-stream', '@grpc/grpc-js'],
  },
  { folder: 'src-node/proxy', needs: [...kube, 'src-node/host'], packages: ['node:*'] },
  { folder: 'src-node/policy', needs: [...kube, wire, 'src-node/host'], packages: ['node:*'] },
  { folder: 'src-node/flannel', needs: [...kube, 'src-node/host'], packages: ['node:*'] },
  {
    folder: 'src-node/trace',
    needs: [machinery, `${wire}/trace`, 'src-node/host'],
    packages: ['node:*', 'dns-packet'],
  },
  { folder: 'src-node/dns', needs: [...kube, 'src-node/host'], packages: ['node:*', 'dns-packet'] },
  {
    folder: 'src-node',
    needs: [...kube, wire],
    packages: ['node:*', 'dockerode', 'pino', '@peculiar/x509', 'reflect-metadata'],
  },
  { folder: 'src-ingress/plan', needs: [machinery], packages: ['node:crypto'] },
  { folder: 'src-ingress/host', needs: ['src-ingress/plan'], packages: ['node:*', 'dns-packet'] },
  { folder: 'src-ingress', needs: [...kube, wire, 'src-node/polyfills.ts'], packages: ['node:*'] },
  { folder: 'src-renderer', needs: [machinery, kinds, 'src-wire/gateway', `${wire}/trace`], packages: ['*'] },
]

/** Files longer than 400 lines, each with its reason. */
export const longFiles: Record<string, string> = {}
