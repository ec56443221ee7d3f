import { existsSync, readFileSync } from 'node:fs'
import { existingCluster } from '../../cluster/attach.ts'
import { adminAccess, kubeconfigFor, mergeIntoUserKubeconfig } from '../../cluster/kubeconfig.ts'
import { UserError } from '../../cluster/user-error.ts'
import type { Verb } from '../verb.ts'

export const kubeconfig: Verb = {
  usage: 'kubeconfig [--merge]',
  summary: "Print the path of the cluster's kubeconfig; --merge adds it to your own and makes it current",
  flags: ['merge'],
  async run(_args, flags, output) {
    const file = existingCluster(flags.name, flags.data).file('kubeconfig')
    if (!existsSync(file))
      throw new UserError(`Cluster "${flags.name}" was never started to the end.`, 'Run `drydock up`.')
    if (!flags.merge) return output.result({ kubeconfig: file }, [file])
    const merged = mergeIntoUserKubeconfig(kubeconfigFor(flags.name, adminAccess(readFileSync(file, 'utf8'))))
    output.result({ kubeconfig: merged }, [merged])
  },
}
