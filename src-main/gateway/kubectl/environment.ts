/** What kubectl and helm are given of this machine, and where they find the cluster. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { ClusterConnection } from '../cluster-actions.ts'
import { thisMachine, type Machine } from '../find-program.ts'
import { kubeconfigOf } from '../kubeconfig-text.ts'

/** Relative paths begin here. */
export const home = homedir

/** Where kubectl works and on what. */
export interface Place {
  connection: ClusterConnection
  /** Of the context: taken where the words name none. */
  namespace: string
}

/** Who one is, how one writes, where certificates and proxies are, and what Windows cannot do without. */
const KEPT =
  /^(HOME|USER|LOGNAME|LANG|LANGUAGE|LC_\w+|TZ|TMPDIR|SSL_CERT_FILE|SSL_CERT_DIR|KUBERC|KUBECACHEDIR|https?_proxy|no_proxy|HTTPS?_PROXY|NO_PROXY|SystemRoot|SystemDrive|USERPROFILE|HOMEDRIVE|HOMEPATH|APPDATA|LOCALAPPDATA|TEMP|TMP)$/

/**
 * A small environment, with no PATH: kubectl would start whatever is there and called `kubectl-x`, and editors. What it compares with for
 * `diff` is named by its path.
 */
export function environmentFor(
  kubeconfig: string,
  { environment, isProgram }: Machine = thisMachine(),
): NodeJS.ProcessEnv {
  const own = Object.entries(environment).filter(([name]) => KEPT.test(name))
  const diff = ['/usr/bin/diff', '/bin/diff', '/opt/homebrew/bin/diff'].find((path) => isProgram(path))
  return {
    ...Object.fromEntries(own),
    PATH: '',
    KUBECONFIG: kubeconfig,
    ...(diff ? { KUBECTL_EXTERNAL_DIFF: `${diff} -u -N` } : {}),
  }
}

/** Where helm keeps repositories and charts; its own variables name clusters and namespaces as well. */
const KEPT_FOR_HELM =
  /^(XDG_(CACHE|CONFIG|DATA)_HOME|HELM_(CACHE|CONFIG|DATA)_HOME|HELM_(REGISTRY|REPOSITORY)_(CONFIG|CACHE))$/

/** The same for helm, without its plugins: each is a program of its own, and some are run for any address of a chart. */
export function helmEnvironmentFor(kubeconfig: string, machine: Machine = thisMachine()): NodeJS.ProcessEnv {
  const own = Object.entries(machine.environment).filter(([name]) => KEPT_FOR_HELM.test(name))
  const { KUBECTL_EXTERNAL_DIFF: _, ...rest } = environmentFor(kubeconfig, machine)
  return { ...rest, ...Object.fromEntries(own), HELM_PLUGINS: join(dirname(kubeconfig), 'plugins'), NO_COLOR: '1' }
}

/** Lends a kubeconfig that only this user may read and that is gone afterwards. */
export async function withKubeconfig<Result>(
  { connection, namespace }: Place,
  use: (kubeconfig: string) => Promise<Result>,
): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'drydock-kubectl-'))
  try {
    const kubeconfig = join(folder, 'kubeconfig')
    await writeFile(kubeconfig, kubeconfigOf(connection, namespace), { mode: 0o600 })
    return await use(kubeconfig)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
