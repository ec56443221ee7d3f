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

const MACHINERY = 'src-kube/machinery'
const KINDS = 'src-kube/kinds'
const CLIENT = 'src-kube/client'
const RUNTIME = 'src-kube/runtime'
const kube = [MACHINERY, KINDS, CLIENT, RUNTIME]
const WIRE = 'src-wire'
const CP = 'src-main/controlplane'

export const layers: Layer[] = [
  { folder: MACHINERY, needs: [], packages: ['fast-json-patch', 'js-yaml', 're2js', 'yaml'] },
  { folder: KINDS, needs: [MACHINERY], packages: [] },
  { folder: CLIENT, needs: [MACHINERY, KINDS], packages: [] },
  { folder: RUNTIME, needs: [MACHINERY, KINDS, CLIENT], packages: [] },
  { folder: `${WIRE}/trace`, needs: [], packages: [] },
  { folder: WIRE, needs: kube, packages: ['node:*', 'ws'] },
  {
    folder: `${CP}/pki`,
    needs: [MACHINERY, `${CP}/store/durable-file.ts`],
    packages: ['node:*', '@peculiar/x509', 'reflect-metadata', 'jose'],
  },
  { folder: `${CP}/store`, needs: [MACHINERY], packages: ['node:*'] },
  { folder: `${CP}/store/etcd`, needs: [MACHINERY, `${CP}/store`], packages: ['node:*'] },
  {
    folder: `${CP}/registry`,
    needs: [MACHINERY, KINDS, CLIENT, `${CP}/store`, `${CP}/admission/admission.ts`],
    packages: ['node:*'],
  },
  { folder: `${CP}/admission`, needs: [MACHINERY, KINDS], packages: ['node:*'] },
  {
    folder: `${CP}/apiserver`,
    needs: [...kube, WIRE, `${CP}/admission`, `${CP}/registry`, `${CP}/pki`, `${CP}/store`],
    packages: ['node:*', 'ws', 'jose', 'js-yaml', 'pino'],
  },
  { folder: `${CP}/bootstrap`, needs: [MACHINERY, KINDS, CLIENT], packages: ['node:*'] },
  { folder: `${CP}/scheduler`, needs: kube, packages: [] },
  { folder: `${CP}/controllers`, needs: kube, packages: ['node:crypto'] },
  { folder: `${CP}/cloud`, needs: [...kube, WIRE], packages: ['node:*', 'dockerode'] },
  { folder: CP, needs: [...kube, WIRE], packages: ['node:*', 'dockerode', 'pino'] },
  {
    folder: 'src-main/cluster',
    needs: [...kube, WIRE, CP],
    packages: ['node:*', 'dockerode', 'tar-stream', 'js-yaml', 'pino', 'yaml'],
  },
  {
    folder: 'src-main/gateway',
    needs: [...kube, WIRE, 'src-main/cluster'],
    packages: ['node:*', 'ws', 'js-yaml', 'pino'],
  },
  {
    folder: 'src-main/cli',
    needs: [...kube, WIRE, 'src-main/cluster', 'src-main/gateway', CP],
    packages: ['node:*', 'pino'],
  },
  { folder: 'src-main/settings', needs: [], packages: ['node:*'] },
  { folder: 'src-main/preload', needs: [], packages: ['electron'] },
  {
    folder: 'src-main/app',
    needs: ['src-main/cluster', 'src-main/gateway', 'src-main/settings', 'src-main/cli', CP, WIRE],
    packages: ['node:*', 'electron', 'pino'],
  },
  { folder: 'src-node/host', needs: [MACHINERY], packages: ['node:*'] },
  {
    folder: 'src-node/kubelet',
    needs: [...kube, WIRE, 'src-node/host'],
    packages: ['node:*', 'dockerode', 'tar-stream', '@grpc/grpc-js'],
  },
  { folder: 'src-node/proxy', needs: [...kube, 'src-node/host'], packages: ['node:*'] },
  { folder: 'src-node/policy', needs: [...kube, WIRE, 'src-node/host'], packages: ['node:*'] },
  { folder: 'src-node/flannel', needs: [...kube, 'src-node/host'], packages: ['node:*'] },
  {
    folder: 'src-node/trace',
    needs: [MACHINERY, `${WIRE}/trace`, 'src-node/host'],
    packages: ['node:*', 'dns-packet'],
  },
  { folder: 'src-node/dns', needs: [...kube, 'src-node/host'], packages: ['node:*', 'dns-packet'] },
  {
    folder: 'src-node',
    needs: [...kube, WIRE],
    packages: ['node:*', 'dockerode', 'pino', '@peculiar/x509', 'reflect-metadata'],
  },
  { folder: 'src-ingress/plan', needs: [MACHINERY], packages: ['node:crypto'] },
  { folder: 'src-ingress/host', needs: ['src-ingress/plan'], packages: ['node:*', 'dns-packet'] },
  { folder: 'src-ingress', needs: [...kube, WIRE, 'src-node/polyfills.ts'], packages: ['node:*'] },
  { folder: 'src-renderer', needs: [MACHINERY, KINDS, 'src-wire/gateway', `${WIRE}/trace`], packages: ['*'] },
]

/** Files longer than 400 lines, each with its reason. */
export const longFiles: Record<string, string> = {}
