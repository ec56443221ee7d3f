import type { Host } from '../../host/index.ts'

/** What became of a container meanwhile, or a kernel with the first version of control groups, which has no such thing. */
const gone = new Set(['ENOENT', 'ESRCH', 'ENODEV'])

/**
 * Has the kernel end all processes of a container when one of them uses more memory than there is, as upstream's kubelet does (kubernetes.io,
 * "Kubelet Configuration: singleProcessOOMKill"): what is left of it would go on without a part. The engine has no option for that; `pid` is
 * of any of its processes.
 */
export async function endTogether(host: Pick<Host, 'readFile' | 'writeFile'>, pid: number): Promise<void> {
  try {
    const group = /^0::(\/.+)$/m.exec(await host.readFile(`/proc/${pid}/cgroup`))?.[1]
    // A way up is a group outside of the node's own.
    if (!group || group.includes('/..')) return
    await host.writeFile(`/sys/fs/cgroup${group}/memory.oom.group`, '1')
  } catch (error) {
    if (!gone.has((error as NodeJS.ErrnoException).code ?? '')) throw error
  }
}
