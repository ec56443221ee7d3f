import { badRequest } from '../../../../src-kube/machinery/errors.ts'
import { acceptCommand } from '../../../../src-wire/remote/accept-command.ts'
import { runCommand } from '../../../../src-wire/remote/run-command.ts'
import { parseExecOptions } from '../../../../src-wire/tunnel/node-paths.ts'
import type { StreamingOptions, UpgradeRequest } from './index.ts'
import { connectionTo, containerTarget, nodeOf, readPod } from './pod-target.ts'

/** `pods/exec` and `pods/attach`. What can be refused is refused before the upgrade; later failures go to the error channel. */
export async function runRemoteCommand(reach: StreamingOptions, call: UpgradeRequest): Promise<void> {
  const pod = await readPod(reach.read, call.namespace, call.name)
  const options = parseExecOptions(call.query)
  // With a terminal there is one output: its own.
  if (options.tty) options.stderr = false
  if (!options.stdin && !options.stdout && !options.stderr) {
    throw badRequest('you must specify at least 1 of stdin, stdout, stderr')
  }
  const isExec = call.subresource === 'exec'
  if (isExec && options.command.length === 0)
    throw badRequest('you must specify at least one command for the container')
  const target = containerTarget(pod, call.query.get('container'))
  const node = await connectionTo(reach, nodeOf(pod))
  const channels = await acceptCommand(call, options)
  await runCommand(channels, () => (isExec ? node.exec(target, options) : node.attach(target, options)))
}
